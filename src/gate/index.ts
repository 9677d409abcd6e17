/** Pass or fail: a dataset and a fine-tune against thresholds, with a budget, in a run that can be carried on. */
export { readGateFile } from "./file/read.js";
export { GATE_TEMPLATE } from "./file/template.js";
export { checkNameFault } from "./known-checks.js";
export type { GateForecast } from "./forecast-cost.js";
export {
  CUED_DEFAULTS,
  GATE_DEFAULTS,
  LEAST_BOUND,
  READER_DEFAULTS,
  SUITE_BOUNDS,
  SUITE_NAMES,
  TRIGGER_DEFAULTS,
  type GatePlan,
} from "./plan.js";
export { runGate, type GateForeseen, type GateRun } from "./run-gate.js";
export { byUrgency, type GateCheck, type GateVerdict } from "./verdict.js";
export { logText } from "./write/plain.js";
