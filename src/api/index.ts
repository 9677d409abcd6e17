/** The front door of the library: plain functions over the rooms below. */
export { ask, type Answer, type AskOptions } from "./ask.js";
export { buildDataset, type BuildDatasetOptions } from "./build-dataset.js";
export { finetune, type Finetuned, type FinetuneOptions } from "./finetune.js";
export { judge, type Judged } from "./judge.js";
export { openJudge, type OpenJudgeOptions } from "./open-judge.js";
export { openWorld } from "./open-world.js";
export { readQuestions } from "./read-questions.js";
export { runStudy, type RunStudyOptions } from "./run-study.js";
export { score, type Countable, type Score } from "./score.js";
export { diff, type DiffOptions } from "./diff.js";
export { findDirection, type FindDirectionOptions } from "./find-direction.js";
export { steer, type Measured, type Steered, type SteerOptions } from "./steer.js";
export { watch, type Watched, type WatchOptions } from "./watch.js";
