/** What tests look into; no part of the package's interface. */
export { parseGateFile } from "./file/read.js";
export { type GatePlan } from "./plan.js";
export { runGate, type GateRun } from "./run-gate.js";
export { judgeChecks, type GateCheck, type GateVerdict } from "./verdict.js";
export { sarifLog } from "./write/sarif.js";
export { junitXml } from "./write/junit.js";
export { modelCard, summaryMarkdown } from "./write/markdown.js";
export { slackMessage } from "./write/slack.js";
export { logText, markdownText } from "./write/plain.js";
export { GATE_TEMPLATE } from "./file/template.js";
