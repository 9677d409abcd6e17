/** What tests look into; no part of the package's interface. */
export { StudyError } from "./error.js";
export { cellName, planCells, askedSet } from "./plan.js";
export { parsePlannedStudy, StudyFileError } from "./file/read.js";
export { WorkLeft } from "./work-left.js";
export { sideBySide } from "./side-by-side.js";
export type { Arm, Choice } from "./experiment/experiment.js";
export { COHERENT, RATE } from "./experiment/measures.js";
export { training, type TrainingMaking } from "./experiment/training.js";
export { readPersona } from "./experiment/persona-reading.js";
export type { ExperimentRow } from "./experiment/rows.js";
export { isAbove, summarize } from "./experiment/summary.js";
export type { PointMetric } from "./experiment/found.js";
export { correlationOver } from "./experiment/correlations.js";
export { matchedLengths, wordsOf } from "./experiment/matched-lengths.js";
export { answerLosses, widestGaps } from "./experiment/perplexity-gap.js";
export { questionDistances } from "./experiment/question-distance.js";
