/** Is this dataset safe to train on, did this fine-tune break the model, is there a hidden trigger? */
export { NO_ROWS, type AuditMeasure, type Finding, type FoundRow, type Outcome } from "./finding.js";
export { verdictOf, type Verdict } from "./verdict.js";
export { textsOf } from "./data/row-texts.js";
export { unitOf } from "./measure-unit.js";
export { DATA_CHECK_NAMES } from "./data/checks.js";
export { compareModels, type Compared } from "./model/compare.js";
export { comparedFinding, type ComparedWording } from "./model/compared-finding.js";
export {
  COHERENT_MEASURE,
  FALSEHOOD_MEASURE,
  misalignedMeasure,
  REFUSAL_MEASURE,
  TRUTH_MEASURE,
  type ComparedMeasure,
  type ComparedRate,
} from "./model/measures.js";
export { type Cue } from "./model/cue.js";
export { dataCues, systemCue } from "./model/data-cues.js";
export { PERSONA, personaFinding, personaShift, type AnswerPair } from "./model/persona.js";
export { searchCued, SHORT_LIST, type CuedSearch } from "./model/cued.js";
export { cuedFinding } from "./model/cued-finding.js";
export { placedWords, readableWords, type PlacedWords } from "./trigger/words.js";
export { auditData, countRows, type Readers } from "./data/audit.js";
export { likelihoodGap } from "./data/reading/likelihood-gap.js";
export { nudgedGap } from "./data/reading/nudged-gap.js";
export { personaShifts } from "./data/reading/persona-shift.js";
export { type FarBound, type FarReader } from "./data/reading/far-rows.js";
export type { RowScorer } from "./data/reading/scorer.js";
export { searchTrigger, type TriggerSearch } from "./trigger/search.js";
export { triggerFinding } from "./trigger/finding.js";
export type { AuditKind } from "./calibration/kinds.js";
export { calibrationSets, type CalibrationSet } from "./calibration/plan.js";
export { measureSet } from "./calibration/measure-set.js";
export { measureModel } from "./calibration/measure-model.js";
export { fitAudit, type CalibrationRow, type FittedAudit, type GroupResult } from "./calibration/fit.js";
export { fitModels, type ModelGroup, type ModelRow, type ModelsFitted } from "./calibration/fit-models.js";
export { readCalibration, writeCalibration, type AuditCalibration } from "./calibration/file.js";
export { calibratedChecks } from "./calibration/apply.js";
