/** The work behind commands, without a terminal: asking and judging, steering, training, watching, autoencoders, diffs. */
export { chooseQuestions } from "./asking/choose-questions.js";
export { accountOf, type MoneyOptions, askingOf } from "./asking/servers.js";
export { costOf, openAnyModel } from "./models/open-any-model.js";
export { openJudges } from "./asking/judges.js";
export { type JudgingOptions } from "./asking/judging-flags.js";
export { withAsking } from "./asking/asking.js";
export { type AskingFlags } from "./asking/asking-flags.js";
export { bestLatent } from "./sae/open-sae.js";
export { openPair } from "./diff/open-pair.js";
export { readDefences } from "./training/defences.js";
export { type LoraFlags } from "./training/lora-flags.js";
export {
  hyperparametersOf,
  trainHere,
  type TrainingFlags,
  type TrainedHere,
  type TrainingRequest,
} from "./training/train-here.js";
export { refuseWatchOptions, type WatchFlags, ACTIONS } from "./watching/watch-flags.js";
export { findModel, studiesOf, type OpenedModel, type OpenOptions } from "./models/find-model.js";
export { requireVectors } from "./steering/given-vectors.js";
export { documentsFor } from "./sae/documents.js";
export { wantedOf, type Wanted } from "./sae/wanted.js";
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
export { calibrateDetector, type Calibrated, type CalibrationChoice } from "./watching/calibrate-detector.js";
export { openReaders, type ReaderFlags } from "./auditing/open-readers.js";
export { spendingLine } from "./asking/servers.js";
export { openSetting, type OpenedSetting, type SettingFlags } from "./experiments/setting.js";
