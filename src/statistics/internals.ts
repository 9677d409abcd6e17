/** What tests look into; no part of the package's interface. */
export { Pcg64 } from "./pcg64.js";
export { normalQuantile } from "./quantile.js";
export { studentQuantile } from "./student.js";
export { type Scores } from "./tally.js";
export { seedShare, type SeedValue } from "./seeds.js";
export { signFlipTest } from "./sign-flip.js";
export { shareRatio } from "./two-shares.js";
export { type AlphaMetric } from "./agreement.js";
export { discriminate } from "./discriminant.js";
