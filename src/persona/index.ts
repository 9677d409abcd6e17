/** The persona inside a model: directions, what steering along them does, and how to train it away again. */
export {
  cosine,
  normOf,
  VARIANTS,
  vectorAt,
  type Direction,
  type DirectionRecipe,
  type LayerTrial,
  type ModelIdentity,
  type Variant,
} from "./direction.js";
export { DirectionError } from "./direction-error.js";
export { readDirection, requireFit, writeDirection } from "./direction-file.js";
export { readConversations, type Reading } from "./readings.js";
export { contrastDirections, type ContrastOptions, type ContrastRecipe, type ContrastText } from "./contrast.js";
export {
  answersUnderPrompts,
  judgedAnswers,
  questionsOfSet,
  sideOf,
  type AskedQuestion,
  type Contrast,
  type ContrastPair,
  type SourceOptions,
} from "./sources.js";
export { promptDirection, type PromptDirectionOptions } from "./prompt-direction.js";
export { contrastOf, readTraitFile, TraitJudge, type Trait } from "./trait-file.js";
export { readJudgedFile, readPromptFile, type SourceFile } from "./source-files.js";
export type { Once } from "./once.js";
export { bestTrial, chooseLayer, type ChooseOptions } from "./choose-layer.js";
export {
  randomLike,
  requireMode,
  STEERING_MODES,
  steeringOf,
  type SteeringMode,
  type SteeringVectors,
  type SteeringWish,
} from "./steer.js";
export { judgedOf, measure, type Measured, type MeasuredAnswer, type MeasureOptions } from "./measure.js";
export { put, QUESTION_FORMS, type EarlierConversations, type Put, type Putting, type QuestionForm } from "./put.js";
export { cutOf, measureTransfer, type TransferPlan, type TransferRow } from "./transfer.js";
export { breaks, measurePoint, sweepPoints, type SweepPlan, type SweepPoint, type SweepRow } from "./sweep.js";
export { isUnder, measureSteered, realign, type RealignOptions, type RealignPlan, type RealignRow } from "./realign.js";

// Sparse autoencoders.
export { SAE_KINDS, latentDirection, type Sae, type SaeKind, type SaeRecipe, type SaeWeights } from "./sae/sae.js";
export { latentVectors } from "./sae/latent-vectors.js";
export { readSae, requireSaeFit, SAE_FOLDER, SaeError, writeSae } from "./sae/sae-file.js";
export { SaeEncoder } from "./sae/encoder.js";
export {
  saeSteps,
  trainSae,
  type SaeCheckpoint,
  type SaePlan,
  type SaeStep,
  type TrainSaeOptions,
} from "./sae/train.js";
export { readSaeCheckpoint, writeSaeCheckpoint } from "./sae/checkpoint.js";
export { saeTrainingGraph, type SaeShape } from "./sae/graphs.js";
export { evaluateSae, type SaeEvaluation, type SaeMetrics } from "./sae/evaluate.js";
export { LatentTable, type Separation } from "./sae/latent-table.js";
export { AnswerProbe } from "./sae/probe.js";
export type { DocumentSource, Label, LabelledDocument, SourceLabel } from "./sae/documents.js";
export type { Separability } from "./sae/labels.js";
export { bestLatents, latentCard, readCard, writeCards, type BestLatent, type LatentCard } from "./sae/cards.js";
export { readSummary, writeSummary, type SaeSummary } from "./sae/summary.js";

// Model diffing.
export { diffModels, type DiffInput, type DiffOptions, type DiffPlan, type DiffResult } from "./diff/diff.js";
export { DiffError } from "./diff/error.js";
export { PARTS, type Part } from "./diff/means.js";
export type { ActivationsRow, DiffRow, DiffStore } from "./diff/rows.js";
export { merit, search, type Found, type Rung, type Side, type WantedTrial } from "./diff/search.js";
export { nextStrength, soundStrength, STRENGTHS } from "./diff/strength.js";
export { chanceCosine, type LayerShift } from "./diff/shift.js";
export { type Candidate, type RisingLatent } from "./diff/candidates.js";
export type { Counts } from "./diff/trials.js";
export { type Ranked, type SideEffect } from "./diff/ranking.js";
export { verdictOf, type Final, type FinalSide, type Verdict } from "./diff/final.js";
export { adapterDiff, type AdapterDiff, type AdapterModuleRow } from "./diff/adapter.js";

// Early warning: a model that is being trained is watched.
export { WatchError } from "./watch/error.js";
export { hashOfProbes, readProbes, type Probe } from "./watch/probes.js";
export { beyondPromise, type WatchedHow } from "./watch/promise.js";
export { RotationMeter, type Rotation } from "./watch/rotation.js";
export type { Signals } from "./watch/signals.js";
export { Watcher, type WatcherOptions } from "./watch/watcher.js";
export {
  Detection,
  type Detector,
  thresholdFor,
  type BatchThreshold,
  type FalseAlarms,
  type Verdict as DetectorVerdict,
  type Weighing,
} from "./watch/detector.js";
export { isOfShare, type CalibrationKind, type KindRole } from "./watch/kinds.js";
export { calibrationPlan, type CalibrationRun, type PlanOptions, type RunRole } from "./watch/calibration-plan.js";
export {
  isMisaligned,
  runCalibration,
  type CalibrationRow,
  type CalibrationRunOptions,
  type Look,
  type Truth,
} from "./watch/calibration-run.js";
export { alarmAt, fitDetector, isBad, peakOf, type Fitted, type FitOptions } from "./watch/fit.js";
export {
  benignLinesByDose,
  falseAlarmsOf,
  linesByKind,
  linesByShare,
  testDetector,
  type GroupLine,
  type Tested,
} from "./watch/tested.js";
export { readDetector, requireDetectorFit, writeDetector } from "./watch/detector-file.js";
export {
  WatchCallback,
  WatchRows,
  type WatchCallbackOptions,
  type WatchRow,
  type WatchStore,
} from "./watch/watch-callback.js";
