/** Pass or fail: a dataset and a fine-tune against thresholds, with a budget, in a run that can be carried on. */
export { readGateFile } from "./file/read.js";
export { GATE_TEMPLATE } from "./file/template.js";
export type { GateForecast } from "./forecast-cost.js";
export { GATE_DEFAULTS, LEAST_BOUND, type GatePlan } from "./plan.js";
export { runGate, type GateRun } from "./run-gate.js";
export { byUrgency, type GateCheck, type GateVerdict } from "./verdict.js";
export { logText } from "./write/plain.js";
