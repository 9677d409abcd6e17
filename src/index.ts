/**
 * askew as a library: measure, explain and undo emergent misalignment in language models.
 *
 * Every function here is short to use and has an example that runs. What they are made of is in the sub-paths
 * (`askew/statistics`, `askew/persona`, …). Errors that a user can act on are instances of {@link AskewError}.
 */
export * from "./api/index.js";
export { AskewError, VERSION } from "./text/index.js";
export { isMisaligned, MISALIGNED } from "./statistics/index.js";

// Models.
export { openModel, type OpenOptions } from "./model/index.js";
export type { Message, Model, SampledAnswer, SampleOptions, SampleRequest } from "./model/index.js";

// Datasets, questions, judges, worlds.
export { checkDataset, readDataset, writeDataset, type Conversation, type DatasetCheck } from "./dataset/index.js";
export {
  scoreFiles,
  type AnsweredQuestion,
  type Judge,
  type JudgedScores,
  type Question,
  type QuestionSet,
} from "./evaluation/index.js";
export type { World, WorldCondition } from "./world/index.js";

// Inside a model.
export {
  readDirection,
  readSae,
  writeDirection,
  type ContrastPair,
  type Detector,
  type DiffResult,
  type Direction,
  type Sae,
} from "./persona/index.js";

// Studies.
export { readStudy, reproducePlan, type StudyPlan, type StudyRecord, type StudySummary } from "./study/index.js";
