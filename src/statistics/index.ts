/** Seeded random numbers, intervals, bootstrap, tests. */
export { Random, hash32 } from "./random.js";
export { Pcg64 } from "./pcg64.js";
export { noEstimate, type Estimate, type Interval } from "./estimate.js";
export { mean } from "./mean.js";
export { normalQuantile, quantile } from "./quantile.js";
export { bootstrapDifference, bootstrapInterval, type BootstrapOptions } from "./bootstrap.js";
export { studentInterval, studentQuantile } from "./student.js";
export { wilson } from "./wilson.js";
export { clusterInterval } from "./cluster.js";
export { isCoherent, isMisaligned, MISALIGNED } from "./misaligned.js";
export { addTallies, emptyTally, tally, type Scores, type Tally, type Thresholds } from "./tally.js";
export { misalignmentRates, type MisalignmentRates, type RateOptions } from "./rate.js";
export { meanOverSeeds, pooledWilson, seedShare, type Seed, type SeedShare, type SeedValue } from "./seeds.js";
export {
  rateByQuestion,
  rateOverSeeds,
  seedRates,
  seedRatesOf,
  type SeedAnswers,
  type SeedRate,
  type SeedRateOptions,
  type SeedTally,
} from "./rate-over-seeds.js";
export { differenceFromFixed, pairedDifference, type PairedDifference } from "./difference.js";
export { signFlipTest } from "./sign-flip.js";
export { fisherTest, relativeReduction, shareDifference, shareRatio, type Share } from "./two-shares.js";
export { holm } from "./holm.js";
export { krippendorffAlpha, type Agreement, type AlphaMetric, type AlphaOptions } from "./agreement.js";
export { auroc, type Auroc } from "./auroc.js";
export { confusion, type Confusion } from "./confusion.js";
export { correlation } from "./correlation.js";
export { ConfidenceSequence, type ConfidenceSequenceOptions } from "./confidence-sequence.js";
export { conformalThreshold, type ConformalThreshold } from "./conformal.js";
export { discriminant, discriminate, type Discriminant } from "./discriminant.js";
