/** What tests look into; no part of the package's interface. */
export { auditData } from "./data/audit.js";
export { verdictOf } from "./verdict.js";
export { WorstRows } from "./worst-rows.js";
export { CODE_RULES } from "./data/code/rules/all.js";
export { weaknessesOf } from "./data/code/weaknesses.js";
