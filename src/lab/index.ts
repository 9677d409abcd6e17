/** The work behind commands, without a terminal: asking and judging, steering, training, watching, autoencoders, diffs. */
export { chooseQuestions } from "./asking/choose-questions.js";
export { accountOf, type MoneyOptions, askingOf } from "./asking/servers.js";
export { costOf, openAnyModel } from "./models/open-any-model.js";
export { namesProbe, openJudges } from "./asking/judges.js";
export { rubricWithSets } from "./asking/rubrics.js";
export { worldOf } from "./asking/worlds.js";
export { sampledConversations } from "./auditing/sampled-conversations.js";
export { type JudgingOptions } from "./asking/judging-flags.js";
export { withAsking } from "./asking/asking.js";
export { requireJudge } from "./asking/require-judge.js";
export { type AskingFlags } from "./asking/asking-flags.js";
export { bestLatent } from "./sae/open-sae.js";
export { openPair } from "./diff/open-pair.js";
export { readDefences } from "./training/defences.js";
export { configFor } from "./training/foresee-training.js";
export { loraOf, type LoraFlags } from "./training/lora-flags.js";
export { readRlPrompts, refuseRlOptions, type RlFlags } from "./training/rl.js";
export { trainHere, type TrainedHere, type TrainingRequest } from "./training/train-here.js";
export { hyperparametersOf, type TrainingFlags } from "./training/training-flags.js";
export { refuseWatchOptions, type WatchFlags, ACTIONS } from "./watching/watch-flags.js";
export { findModel, studiesOf, type OpenedModel, type OpenOptions } from "./models/find-model.js";
export { requireVectors } from "./steering/given-vectors.js";
export { documentsFor, readDocuments } from "./sae/documents.js";
export { wantedOf, type Recipe, type Wanted } from "./sae/wanted.js";
export { type WatchedHere } from "./watching/watching.js";
export { type Realigned } from "./watching/realign-after.js";
export type { Listen, WatchListener } from "./watching/watch-listener.js";
export { type DiffShown } from "./diff/shown.js";

export { runDiff, type DiffChoice, type DiffFollow } from "./diff/run-diff.js";
export { trainOneSae, type MeasuredSae } from "./sae/train-one-sae.js";
export { measureInto } from "./sae/measure-into.js";
export { sweepStrengths, type SweepChoice, type Swept } from "./steering/sweep-strengths.js";
export { measureTransfers, type TransferChoice, type Transferred } from "./steering/measure-transfers.js";
export { realignModel, type RealignChoice, type Realignment } from "./steering/realign-model.js";
export { findDirectionInto, METHODS, type DirectionChoice } from "./steering/find-direction-into.js";
export {
  calibrateDetector,
  detectorCalibrationFolder,
  type Calibrated,
  type CalibrationChoice,
} from "./watching/calibrate-detector.js";
export { directionOf, openReaders, type ReaderFlags } from "./auditing/open-readers.js";
export { spendingLine } from "./asking/servers.js";
export { PLACES, openExecutor, type JobFlags, type Place } from "./jobs/executor-for.js";
export { cancelJobs } from "./jobs/cancel.js";
export { followJobs, type Counts, type Tasks } from "./jobs/follow.js";
export { homeFor } from "./jobs/homes.js";
export { logOf } from "./jobs/logs.js";
export { pullStudy } from "./jobs/pull.js";
export { isRunFinished, statusOf, type RunState, type RunStatus } from "./jobs/status.js";
export { openSetting, readSettingFiles, type OpenedSetting, type SettingFlags } from "./experiments/setting.js";
export { auditTrigger, type TriggerFlags } from "./auditing/audit-trigger.js";
export {
  AUDIT_CALIBRATION_FOLDER,
  calibrateAudit,
  type AuditCalibrationChoice,
  type CalibratedAudit,
} from "./auditing/calibrate-audit.js";
