/** What tests look into; no part of the package's interface. */
export { cosine } from "./direction.js";
export { bestTrial } from "./choose-layer.js";
export { put, QUESTION_FORMS, type EarlierConversations } from "./put.js";
export { type SaeCheckpoint, type SaeStep } from "./sae/train.js";
export { type TrainedSae } from "./sae/sae.js";
export { saeTrainingGraph } from "./sae/graphs.js";
export { LatentTable } from "./sae/latent-table.js";
export { AnswerProbe } from "./sae/probe.js";
export type { DiffStore } from "./diff/rows.js";
export { merit, search } from "./diff/search.js";
export { nextStrength, soundStrength, STRENGTHS } from "./diff/strength.js";
export { type Candidate } from "./diff/candidates.js";
export type { Counts } from "./diff/trials.js";
export { verdictOf } from "./diff/final.js";
export { RotationMeter } from "./watch/rotation.js";
export { Detection, thresholdFor } from "./watch/detector.js";
export { alarmAt, peakOf } from "./watch/fit.js";
export { linesByShare, testDetector } from "./watch/tested.js";
