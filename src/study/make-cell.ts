/**
 * Makes a cell: dataset, fine-tune, answers, judgments. Each phase looks at what is on the disk and does only what is
 * missing, so a cell can be stopped anywhere, killed included, and ends with the same bytes.
 */
import type { Metrics } from "../evaluation/index.js";
import { askQuestions } from "./ask.js";
import { writeCell, type CellRecord } from "./cell.js";
import { buildCellDataset } from "./cell-dataset.js";
import type { CellWork } from "./cell-work.js";
import { judgeAnswers } from "./judge-answers.js";
import { metricsOfCell } from "./judged-cell.js";
import { PHASES, type Phase } from "./phases.js";
import { train } from "./train.js";
import { versionsHere } from "./versions.js";

/** Returns the finished record. */
export async function makeCell(work: CellWork): Promise<CellRecord> {
  const { folder, model } = work;
  let cell: CellRecord = {
    ...work.cell,
    versions: versionsHere(),
    ...(model.threads !== undefined && { threads: model.threads }),
    startedAt: work.cell.startedAt ?? new Date().toISOString(),
  };
  const run: Record<Phase, (now: CellWork) => Promise<Partial<CellRecord>>> = {
    dataset: buildCellDataset,
    finetune: train,
    ask: askTrained,
    judge: judgeAnswers,
  };
  for (const phase of PHASES) {
    const began = performance.now();
    const save = async (made: Partial<CellRecord>): Promise<void> => {
      const spent = (cell.seconds[phase] ?? 0) + (performance.now() - began) / 1000;
      cell = Object.assign({}, cell, made, { seconds: { ...cell.seconds, [phase]: spent } });
      await writeCell(folder, cell);
    };
    try {
      await work.run.tell("phase-started", { phase });
      await save(await run[phase]({ ...work, cell }));
      await work.run.tell("phase-finished", { phase });
    } catch (error) {
      // The time was spent all the same; if the disk is what failed, the first error is the one to show.
      await save({}).catch(() => undefined);
      throw error;
    }
  }
  const metrics: Readonly<Record<string, Metrics>> = await metricsOfCell(folder, cell.seed, cell.judge);
  cell = { ...cell, status: "finished", finishedAt: new Date().toISOString(), metrics };
  await writeCell(folder, cell);
  return cell;
}

/** Training in this process leaves its result in the model; a server's is a model of its own. */
async function askTrained(work: CellWork): Promise<Partial<CellRecord>> {
  const { served } = work.cell;
  if (served === undefined) return askQuestions(work);
  const model = await work.openModel(served);
  try {
    return await askQuestions({ ...work, model });
  } finally {
    await model.close();
  }
}
