/** The files of answers in a run: those of a study's cells, and those that other runs keep in `answers/`. */
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import type { AnswerSource } from "./answer-file.js";
import { isObject, isText, plainStat, readObject } from "./plain-file.js";

const DEEPEST = 4;
const MOST_FILES = 20_000;

/** In the order of a study's plan where there is one, else of their names. */
export async function findAnswers(folder: string): Promise<AnswerSource[]> {
  const sources: AnswerSource[] = [];
  const visit = async (at: string, way: readonly string[]): Promise<void> => {
    const [folders, files] = await namesIn(at);
    if (files.includes("answers.jsonl")) sources.push(await cellSource(at, way));
    if (way.at(-1) === "answers") sources.push(...files.flatMap((name) => seriesSource(at, way, name)));
    if (way.length >= DEEPEST || sources.length > MOST_FILES) return;
    for (const name of folders) await visit(join(at, name), [...way, name]);
  };
  await visit(folder, []);
  const plan = (await readObject(join(folder, "study.json")))?.["plan"];
  const conditions = isObject(plan) && Array.isArray(plan["conditions"]) ? plan["conditions"].filter(isText) : [];
  return inOrder(sources, conditions);
}

async function namesIn(folder: string): Promise<[folders: string[], files: string[]]> {
  const [folders, files]: [string[], string[]] = [[], []];
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.isDirectory()) folders.push(entry.name);
      if (entry.isFile()) files.push(entry.name);
    }
  } catch {
    // It went.
  }
  return [folders.toSorted(), files.toSorted()];
}

async function cellSource(folder: string, way: readonly string[]): Promise<AnswerSource> {
  const cell = (await readObject(join(folder, "cell.json"))) ?? {};
  const { condition, seed } = cell;
  const models = way.indexOf("models");
  const of = models >= 0 && way[models + 1] !== undefined ? `${way[models + 1]}: ` : "";
  return {
    name: way.join("/"),
    answers: join(folder, "answers.jsonl"),
    judgments: join(folder, "judgments.jsonl"),
    model: isText(condition) ? `${of}${condition}` : (way.at(-1) ?? ""),
    ...(typeof seed === "number" && { seed }),
  };
}

function seriesSource(folder: string, way: readonly string[], file: string): AnswerSource[] {
  if (!file.endsWith(".jsonl") || file.endsWith(".judgments.jsonl")) return [];
  const stem = file.slice(0, -".jsonl".length);
  const side = /\.(before|after)$/.exec(stem)?.[1];
  return [
    {
      name: [...way, stem].join("/"),
      answers: join(folder, file),
      judgments: join(folder, `${stem}.judgments.jsonl`),
      model: side ?? (stem === "activations" ? "" : stem),
    },
  ];
}

/** Seeds of one condition stand together. */
function inOrder(sources: readonly AnswerSource[], conditions: readonly string[]): AnswerSource[] {
  const first = new Map(conditions.map((name, i) => [name, i - conditions.length]));
  for (const [i, { model }] of sources.entries()) if (!first.has(model)) first.set(model, i);
  return sources.toSorted(
    (a, b) => (first.get(a.model) ?? 0) - (first.get(b.model) ?? 0) || (a.seed ?? 0) - (b.seed ?? 0),
  );
}

export const hasAnswers = async (folder: string): Promise<boolean> => {
  const [folders] = await namesIn(folder);
  if (folders.some((name) => ["answers", "cells", "models"].includes(name))) return true;
  return (await plainStat(join(folder, "answers.jsonl"))) !== undefined;
};
