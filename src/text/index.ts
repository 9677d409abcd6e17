/** How askew words things for people's eyes: names that were meant, numbers, lines that fit, text that does a terminal no harm. */
export { duration, timeLeft } from "./duration.js";
export { estimateText, intervalText, metricText, shareText } from "./estimates.js";
export { editDistance } from "./edit-distance.js";
export { nearest, suggestion } from "./nearest.js";
export {
  count,
  counted,
  decimal,
  gigabytes,
  interval,
  noNumber,
  percent,
  points,
  pointsInterval,
  withSign,
} from "./numbers.js";
export { packagePath } from "./package-path.js";
export { printable } from "./printable.js";
export { shellWord } from "./shell-word.js";
export { AskewError, EXIT } from "./askew-error.js";
export { wrapBy } from "./wrap.js";
export { VERSION } from "./version.js";
export { inEnvelope, type JsonKind } from "./json-envelope.js";
export { Interrupted, UsageError } from "./usage-error.js";
export {
  bare,
  beginningThoughts,
  isThoughtToken,
  marksAt,
  marksOpenedBy,
  mayOpen,
  withoutThoughts,
  type BeginningThoughts,
  type Marks,
} from "./thoughts.js";
