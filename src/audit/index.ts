/** Is this dataset safe to train on, did this fine-tune break the model, is there a hidden trigger? */
export type { AuditMeasure, Finding, FoundRow, Outcome } from "./finding.js";
export type { Verdict } from "./verdict.js";
export { auditData } from "./data/audit.js";
