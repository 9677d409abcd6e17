/** A study as far as it has come: the report's finding and figures, from its summary and its cells' training. */
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { besideEachOther, findingOf, studyFigures } from "../report/index.js";
import { checked, StoreError } from "../store/index.js";
import type { ResultView } from "./contract.js";
import { GrowingLines } from "./growing-lines.js";
import { isText, objectIn, readObject, usePlain } from "./plain-file.js";
import { ResultError } from "./result-error.js";

const number = z.number().nullable();
const metric = z.looseObject({ estimate: number, low: number, high: number, n: z.number() });
const metricWithWilson = metric.extend({ wilson: metric.optional() });
const place = { condition: z.string(), trigger: z.boolean(), questions: z.string(), model: z.string().optional() };
const metrics = z.record(z.string(), metricWithWilson);
const change = z.looseObject({ ...place, metrics });
const summarySchema = z.looseObject({
  study: z.string(),
  model: z.string().optional(),
  models: z.array(z.string()).optional(),
  judge: z.string().optional(),
  controls: z.array(z.string()).optional(),
  conditions: z.array(
    z.looseObject({
      ...place,
      seeds: z.number(),
      metrics,
      perQuestion: z.record(z.string(), z.looseObject({ rate: metric })).optional(),
    }),
  ),
  change: z.array(change).optional(),
  between: z.array(change.extend({ model: z.string() })).optional(),
});

type Summary = Parameters<typeof studyFigures>[0]["summary"];
type Training = Parameters<typeof studyFigures>[0]["training"];

const CURE = "Run the study again, which writes it anew.";
const MOST_STEPS = 20_000;

/** @throws {ResultError} where there is nothing to show yet, or the summary is damaged */
export async function studyView(folder: string): Promise<ResultView> {
  const summary = await readSummary(folder);
  if (summary === undefined) {
    return { title: "No cell is finished yet.", sentences: [], figures: [], tables: [], facts: [] };
  }
  const training = await readTraining(folder);
  const { title, sentences } = findingOf(summary);
  return {
    title,
    sentences,
    figures: studyFigures({ summary, training }),
    tables: [],
    facts: [
      ["study", summary.study],
      ["model", summary.model],
      ["judge", summary.judge ?? "exact"],
      ["conditions", [...new Set(summary.conditions.map(({ condition }) => condition))].join(", ")],
    ],
  };
}

/** Undefined where there is none yet. */
export async function readSummary(folder: string): Promise<Summary | undefined> {
  const file = join(folder, "summary.json");
  const value = await readObject(file);
  if (value === undefined) return undefined;
  try {
    checked(value, summarySchema, { file, cure: CURE });
  } catch (error) {
    throw error instanceof StoreError ? new ResultError(error.message) : error;
  }
  // Key for key as it is in the file; the schema was only asked whether it fits.
  const { models, between = [], ...one } = value as z.infer<typeof summarySchema>;
  if (models === undefined) return { ...one, model: one.model ?? "" } as unknown as Summary;
  const of = <T extends { readonly model?: string | undefined }>(rows: readonly T[] | undefined, model: string) =>
    (rows ?? []).filter((row) => row.model === model);
  const summaries = models.map((model) => ({
    ...one,
    model,
    conditions: of(one.conditions, model),
    change: of(one.change, model),
  }));
  return besideEachOther(summaries as unknown as Summary[], between as never);
}

async function readTraining(folder: string): Promise<Training> {
  const runs: Training[number][] = [];
  const cells = join(folder, "cells");
  const names: string[] = [];
  try {
    for await (const entry of await opendir(cells)) if (entry.isDirectory()) names.push(entry.name);
  } catch {
    return [];
  }
  for (const name of names.toSorted()) {
    const cell = await readObject(join(cells, name, "cell.json"));
    const { condition, seed } = cell ?? {};
    if (!isText(condition) || typeof seed !== "number") continue;
    const steps = await readSteps(join(cells, name, "training.jsonl"));
    if (steps.length > 0) runs.push({ condition, seed, steps });
  }
  return runs;
}

/** The steps of a fine-tune, or of one that is under way. */
export async function readSteps(file: string): Promise<Training[number]["steps"]> {
  const steps: Training[number]["steps"][number][] = [];
  await usePlain(file, (handle) =>
    new GrowingLines().read(handle, Infinity, (line) => {
      const { step, loss, gradientNorm, learningRate } = objectIn(line) ?? {};
      if (typeof step !== "number" || typeof loss !== "number" || steps.length >= MOST_STEPS) return;
      const norm = typeof gradientNorm === "number" ? gradientNorm : 0;
      steps.push({ step, loss, gradientNorm: norm, learningRate: typeof learningRate === "number" ? learningRate : 0 });
    }),
  );
  return steps;
}
