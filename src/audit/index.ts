/** Is this dataset safe to train on, did this fine-tune break the model, is there a hidden trigger? */
export { NO_ROWS, type AuditMeasure, type Finding, type FoundRow, type FoundRows, type Outcome } from "./finding.js";
