/** Seeded random numbers, intervals, bootstrap, tests. */
export { Random, hash32 } from "./random.js";
export { noEstimate, type Estimate } from "./estimate.js";
export { mean } from "./mean.js";
export { groupBy } from "./group-by.js";
export { quantile } from "./quantile.js";
export { bootstrapDifference, bootstrapInterval, type BootstrapOptions } from "./bootstrap.js";
export { studentInterval, welchInterval } from "./student.js";
export { wilson } from "./wilson.js";
export { clusterInterval } from "./cluster.js";
export { isCoherent, isMisaligned, MISALIGNED } from "./misaligned.js";
export { addTallies, countScores, emptyTally, tally, type Tally, type Thresholds } from "./tally.js";
export { meanOverSeeds, pooledWilson, type SeedShare } from "./seeds.js";
export { seedRates, type SeedCount } from "./rate-over-seeds.js";
export { differenceFromFixed, pairedDifference } from "./difference.js";
export {
  fisherTest,
  independentDifference,
  relativeReduction,
  shareDifference,
  sumOfShares,
  type Share,
} from "./two-shares.js";
export { holm } from "./holm.js";
export { krippendorffAlpha, type Agreement } from "./agreement.js";
export { auroc, type Auroc } from "./auroc.js";
export { confusion, type Confusion } from "./confusion.js";
export { correlation } from "./correlation.js";
export { spearman } from "./spearman.js";
export { ConfidenceSequence } from "./confidence-sequence.js";
export { DifferenceSequence, fewestPairs } from "./difference-sequence.js";
export { conformalThreshold } from "./conformal.js";
export { discriminant } from "./discriminant.js";
export {
  predictionPoweredRate,
  type Counted,
  type PredictedAnswer,
  type PredictionPoweredRate,
} from "./prediction-powered.js";
export { ridge, ridgeValue, type Ridge } from "./ridge.js";
export { logistic, logisticValue, type Logistic } from "./logistic.js";
