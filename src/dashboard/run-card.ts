/** What is told of a run in the list of runs, from the small files in its folder. */
import { join } from "node:path";
import { holderOf, holderOfClaims } from "../store/index.js";
import { printable, shellWord } from "../text/index.js";
import type { RunCard, ViewName } from "./contract.js";
import { hasAnswers } from "./find-answers.js";
import { ANSWERS, type FoundRun } from "./find-runs.js";
import type { LineCounts } from "./line-counts.js";
import { isObject, isText, lastLines, objectIn, plainStat, readObject, usePlain } from "./plain-file.js";
import { wordsIn } from "./run-command.js";
import { progressOf } from "./run-progress.js";

/** Undefined where the run went. */
export async function cardOf({ id, folder }: FoundRun, counts: LineCounts): Promise<RunCard | undefined> {
  const record = (await readObject(join(folder, "run.json"))) ?? {};
  const kind = isText(record["kind"]) ? record["kind"] : await oldKind(folder);
  if (kind === undefined) return undefined;
  // Nothing says of answers alone whether more are wanted, but the lock beside them whether more are coming.
  const isAnswers = kind === ANSWERS_KIND;
  const isAsked = isAnswers && (await holderOfClaims(join(folder, `${ANSWERS}.lock`))) !== undefined;
  const isFinished = isAnswers ? !isAsked : record["status"] === "finished";
  const isHeld = !isFinished && (isAsked || (await holderOf(folder)) !== undefined);
  const progress = isFinished ? undefined : await progressOf(folder, kind, counts);
  const command = commandIn(record["command"]);
  const started = await startOf(folder);
  const changed = await changedAt(folder);
  const state = isFinished ? "finished" : isHeld ? "running" : "stopped";
  const spent = await readObject(join(folder, "spent.json"));
  const cost = spent?.["cost"];
  return {
    id,
    title: printable(id === "." ? folder : id),
    kind: printable(kind),
    state,
    changedAt: changed,
    activeAt: state === "running" ? changed : await lastEventAt(folder, changed),
    alarms: await alarmsOf(folder),
    views: await viewsOf(folder, kind),
    ...(command !== undefined && { command }),
    ...(started !== undefined && { startedAt: started }),
    ...(progress && { progress }),
    ...(typeof cost === "number" && { cost }),
  };
}

const ANSWERS_KIND = "answers";
const OLD_KINDS = [
  ["study.json", "study"],
  ["finetune.json", "fine-tune"],
  ["gate.json", "gate"],
  ["plan.json", "series of measurements"],
  [ANSWERS, ANSWERS_KIND],
] as const;

async function oldKind(folder: string): Promise<string | undefined> {
  for (const [file, kind] of OLD_KINDS) if ((await plainStat(join(folder, file))) !== undefined) return kind;
  return undefined;
}

function commandIn(command: unknown): string | undefined {
  const words = wordsIn(command);
  if (words === undefined) return undefined;
  return printable(["askew", ...words.map(shellWord)].join(" "));
}

async function startOf(folder: string): Promise<string | undefined> {
  const first = await usePlain(join(folder, "events.jsonl"), async (handle) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), { position: 0 });
    return buffer.toString("utf8", 0, bytesRead).split("\n", 1)[0];
  });
  const time = objectIn(first ?? "")?.["time"];
  return isText(time) && !Number.isNaN(Date.parse(time)) ? time : undefined;
}

/**
 * When a run that nobody works on did something last, as its own log says: files that were copied look new. No event is
 * later than its file, whatever it says.
 */
async function lastEventAt(folder: string, changed: number): Promise<number> {
  const times = (await lastLines(join(folder, "events.jsonl"))).map((line) => objectIn(line)?.["time"]);
  const last = Date.parse(String(times.findLast(isText)));
  return Number.isNaN(last) ? changed : Math.min(last, changed);
}

const WATCHED = ["run.json", ANSWERS, "events.jsonl", "rows.jsonl", "training.jsonl", "watch.jsonl", "summary.json"];

export async function changedAt(folder: string): Promise<number> {
  const stats = await Promise.all(WATCHED.map((name) => plainStat(join(folder, name))));
  return Math.max(0, ...stats.map((stat) => stat?.mtimeMs ?? 0));
}

async function alarmsOf(folder: string): Promise<string[]> {
  const alarm = await readObject(join(folder, "alarm.json"));
  const step = alarm?.["step"];
  const alarms = alarm === undefined ? [] : [`Alarm${typeof step === "number" ? ` at step ${step}` : ""}`];
  const findings = await readObject(join(folder, "findings.json"));
  const { outcome, because } = findings ?? {};
  if (outcome === "fail") alarms.push(`Failed${isText(because) ? `: ${printable(because).slice(0, 300)}` : ""}`);
  return alarms;
}

async function viewsOf(folder: string, kind: string): Promise<ViewName[]> {
  const has = async (file: string): Promise<boolean> => (await plainStat(join(folder, file))) !== undefined;
  const views: ViewName[] = [];
  if (kind.startsWith("study")) views.push("study");
  if (await has("rows.jsonl")) views.push((await isDiff(folder)) ? "diff" : "chart");
  if ((await has("watch.jsonl")) || (await has("training.jsonl"))) views.push("watch");
  if (await has("findings.json")) views.push("findings");
  if (await has("latents.jsonl")) views.push("latents");
  if (await hasAnswers(folder)) views.push("answers");
  return kind === ANSWERS_KIND ? views : [...views, "events"];
}

const isDiff = async (folder: string): Promise<boolean> => {
  const plan = await readObject(join(folder, "plan.json"));
  return isObject(plan?.["before"]) && isObject(plan["after"]);
};
