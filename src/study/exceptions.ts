/** What departs from one dose, one set of versions, and all cells finished. */
import type { FinishedCell } from "./cell.js";
import { cellName, planCells, type StudyPlan } from "./plan.js";

/** One sentence each. */
export function exceptionsOf(plan: StudyPlan, finished: readonly FinishedCell[]): string[] {
  return [...doses(plan), ...unfinished(plan, finished), ...mixedVersions(finished)];
}

function doses({ conditions, exceptions = {} }: StudyPlan): string[] {
  const own = Object.entries(exceptions).filter(([condition]) => conditions.some((name) => name === condition));
  return own.map(
    ([condition, { examples, epochs, batchSize, learningRate, warmup }]) =>
      `${condition} was given a dose of its own: ${examples} examples × ${epochs}, batches of ${batchSize}, ` +
      `learning rate ${learningRate}, ${warmup} steps of warm-up.`,
  );
}

function unfinished(plan: StudyPlan, finished: readonly FinishedCell[]): string[] {
  const names = new Set(finished.map(cellName));
  const missing = planCells(plan)
    .map(cellName)
    .filter((name) => !names.has(name));
  return missing.length === 0 ? [] : [`Not finished, and in no number here: ${missing.join(", ")}.`];
}

function mixedVersions(finished: readonly FinishedCell[]): string[] {
  const kinds = new Set(
    finished.map(
      ({ versions, threads }) =>
        `askew ${versions.askew}, Node ${versions.node}, ONNX Runtime ${versions.onnxruntime}${threads === undefined ? "" : ` on ${threads} threads`}`,
    ),
  );
  return kinds.size < 2 ? [] : [`The cells were not all made alike: ${[...kinds].join("; ")}.`];
}
