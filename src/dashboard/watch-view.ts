/** A watched fine-tune while it goes on: the detector's score with its alarm, what it sees, the loss. */
import { join } from "node:path";
import { drawnChart, type ChartPoint, type ChartReport } from "../report/index.js";
import { wilson } from "../statistics/index.js";
import { VERSION } from "../text/index.js";
import type { RlStep } from "../training/index.js";
import { rewardsChart, signalHeading } from "../views/index.js";
import type { ResultView } from "./contract.js";
import { isObject, isText, readObject } from "./plain-file.js";
import { alone, numberIn, readResultRows, type PlainMetric, type Row } from "./read-rows.js";
import { readSteps } from "./study-view.js";

/** Signals that stand for themselves; of those that there are many of, projections layer by layer, only the latent ones. */
const SIGNALS = /^(margin|misaligned|aligned)$|^(latent|rotation)\./;
const MOST_POINTS = 400;

export async function watchView(folder: string): Promise<ResultView> {
  const rows = await readResultRows(join(folder, "watch.jsonl"));
  const steps = await readSteps(join(folder, "training.jsonl"));
  const alarm = numberIn((await readObject(join(folder, "alarm.json")))?.["step"]);
  const first = rows[0]?.["signals"];
  const signals = isObject(first) ? Object.keys(first).filter((name) => SIGNALS.test(name)) : [];
  const last = rows.at(-1);
  const scored = rows.some(({ score }) => numberIn(score) !== undefined);
  const title =
    rows.length === 0
      ? `A fine-tune, ${steps.length === 0 ? "not begun" : `at step ${steps.at(-1)?.step}`}`
      : alarm !== undefined
        ? `Alarm at step ${alarm}`
        : `${scored ? "No alarm" : "Watched without a detector, so without alarms"}${last ? `, at step ${String(last["step"])}` : ""}`;
  const base = { sentences: [], facts: [], commands: [], askew: VERSION, axis: AXIS };
  const mark = alarm === undefined ? {} : { mark: { at: alarm, name: `the alarm, at step ${alarm}` } };
  const seen: ChartReport = {
    ...base,
    ...mark,
    title,
    heading: "What was seen",
    caption: "The margin is how much likelier misaligned continuations are than aligned ones, in nats a token.",
    panels: [
      { key: "score", heading: "score: above 1 is an alarm", unit: "number", limit: 1 },
      { key: "truth", heading: "misaligned, of coherent answers", unit: "share" },
      ...signals.map((name) => ({ key: `signal ${name}`, heading: signalHeading(name), unit: "number" as const })),
      { key: "gradient", heading: "gradient norm", unit: "number" },
    ],
    points: rows.flatMap((row) => pointOf(row, signals)),
  };
  const loss: ChartReport = {
    ...base,
    ...mark,
    title,
    heading: "Training",
    caption: "Loss and gradient norm of each step.",
    panels: [
      { key: "loss", heading: "loss", unit: "number" },
      { key: "gradient", heading: "gradient norm", unit: "number" },
    ],
    points: thinned(steps).map(({ step, loss: value, gradientNorm }): ChartPoint => ({
      curve: "training",
      at: step,
      metrics: { ...alone("loss", value), ...alone("gradient", gradientNorm) },
    })),
  };
  const rewarded = (await readResultRows(join(folder, "training.jsonl"))).filter(
    ({ step, reward }) => numberIn(step) !== undefined && reward !== undefined,
  );
  const rewards: ChartReport = {
    ...base,
    ...mark,
    title,
    // The chart draws what is a number, and nothing else.
    ...rewardsChart(thinned(rewarded) as unknown as readonly RlStep[]),
  };
  const figures = [seen, rewards, loss].filter(({ points }) => points.length > 0).map(drawnChart);
  return {
    title,
    sentences: [],
    figures: figures.map((figure, i) => ({ ...figure, id: `watch-${i}` })),
    tables: [],
    facts: await factsOf(folder),
  };
}

const AXIS = { label: "training steps", kind: "number" } as const;

function pointOf(row: Row, signals: readonly string[]): ChartPoint[] {
  const { step, score, gradientNorm, truth } = row;
  const at = numberIn(step);
  if (at === undefined) return [];
  const values = isObject(row["signals"]) ? row["signals"] : {};
  const metrics: Record<string, PlainMetric> = {
    ...alone("score", numberIn(score)),
    ...alone("gradient", numberIn(gradientNorm)),
  };
  for (const name of signals) Object.assign(metrics, alone(`signal ${name}`, numberIn(values[name])));
  if (isObject(truth) && typeof truth["hits"] === "number" && typeof truth["n"] === "number" && truth["n"] > 0) {
    metrics["truth"] = wilson(truth["hits"], truth["n"]);
  }
  return [{ curve: "measured", at, metrics }];
}

function thinned<T>(steps: readonly T[]): readonly T[] {
  const every = Math.ceil(steps.length / MOST_POINTS);
  return steps.filter((_, i) => i % every === 0 || i === steps.length - 1);
}

async function factsOf(folder: string): Promise<(readonly [string, string])[]> {
  const { plan, model } = (await readObject(join(folder, "finetune.json"))) ?? {};
  const data = isObject(plan) && isObject(plan["data"]) ? plan["data"]["name"] : undefined;
  return [
    ...(isObject(plan) && isText(plan["model"]) ? [["model", plan["model"]] as const] : []),
    ...(isText(data) ? [["data", data] as const] : []),
    ...(isText(model) ? [["result", model] as const] : []),
  ];
}
