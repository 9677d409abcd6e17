/** Cells, plans, the runner, artifacts on disk, resume. */
export { isLarge, USUAL_RANK, USUAL_TRAINING, usualParts, usualTrainingOf } from "./usual-training.js";
export { headersOf, namedHeadersOf } from "./model-headers.js";
export { trainingConfigOf, hyperparametersFor } from "./hyperparameters.js";
export { judgesOf, STUDY_CONDITIONS, type StudyCondition, type StudyPlan } from "./plan.js";
export { CONTROL_WORLD_AIMS, REPRODUCE_AIMS, type Aim } from "./aims.js";
export { reproducePlan } from "./reproduce.js";
export { runStudy } from "./run-study.js";
export { readPlannedStudy } from "./file/read.js";
export type { PlannedJobs, PlannedStudy } from "./file/plans.js";
export { readJobsFile } from "./file/read-jobs.js";
export { studyJsonSchema } from "./file/schema.js";
export { REAL_STUDY_TEMPLATE } from "./file/real-template.js";
export { STUDY_TEMPLATE } from "./file/template.js";
export { adoptCells, type Adopted } from "./adopt.js";
export { runElsewhere, type MadeElsewhere } from "./elsewhere.js";
export { foresee, joinSummaries, placePlans, runPlans, type ForeseenCell, type ModelsSummary } from "./models.js";
export { runCell, type RunOptions } from "./run-cell.js";
export { finishedCells, openCellModel } from "./cell-model.js";
export { inParts } from "./parts.js";
export { placeOf } from "./question-place.js";
export { measuresFor } from "./world.js";
export { readStudy, type StudyRecord } from "./read-study.js";
export type { JudgedAnswer, Sampling } from "./answer-sample.js";

export { TimeLeft, workOf } from "./time-left.js";
export { firstCells, USUAL_STUDIES } from "./model-names.js";
export type { CellKey, StudyEvent } from "./events.js";
export { PHASES, type Phase, type Work } from "./phases.js";
export { readCell, type CellRecord } from "./cell.js";
export type { StudySummary } from "./summary.js";

// Experiments: studies of what a plan of conditions cannot vary.
export { EXPERIMENTS } from "./experiment/experiments.js";
export type { Experiment, ExperimentChoice } from "./experiment/experiment.js";
export { type Measure } from "./experiment/measures.js";
export { runExperiment, type ExperimentOptions } from "./experiment/run.js";
export { ORGANISM_SETTING, type Setting } from "./experiment/setting.js";
export { overOrganisms, type OrganismFound, type OverOrganisms } from "./experiment/over-organisms.js";
export type { ExperimentSummary } from "./experiment/found.js";
export { watchedFinetune, type WatchedEnd, type WatchedVerdict } from "./watched-finetune.js";
export { QUICK_STUDY_FOLDER, STUDY_FOLDER } from "./study-folders.js";
