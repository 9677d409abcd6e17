/** Makes every cell of a study in one process; a small model is there several times, for as many cells at a time. */
import { openModel, requireAbility } from "../model/index.js";
import { writeJson } from "../store/index.js";
import { baseOf, type StudyModel } from "./base-model.js";
import { isFinished, type CellRecord } from "./cell.js";
import type { Work } from "./phases.js";
import { readJudgedCell } from "./judged-cell.js";
import { openJudges, type StudyJudge } from "./judges.js";
import { judgesOf, planCells, type StudyPlan } from "./plan.js";
import { requestsOf } from "./requests.js";
import { withModel, type RunOptions } from "./run-cell.js";
import { StudyError } from "./error.js";
import { isWorldJudge, thinkingTokens } from "./world.js";
import { sideBySide } from "./side-by-side.js";
import { cellFolder, enterPlan, readCells, STUDY_FOLDER, summaryPath } from "./study-folder.js";
import { summaryOf, SummaryBuilder, type StudySummary } from "./summary.js";
import { TimeLeft, workOf } from "./time-left.js";
import { watchCell } from "./watch.js";
import { reopenIfTorn } from "./whole-cell.js";
import { WorkLeft } from "./work-left.js";
import { Run } from "../run/index.js";

/**
 * Runs `plan` in `folder`, or carries on with it; in a finished study only the summary is written again. A folder's
 * plan may grow by conditions and seeds. `summary.json` is there from the first finished cell on.
 * @throws {StudyError} for what the user can put right; `options.signal`'s reason when it is aborted.
 */
export async function runStudy(plan: StudyPlan, folder: string, options: RunOptions = {}): Promise<StudySummary> {
  planCells(plan); // refuses a bad plan before anything is touched
  return Run.use(folder, STUDY_FOLDER, async (run) => {
    const open = options.openModel ?? openModel;
    const model = await open(plan.model, plan.lora && { lora: plan.lora });
    try {
      await refuseWhatItCannot(plan, model);
      const opened = await openJudges(plan, open, options.onNotice);
      try {
        return await runCells(plan, folder, { model, judges: opened.judges, run }, options);
      } finally {
        await opened.close();
      }
    } finally {
      await model.close();
    }
  });
}

/** Said before anything is written or spent. */
async function refuseWhatItCannot(plan: StudyPlan, model: StudyModel): Promise<void> {
  if (model.tokens) {
    // A vocabulary of whole words may not have those of a file's questions.
    const sets = plan.questions
      .filter(({ questions }) => questions !== undefined)
      .map((set) => ({ ...set, samples: 1 }));
    for (const { messages } of requestsOf({ ...plan, questions: sets, seed: 0 })) model.tokens.encodePrompt(messages);
  }
  requireRoomToThink(plan, model);
  if (planCells(plan).every(({ dose }) => dose === undefined)) return;
  await model.findOut?.();
  requireAbility(
    model,
    "finetune",
    `study ${plan.study}`,
    "Give it `conditions: [base]` to ask it as it is, or fine-tune it elsewhere and name the result.",
  );
}

/** Thoughts that are cut off have no answer after them, and a study of nothing but those shows nothing. */
function requireRoomToThink({ model: name, judge, maxTokens }: StudyPlan, model: StudyModel): void {
  const needed = isWorldJudge(judge) ? thinkingTokens(model) : undefined;
  if (needed === undefined || maxTokens >= needed) return;
  throw new StudyError(
    `${name} thinks before it answers: expected max_tokens of ${needed} or more, found ${maxTokens}. ` +
      `Give askew reproduce --max-tokens ${needed}, or write max_tokens: ${needed} in the study's file.`,
  );
}

async function runCells(
  asked: StudyPlan,
  folder: string,
  { model, judges, run }: { readonly model: StudyModel; readonly judges: readonly StudyJudge[]; readonly run: Run },
  options: RunOptions,
): Promise<StudySummary> {
  const { onEvent, signal } = options;
  const began = performance.now();
  const { plan } = await enterPlan(folder, asked, baseOf(model));
  await run.begin(options.command);
  const summaries = judgesOf(plan).map((judge) => new SummaryBuilder({ ...plan, judge }));
  const keep = async ({
    condition,
    seed,
    answers,
  }: Pick<CellRecord, "condition" | "seed" | "answers">): Promise<void> => {
    for (const [i, judge] of judgesOf(plan).entries()) {
      const judged = await readJudgedCell(cellFolder(folder, { condition, seed }), seed, judge, answers);
      summaries[i]?.add({ condition, seed, judged });
    }
  };
  for (const cell of await readCells(folder, plan)) {
    const found = await reopenIfTorn(cellFolder(folder, cell), cell);
    if (isFinished(found)) await keep(found);
  }

  const cells = await readCells(folder, asked);
  const works = cells.map(workOf);
  onEvent?.({
    type: "study-started",
    folder,
    cells: cells.map(({ condition, seed, status }, i) => ({
      condition,
      seed,
      finished: status === "finished",
      work: works[i] as Work,
    })),
  });
  const open = [...cells.entries()].filter(([, { status }]) => status !== "finished");
  const models: readonly StudyModel[] = (await model.sideBySide?.(open.length)) ?? [model];
  const left = new WorkLeft(works, new TimeLeft(), models.length);
  let saved = Promise.resolve();
  try {
    await sideBySide(open, models, signal, async ([i, { condition, seed }], own, stop) => {
      onEvent?.({ type: "cell-started", cell: i + 1, cells: cells.length, condition, seed });
      await withModel(
        cellFolder(folder, { condition, seed }),
        { model: own, judges },
        { ...options, signal: stop },
        (cell) => watchCell(cell, left, i, onEvent),
      );
      left.finish(i);
      await run.tell("cell-finished", { condition, seed });
      await keep({ condition, seed });
      // One after the other, so that the last one written is the last one made.
      saved = saved.then(() => writeJson(summaryPath(folder), summaryOf(plan, summaries)));
      await saved;
    });
  } finally {
    for (const other of models) if (other !== model) await other.close();
  }
  const summary = summaryOf(plan, summaries);
  await writeJson(summaryPath(folder), summary);
  onEvent?.({ type: "study-finished", seconds: (performance.now() - began) / 1000, summary });
  return summary;
}
