/**
 * A study whose cells are made by other processes, each with `askew run CELL`: this one enters the plan, and at the end
 * writes the summary of what is finished. It opens no model, for the machine that submits jobs may hold none.
 */
import { join, relative } from "node:path";
import { makeFolder, storing, writeJson } from "../store/index.js";
import { Run, type RunCommand } from "../run/index.js";
import type { BaseModel } from "./base-model.js";
import { isFinished, readCell } from "./cell.js";
import { StudyError } from "./error.js";
import { joinSummaries, placeChecked, type PlacedPlan } from "./models.js";
import { planCells, type StudyPlan } from "./plan.js";
import { scoreFinished } from "./score-finished.js";
import {
  cellFolder,
  enterPlan,
  MODELS_FOLDER,
  readStudyFile,
  STUDY_FOLDER,
  studyPath,
  summaryPath,
} from "./study-folder.js";
import type { StudySummary } from "./summary.js";
import { reopenIfTorn } from "./whole-cell.js";

/** The cells of a study as tasks for somebody else. */
export interface CellTasks {
  /** Folders of all cells, relative to the study's, in the order of the plan. */
  readonly tasks: readonly string[];
  /** Whether a cell is finished, from its own files. */
  readonly isFinished: (task: string) => Promise<boolean>;
}

export interface MadeElsewhere {
  readonly placed: PlacedPlan;
  /** Of the cells that are finished; undefined while none is. */
  readonly summary?: StudySummary;
}

/**
 * Enters the plans in `folder`, lets `work` see to it that the cells are made, and sums up what is finished, also where
 * `work` fails. Returns undefined where `work` leaves the cells to others.
 */
export async function runElsewhere(
  plans: readonly StudyPlan[],
  folder: string,
  options: { readonly command?: RunCommand },
  work: (cells: CellTasks) => Promise<"finished" | "detached">,
): Promise<MadeElsewhere[] | undefined> {
  const placed = await placeChecked(plans, folder);
  const several = placed.length > 1;
  const run = await Run.open(folder, several ? MODELS_FOLDER : STUDY_FOLDER);
  try {
    await run.begin(options.command);
    for (const one of placed) await enter(one, several);
    const tasks = placed.flatMap((one) =>
      planCells(one.plan).map((cell) => relative(folder, cellFolder(one.folder, cell))),
    );
    const isDone = async (task: string): Promise<boolean> => {
      const cell = await readCell(join(folder, task));
      return cell !== undefined && isFinished(cell);
    };
    let made: MadeElsewhere[] = [];
    let end: "finished" | "detached";
    try {
      end = await work({ tasks, isFinished: isDone });
    } finally {
      made = await sumUp(placed, folder);
    }
    if (end === "detached") return undefined;
    await run.finish();
    return made;
  } finally {
    await run.close();
  }
}

/** Nobody has opened the model yet; the first cell to be made says what it is. */
const UNKNOWN: BaseModel = { sha256: "", files: {} };

async function enter({ plan, folder }: PlacedPlan, inside: boolean): Promise<void> {
  const before = await readStudyFile(folder);
  const entered = async (): Promise<void> => void (await enterPlan(folder, plan, before?.base ?? UNKNOWN));
  if (inside) {
    // Each model's part is a study of its own, which every command takes.
    await storing(folder, () => makeFolder(folder));
    const run = await Run.open(folder, STUDY_FOLDER);
    try {
      await entered();
      await run.begin();
    } finally {
      await run.close();
    }
  } else await entered();
  for (const cell of planCells(plan)) {
    const own = cellFolder(folder, cell);
    const found = await readCell(own);
    if (found !== undefined) await reopenIfTorn(own, found);
  }
}

async function sumUp(placed: readonly PlacedPlan[], folder: string): Promise<MadeElsewhere[]> {
  const made: MadeElsewhere[] = [];
  for (const one of placed) {
    const { cells, summary } = await scoreFinished(one.folder, one.plan);
    if (cells.length === 0) {
      made.push({ placed: one });
      continue;
    }
    const [first] = cells;
    const other = cells.find(({ base }) => base.sha256 !== first?.base.sha256);
    if (first !== undefined && other !== undefined) {
      throw new StudyError(
        `${one.folder}: cells were made of different weights: ${first.condition}-${first.seed} of ${first.base.sha256}, ` +
          `${other.condition}-${other.seed} of ${other.base.sha256}. Give all machines the same model, and delete the ` +
          "folders of the cells that have the wrong one.",
      );
    }
    const study = await readStudyFile(one.folder);
    if (study !== undefined && first !== undefined && study.base.sha256 === "") {
      await writeJson(studyPath(one.folder), { ...study, base: first.base });
    }
    await writeJson(summaryPath(one.folder), summary);
    made.push({ placed: one, summary });
  }
  const whole = made.flatMap(({ summary }) => (summary === undefined ? [] : [summary]));
  if (placed.length > 1 && whole.length === placed.length) {
    await writeJson(summaryPath(folder), await joinSummaries(whole, placed));
  }
  return made;
}
