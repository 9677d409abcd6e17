/**
 * From records to logs of Inspect AI, which its viewer and its data frames open: one log a model, condition, seed and
 * question set. Records are gone through three times, for totals, samples and summaries. Where there are many they are
 * read each time, so that memory does not grow with them.
 */
import { open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFile, makeFolder } from "../../store/index.js";
import { headerOf, type LogName, type Totals } from "./inspect-header.js";
import { InspectLogError } from "./inspect-log.js";
import { sampleOf, wordingOf, type LogSample } from "./inspect-sample.js";
import { keptRecords } from "./kept-records.js";
import { ZipLog } from "./inspect-zip.js";
import type { AnswerRecord } from "./records.js";
import type { RecordSource } from "./tables.js";

export interface InspectExportOptions {
  /** Stands in the log's packages. */
  readonly version: string;
  /** ISO 8601; now, unless given. */
  readonly created?: string;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

const MOST_LOGS = 500;

/**
 * @param out a file that ends in .eval or .json, for one log; else a folder, which gets one .eval file a log.
 * @returns the files that were written.
 */
export async function writeInspectLogs(
  source: RecordSource,
  out: string,
  options: InspectExportOptions,
): Promise<string[]> {
  const records = keptRecords(source);
  const logs = await totalsOf(records);
  const isFile = /\.(eval|json)$/i.test(out);
  if (isFile && logs.size > 1) {
    const names = [...logs.values()].slice(0, 5).map(({ model, task }) => `${model} on ${task}`);
    throw new InspectLogError(
      `${out}: a log is of one model on one question set, and these answers make ${logs.size} (${names.join("; ")}…). Give a folder with --out.`,
    );
  }
  await makeFolder(isFile ? dirname(out) : out);
  const total = [...logs.values()].reduce((sum, { samples }) => sum + samples, 0);
  const told = (done: number): void => options.onProgress?.({ done, total });
  const [only] = logs.values();
  if (/\.json$/i.test(out) && only !== undefined) {
    await makeFile(out, async (temporary) => {
      const file = await open(temporary, "wx");
      try {
        await writeJson(file, only, samplesOf(records), options, told);
      } finally {
        await file.close();
      }
    });
    return [out];
  }
  const paths = isFile ? new Map([...logs.keys()].map((key) => [key, out])) : pathsIn(out, [...logs.keys()]);
  await writeZips(records, logs, paths, options, told);
  return [...paths.values()];
}

/** One after the other the records go to the log that they belong to, so that they are read three times and no more. */
async function writeZips(
  records: RecordSource,
  logs: ReadonlyMap<string, Totals>,
  paths: ReadonlyMap<string, string>,
  options: InspectExportOptions,
  told: (done: number) => void,
): Promise<void> {
  const { created = new Date().toISOString() } = options;
  const logsOpen = new Map<string, ZipLog>();
  try {
    for (const [key, totals] of logs) {
      const header = headerOf(totals, { ...options, created });
      logsOpen.set(key, await ZipLog.create(paths.get(key) as string, header, totals.samples, created));
    }
    let done = 0;
    for await (const { key, made } of samplesOf(records)) {
      await logsOpen.get(key)?.sample(made);
      told(++done);
    }
    for await (const { key, made } of samplesOf(records)) await logsOpen.get(key)?.summary(made);
    for (const log of logsOpen.values()) await log.finish();
  } finally {
    for (const log of logsOpen.values()) await log.discard();
  }
}

/** Names that come out the same are told apart by numbers. */
function pathsIn(folder: string, keys: readonly string[]): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    keys.map((key) => {
      const name = fileName(key);
      let free = name;
      for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name}_${n}`;
      taken.add(free.toLowerCase());
      return [key, join(folder, `${free}.eval`)];
    }),
  );
}

async function totalsOf(records: RecordSource): Promise<Map<string, Totals>> {
  const logs = new Map<string, Totals>();
  const count = new Numbering();
  for await (const record of records()) {
    const name = nameOf(record);
    const key = keyOf(name);
    const totals = logs.get(key) ?? { ...name, samples: 0, scores: new Map(), coherent: 0 };
    logs.set(key, totals);
    if (logs.size > MOST_LOGS)
      throw new InspectLogError(
        `these answers make more than ${MOST_LOGS} logs: one a model, condition, seed and question set.`,
      );
    totals.samples++;
    const { scores, isCoherent } = sampleOf(record, name.model, count.next(record));
    if (isCoherent) totals.coherent++;
    for (const [scorer, { value }] of Object.entries(scores)) {
      const score = totals.scores.get(scorer) ?? { n: 0, sum: 0 };
      totals.scores.set(scorer, { n: score.n + 1, sum: score.sum + Number(value) });
    }
  }
  if (logs.size === 0) throw new InspectLogError("expected at least one answer to export, found none.");
  return logs;
}

async function* samplesOf(records: RecordSource): AsyncGenerator<{ key: string; made: LogSample }, void> {
  const count = new Numbering();
  for await (const record of records()) {
    const name = nameOf(record);
    yield { key: keyOf(name), made: sampleOf(record, name.model, count.next(record)) };
  }
}

/** Epochs: the how-manieth answer of a log to one wording it is. */
class Numbering {
  readonly #seen = new Map<string, number>();

  next(record: AnswerRecord): number {
    const key = JSON.stringify([
      keyOf(nameOf(record)),
      record["question_id"] ?? record["question"],
      record["id"] === undefined ? "" : wordingOf(record),
    ]);
    const epoch = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, epoch);
    return epoch;
  }
}

function nameOf(record: AnswerRecord): LogName {
  const text = (key: string): string | undefined => {
    const value = record[key];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const [condition, seed, judge] = ["condition", "seed", "judge"].map(text);
  const model = text("model") ?? condition ?? text("group") ?? text("file") ?? "unknown";
  const metadata = Object.fromEntries(
    Object.entries({ condition, seed, judge }).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  return { model, task: text("set") ?? text("task") ?? "questions", metadata };
}

const keyOf = ({ model, task, metadata }: LogName): string => JSON.stringify([model, task, ...Object.values(metadata)]);

const fileName = (key: string): string =>
  (JSON.parse(key) as string[])
    .join("_")
    .replaceAll(/[^\w.-]+/g, "-")
    .slice(0, 120);

async function writeJson(
  file: FileHandle,
  totals: Totals,
  samples: AsyncIterable<{ made: LogSample }>,
  options: InspectExportOptions,
  told: (done: number) => void,
): Promise<void> {
  // The format wants the header's fields first, in their order, then the samples.
  await file.writeFile(`${JSON.stringify(headerOf(totals, options)).slice(0, -1)},"samples":[`);
  let separator = "\n";
  let done = 0;
  for await (const { made } of samples) {
    await file.writeFile(`${separator}${JSON.stringify(made.sample)}`);
    separator = ",\n";
    told(++done);
  }
  await file.writeFile("\n]}\n");
}
