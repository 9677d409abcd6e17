/** Cells, plans, the runner, artifacts on disk, resume. */
export { StudyError } from "./error.js";
export { DOSE } from "./dose.js";
export { doseOf, hyperparametersFor, type Hyperparameters } from "./hyperparameters.js";
export {
  cellName,
  judgesOf,
  planCells,
  STUDY_CONDITIONS,
  type CellPlan,
  type CellSet,
  type Judging,
  type PlannedSet,
  type StudyCondition,
  type StudyPlan,
  askedSet,
} from "./plan.js";
export { REPRODUCE_AIMS, type Aim } from "./aims.js";
export { reproducePlan, type ReproduceOptions } from "./reproduce.js";
export { runStudy } from "./run-study.js";
export { parsePlannedStudy, readPlannedStudy, StudyFileError } from "./file/read.js";
export type { PlannedStudy } from "./file/plans.js";
export { studyJsonSchema } from "./file/schema.js";
export { REAL_STUDY_TEMPLATE } from "./file/real-template.js";
export { STUDY_TEMPLATE } from "./file/template.js";
export {
  foresee,
  joinSummaries,
  placePlans,
  runPlans,
  type ForeseenCell,
  type BetweenRow,
  type ModelsSummary,
  type PlacedPlan,
} from "./models.js";
export type { StudyModel } from "./base-model.js";
export { runCell, type RunOptions } from "./run-cell.js";
export { finishedCells, openCellModel } from "./cell-model.js";
export { inParts } from "./parts.js";
export { placeOf } from "./question-place.js";
export { readStudy, type StudyRecord, type TrainingCurve } from "./read-study.js";
export type { JudgedAnswer, SampledAnswers, Sampling } from "./answer-sample.js";
export type { AnswerRow } from "./answer-row.js";
export type { JudgmentRow } from "./judge-answers.js";

export { TimeLeft } from "./time-left.js";
export { WorkLeft } from "./work-left.js";
export { firstCells, USUAL_STUDIES } from "./model-names.js";
export { sideBySide } from "./side-by-side.js";
export type { CellKey, StudyEvent } from "./events.js";
export { PHASES, type Phase, type Work } from "./phases.js";
export { readCell, type CellRecord, type FinishedCell } from "./cell.js";
export type { Versions } from "./versions.js";
export type { ChangeRow, JudgeSummary, StudySummary, SummaryRow } from "./summary.js";

// Experiments: studies of what a plan of conditions cannot vary.
export { EXPERIMENTS } from "./experiment/experiments.js";
export type {
  Arm,
  Candidate,
  Choice,
  Experiment,
  ExperimentWish,
  MakeOptions,
  Making,
  Point,
} from "./experiment/experiment.js";
export { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED, type Axis, type Measure } from "./experiment/measures.js";
export { training, untrained, type Training, type TrainingMaking } from "./experiment/training.js";
export type { TrialSummary } from "./experiment/found.js";
export { readPersona, type PersonaReading } from "./experiment/persona-reading.js";
export { runExperiment } from "./experiment/run.js";
export type { ExperimentRow } from "./experiment/rows.js";
export { isAbove } from "./experiment/summary.js";
export type { ExperimentSummary, PointMetric, PointSummary } from "./experiment/found.js";
export { watchedFinetune, type Watched, type WatchedEnd, type WatchedVerdict } from "./watched-finetune.js";
