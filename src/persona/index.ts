/** The persona inside a model: directions, what steering along them does, and how to train it away again. */
export {
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
export { exportControlVector } from "./direction-export.js";
export { readConversations } from "./readings.js";
export { contrastDirections, type ContrastText } from "./contrast.js";
export {
  answersUnderPrompts,
  judgedAnswers,
  questionsOfSet,
  type AskedQuestion,
  type Contrast,
  type ContrastPair,
} from "./sources.js";
export { promptDirection } from "./prompt-direction.js";
export { contrastOf, readTraitFile, TraitJudge, type Trait } from "./trait-file.js";
export { readJudgedFile, readPromptFile } from "./source-files.js";
export type { Once } from "./once.js";
export { chooseLayer } from "./choose-layer.js";
export {
  randomLike,
  requireMode,
  STEERING_MODES,
  steeringOf,
  type SteeringMode,
  type SteeringVectors,
} from "./steer.js";
export { judgedOf, measure, pooledRate, type MeasuredAnswer, type MeasureOptions } from "./measure.js";
export { type Putting } from "./put.js";
export { cutOf, measureTransfer, type TransferPlan, type TransferRow } from "./transfer.js";
export { measurePoint, sweepPoints, type SweepPlan, type SweepRow } from "./sweep.js";
export { isUnder, measureSteered, realign, type RealignPlan, type RealignRow } from "./realign.js";

// Sparse autoencoders.
export { SAE_KINDS, latentDirection, type Sae, type SaeRecipe, type TrainedKind } from "./sae/sae.js";
export { latentVectors } from "./sae/latent-vectors.js";
export { readSae, requireSaeFit, saeFolderKind, writeSae } from "./sae/sae-file.js";
export { SaeEncoder } from "./sae/encoder.js";
export { latentRise } from "./diff/latent-rise.js";
export { saeSteps, trainSae, type SaePlan } from "./sae/train.js";
export { readSaeCheckpoint, writeSaeCheckpoint } from "./sae/checkpoint.js";
export { evaluateSae } from "./sae/evaluate.js";
export type { DocumentSource, LabelledDocument } from "./sae/documents.js";
export type { Separability } from "./sae/labels.js";
export { bestLatents, latentCard, readCard, writeCards, type LatentCard } from "./sae/cards.js";
export { readSummary, writeSummary, type SaeSummary } from "./sae/summary.js";

// Model diffing.
export { diffModels, type DiffPlan, type DiffResult } from "./diff/diff.js";
export { PARTS, type Part } from "./diff/means.js";
export type { DiffRow } from "./diff/rows.js";
export { chanceCosine } from "./diff/shift.js";
export { type Ranked, type SideEffect } from "./diff/ranking.js";
export { type Final, type FinalSide } from "./diff/final.js";
export { adapterDiff, type AdapterDiff } from "./diff/adapter.js";

// Early warning: a model that is being trained is watched.
export { WatchError } from "./watch/error.js";
export { hashOfProbes, type Probe } from "./watch/probes.js";
export { probesFrom } from "./watch/judged-probes.js";
export { questionMargins } from "./margin.js";
export { beyondPromise } from "./watch/promise.js";
export { Watcher, type WatcherOptions } from "./watch/watcher.js";
export { type Detector, type FalseAlarms } from "./watch/detector.js";
export { isOfShare, type CalibrationKind, type KindRole } from "./watch/kinds.js";
export { calibrationPlan, type CalibrationRun } from "./watch/calibration-plan.js";
export {
  runCalibration,
  type CalibrationRow,
  type CalibrationRunOptions,
  type Truth,
} from "./watch/calibration-run.js";
export { fitDetector, type Fitted } from "./watch/fit.js";
export { measureDetector, type GroupLine, type Measured } from "./watch/tested.js";
export { readDetector, requireDetectorFit, writeDetector } from "./watch/detector-file.js";
export { WatchCallback, WatchRows, type WatchCallbackOptions, type WatchRow } from "./watch/watch-callback.js";

// Judges without a request: probes of a reader's activations.
export type { JudgeProbe } from "./judge-probe/probe.js";
export { readProbeFile, requireReader, writeProbe } from "./judge-probe/file.js";
export { ProbeJudge } from "./judge-probe/judge.js";
export { readJudgedTexts } from "./judge-probe/judged-texts.js";
export { trainProbe } from "./judge-probe/train.js";
