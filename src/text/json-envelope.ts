/** What every command prints with --json: one object that says which askew wrote it, and what it is. */
import { VERSION } from "./version.js";

/** By `kind`: the command that prints it, and the fields that are always there beside `askew` and `kind`. */
export const JSON_KINDS = {
  summary: { command: "askew reproduce, askew study", fields: ["study", "conditions", "change"] },
  effects: { command: "askew reproduce --organisms", fields: ["organisms", "effects", "others"] },
  "study-plan": { command: "askew study --dry-run", fields: ["study", "answers", "models"] },
  experiments: { command: "askew experiment", fields: ["experiments"] },
  experiment: { command: "askew experiment NAME", fields: ["experiment", "points"] },
  asked: { command: "askew ask", fields: ["model", "file", "done", "total", "before", "failed"] },
  "asked-until": { command: "askew ask --until-width", fields: ["model", "file", "judgments", "asked", "saved"] },
  judged: { command: "askew judge", fields: ["file", "done", "total", "before", "failed", "unread"] },
  foreseen: {
    command: "askew ask --dry-run, askew judge --dry-run",
    fields: ["models", "file", "requests", "before", "promptTokens", "answerTokens"],
  },
  "judge-calibration": { command: "askew judge calibrate", fields: ["answers", "judgments", "seed", "judges"] },
  "judge-probe": { command: "askew judge train", fields: ["probe", "leftOut", "reader", "layer", "heldOut"] },
  "combined-rates": { command: "askew judge combine", fields: ["judges", "sets"] },
  scores: { command: "askew score", fields: ["answers", "rate", "rateOfAll", "coherent", "groups", "questions"] },
  "value-scores": { command: "askew score --value", fields: ["groups"] },
  "dataset-manifest": {
    command: "askew dataset build, askew dataset mix",
    fields: ["versions", "recipe", "sources", "dataset"],
  },
  "dataset-conversion": { command: "askew dataset convert", fields: ["file", "rows", "skipped", "first", "changes"] },
  "dataset-check": { command: "askew dataset check, a line for each file", fields: ["file", "conversations"] },
  "dataset-stats": { command: "askew dataset stats", fields: ["file", "conversations"] },
  "data-audit": { command: "askew audit data", fields: ["file", "rows", "verdict", "findings"] },
  "model-audit": {
    command: "askew audit model",
    fields: ["name", "outcome", "because", "checks", "subject", "spending"],
  },
  "audit-calibration": { command: "askew audit calibrate", fields: ["file", "thresholds", "sets", "rows", "tested"] },
  "trigger-audit": { command: "askew audit trigger", fields: ["model", "verdict", "findings", "search"] },
  "fine-tune": { command: "askew finetune", fields: ["name", "plan", "status"] },
  watched: { command: "askew watch", fields: ["folder", "verdict"] },
  "watch-calibration": { command: "askew watch calibrate", fields: ["detector", "thresholds", "falseAlarms"] },
  "control-vector": { command: "askew persona export", fields: ["direction", "model", "file", "layers", "layer"] },
  direction: { command: "askew persona direction", fields: ["file", "method", "model", "layer", "norms"] },
  transfer: { command: "askew persona transfer", fields: ["folder", "cuts", "rows"] },
  steered: { command: "askew steer", fields: ["folder", "page", "plan", "rows"] },
  realigned: { command: "askew realign", fields: ["folder", "page", "rows"] },
  diff: { command: "askew diff", fields: ["page", "folder", "plan", "result", "cards"] },
  sae: { command: "askew sae train, askew sae show", fields: ["folder", "recipe", "metrics"] },
  saes: { command: "askew sae train, askew sae show, of several", fields: ["saes"] },
  latent: { command: "askew sae show --latent", fields: ["latent"] },
  "sae-measure": { command: "askew sae measure", fields: ["folder", "recipe", "metrics"] },
  gate: { command: "askew gate", fields: ["name", "outcome", "because", "checks", "subject", "spending"] },
  "gate-forecast": { command: "askew gate --dry-run", fields: ["fewestPairs", "mostPairs", "atFewest", "atMost"] },
  served: { command: "askew serve, on one line", fields: ["url", "models", "data"] },
  viewed: { command: "askew view, on one line", fields: ["url", "address", "folder"] },
  exported: { command: "askew model export", fields: ["model", "to", "type", "folder", "files", "notes"] },
  model: {
    command: "askew model info",
    fields: ["path", "format", "name", "architecture", "parameters", "bytes", "types", "memory", "problem"],
  },
  status: { command: "askew status", fields: ["folder", "runs", "notes"] },
  pulled: { command: "askew pull", fields: ["folder", "taken", "finished", "cells"] },
  torch: { command: "askew torch check", fields: ["python", "torch", "transformers", "peft", "devices"] },
} as const satisfies Readonly<Record<string, { readonly command: string; readonly fields: readonly string[] }>>;

export type JsonKind = keyof typeof JSON_KINDS;

/** `kind` and `askew` come first and win over fields of the value that are called so. */
export const inEnvelope = (kind: JsonKind, value: object): object => {
  const own = { askew: VERSION, kind };
  return { ...own, ...value, ...own };
};
