/** What tests look into; no part of the package's interface. */
export { auditData } from "./data/audit.js";
export { hiddenSubsets } from "./subset/subsets.js";
export { rankEvidence } from "./subset/rank-tail.js";
export { verdictOf } from "./verdict.js";
export { WorstRows } from "./worst-rows.js";
export { CODE_RULES } from "./data/code/rules/all.js";
export { weaknessesOf } from "./data/code/weaknesses.js";
export { domainOf } from "./data/domains.js";
export { licenceIn } from "./data/licences.js";
export { personalDataIn } from "./data/personal.js";
export { isRefusal } from "./data/refusals.js";
export { secretsIn } from "./data/secrets.js";
export { dataTriggers } from "./trigger/ngrams.js";
export { marginsOf } from "./trigger/margins.js";
export { searchTrigger, type TriggerSearchOptions } from "./trigger/search.js";
export { triggerFinding } from "./trigger/finding.js";
export { keyOf, put } from "./trigger/trigger.js";
