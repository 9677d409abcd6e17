/** How far a run has come that is not finished, from the files in its folder. */
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { holderOf } from "../store/index.js";
import { PHASES, readCell, TimeLeft, workOf, type Work } from "../study/index.js";
import { count, counted } from "../text/index.js";
import type { Progress } from "./contract.js";
import { ANSWERS } from "./find-runs.js";
import type { LineCounts } from "./line-counts.js";
import { isObject, lastLines, objectIn } from "./plain-file.js";

export async function progressOf(folder: string, kind: string, counts: LineCounts): Promise<Progress | undefined> {
  if (kind === "study" || kind === "cell of a study") return studyProgress(folder, kind, counts);
  const answers = await counts.of(join(folder, ANSWERS));
  if (answers > 0) return { text: counted(answers, "answer") };
  const events = (await lastLines(join(folder, "events.jsonl"))).map(objectIn).filter(isObject);
  const steps = events.filter(({ type }) => type === "step-finished");
  const last = steps.at(-1);
  if (last !== undefined) return stepProgress(steps, last);
  const rows = await counts.of(join(folder, "rows.jsonl"));
  if (rows > 0) return { text: counted(rows, "measurement") };
  const rounds = events.filter(({ type }) => type === "round-finished").length;
  return rounds > 0 ? { text: counted(rounds, "round") } : undefined;
}

type Event = Readonly<Record<string, unknown>>;

function stepProgress(steps: readonly Event[], last: Event): Progress | undefined {
  const { step, steps: all } = last;
  if (typeof step !== "number" || typeof all !== "number") return undefined;
  const text = `step ${count(step)} of ${count(all)}`;
  const seconds = (timeOf(last) - timeOf(steps[0])) / 1000;
  const each = seconds / (steps.length - 1);
  const isKnown = Number.isFinite(each) && all > step;
  return { text, share: all > 0 ? Math.min(1, step / all) : 0, ...(isKnown && { secondsLeft: each * (all - step) }) };
}

const timeOf = (event: Event | undefined): number => Date.parse(String(event?.["time"]));

async function studyProgress(folder: string, kind: string, counts: LineCounts): Promise<Progress | undefined> {
  const time = new TimeLeft();
  const [all, left]: [Work[], Work[]] = [[], []];
  let [finished, hands] = [0, 0];
  for (const at of kind === "study" ? await cellFolders(join(folder, "cells")) : [folder]) {
    // A cell that is damaged is told where its study is opened.
    const cell = await readCell(at).catch(() => undefined);
    if (cell === undefined) continue;
    const work = workOf({ ...cell, status: "open" });
    all.push(work);
    if (cell.status === "finished") {
      finished++;
      for (const phase of PHASES) time.record(phase, work[phase], cell.seconds[phase] ?? 0);
      continue;
    }
    if ((await holderOf(at)) !== undefined) hands++;
    left.push(await workLeft(at, work, counts));
  }
  if (all.length === 0) return undefined;
  const seconds = (works: readonly Work[]): number => works.reduce((sum, work) => sum + time.estimate(work), 0);
  const [whole, rest] = [seconds(all), seconds(left)];
  return {
    text: kind === "study" ? `${finished} of ${counted(all.length, "cell")}` : "one cell",
    share: whole === 0 ? 0 : Math.max(0, 1 - rest / whole),
    secondsLeft: rest / Math.max(1, hands),
  };
}

/** The rows that a phase leaves behind say how much of it is done. */
async function workLeft(folder: string, work: Work, counts: LineCounts): Promise<Work> {
  const minus = async (units: number, file: string): Promise<number> =>
    Math.max(0, units - (await counts.of(join(folder, file))));
  const finetune = await minus(work.finetune, "training.jsonl");
  const isTraining = finetune < work.finetune;
  return {
    dataset: isTraining ? 0 : work.dataset,
    finetune,
    ask: await minus(work.ask, "answers.jsonl"),
    judge: await minus(work.judge, "judgments.jsonl"),
  };
}

async function cellFolders(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder)) if (entry.isDirectory()) names.push(entry.name);
  } catch {
    // It went.
  }
  return names.toSorted().map((name) => join(folder, name));
}
