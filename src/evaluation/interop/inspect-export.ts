/**
 * From records to logs of Inspect AI, which its viewer and its data frames open: one log a model, condition, seed and
 * question set. Records are read three times, for totals, samples and summaries, so memory does not grow with them.
 */
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { strToU8, Zip, ZipDeflate } from "fflate";
import { sha256 } from "../../store/index.js";
import { InspectLogError, LOG_VERSION } from "./inspect-log.js";
import { sampleOf, summaryOf, wordingOf, type LogSample } from "./inspect-sample.js";
import type { AnswerRecord } from "./records.js";
import type { RecordSource } from "./tables.js";

export interface InspectExportOptions {
  /** Stands in the log's packages. */
  readonly version: string;
  /** ISO 8601; now, unless given. */
  readonly created?: string;
}

/** What a log is of. */
interface LogName {
  readonly model: string;
  readonly task: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Totals extends LogName {
  samples: number;
  /** By scorer: how many samples have its score, and their sum. */
  readonly scores: Map<string, { n: number; sum: number }>;
  coherent: number;
}

/** A zip without 64-bit extensions holds 65,535 entries. */
const MOST_SAMPLES_ZIPPED = 65_000;
const MOST_LOGS = 500;

/**
 * @param out a file that ends in .eval or .json, for one log; else a folder, which gets one .eval file a log.
 * @returns the files that were written.
 */
export async function writeInspectLogs(
  records: RecordSource,
  out: string,
  options: InspectExportOptions,
): Promise<string[]> {
  const logs = await totalsOf(records);
  const isFile = /\.(eval|json)$/i.test(out);
  if (isFile && logs.size > 1) {
    const names = [...logs.values()].slice(0, 5).map(({ model, task }) => `${model} on ${task}`);
    throw new InspectLogError(
      `${out}: a log is of one model on one question set, and these answers make ${logs.size} (${names.join("; ")}…). Give a folder with --out.`,
    );
  }
  await mkdir(isFile ? dirname(out) : out, { recursive: true });
  const written: string[] = [];
  for (const [key, totals] of logs) {
    const path = isFile ? out : join(out, `${fileName(key)}.eval`);
    const own = (): AsyncIterable<LogSample> => samplesOf(records, key);
    await whole(path, (file) =>
      /\.json$/i.test(path) ? writeJson(file, totals, own, options) : writeZip(file, path, totals, own, options),
    );
    written.push(path);
  }
  return written;
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

async function* samplesOf(records: RecordSource, key: string): AsyncGenerator<LogSample, void> {
  const count = new Numbering();
  for await (const record of records()) {
    const name = nameOf(record);
    if (keyOf(name) === key) yield sampleOf(record, name.model, count.next(record));
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

/** The file appears under its name once it is whole. */
async function whole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const part = `${path}.part`;
  try {
    const file = await open(part, "w");
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function writeJson(
  file: FileHandle,
  totals: Totals,
  samples: () => AsyncIterable<LogSample>,
  options: InspectExportOptions,
): Promise<void> {
  // The format wants the header's fields first, in their order, then the samples.
  await file.writeFile(`${JSON.stringify(headerOf(totals, options)).slice(0, -1)},"samples":[`);
  let separator = "\n";
  for await (const { sample } of samples()) {
    await file.writeFile(`${separator}${JSON.stringify(sample)}`);
    separator = ",\n";
  }
  await file.writeFile("\n]}\n");
}

async function writeZip(
  file: FileHandle,
  path: string,
  totals: Totals,
  samples: () => AsyncIterable<LogSample>,
  options: InspectExportOptions,
): Promise<void> {
  if (totals.samples > MOST_SAMPLES_ZIPPED) {
    throw new InspectLogError(
      `${path}: ${totals.samples} answers are too many for a .eval file; export to a file that ends in .json.`,
    );
  }
  const pieces: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, piece) => {
    failure ??= error;
    pieces.push(piece);
  });
  const flush = async (): Promise<void> => {
    if (failure !== null) throw failure;
    for (const piece of pieces.splice(0)) await file.writeFile(piece);
  };
  const { created = new Date().toISOString() } = options;
  const entry = (name: string): ZipDeflate => {
    const made = new ZipDeflate(name, { level: 6 });
    made.mtime = created;
    zip.add(made);
    return made;
  };
  const put = async (name: string, value: unknown): Promise<void> => {
    entry(name).push(strToU8(JSON.stringify(value)), true);
    await flush();
  };
  const header = headerOf(totals, { ...options, created });
  await put("_journal/start.json", { version: header.version, eval: header.eval, plan: header.plan });
  for await (const { sample } of samples()) await put(`samples/${sample.id}_epoch_${sample.epoch}.json`, sample);
  const summaries = entry("summaries.json");
  let separator = "[";
  for await (const made of samples()) {
    summaries.push(strToU8(`${separator}${JSON.stringify(summaryOf(made))}`));
    separator = ",";
    await flush();
  }
  summaries.push(strToU8("]"), true);
  await put("header.json", header);
  zip.end();
  await flush();
}

function headerOf(
  { model, task, metadata, samples, scores, coherent }: Totals,
  { version, created = new Date().toISOString() }: InspectExportOptions,
) {
  const mean = (sum: number, of: number) => (of === 0 ? 0 : sum / of);
  const metric = (name: string, value: number) => ({ name, value, params: {} });
  const names = [...scores.keys()];
  const identity = (what: string): string => sha256(JSON.stringify([what, model, task, metadata])).slice(0, 22);
  return {
    version: LOG_VERSION,
    status: "success",
    eval: {
      eval_id: identity("eval"),
      run_id: identity("run"),
      created,
      task,
      task_id: identity("task"),
      task_version: 0,
      task_attribs: {},
      task_args: {},
      task_args_passed: {},
      dataset: { name: task, samples, shuffled: false },
      model,
      model_generate_config: {},
      model_args: {},
      config: {},
      packages: { askew: version },
      metadata,
      scorers: names.map((name) => ({ name, options: {}, metrics: [{ name: "mean", options: {} }], metadata: {} })),
    },
    plan: { name: "plan", steps: [{ solver: "generate", params: {}, params_passed: {} }], config: {} },
    results: {
      total_samples: samples,
      completed_samples: samples,
      scores: [...scores].map(([name, { n, sum }]) => ({
        name,
        scorer: name,
        scored_samples: n,
        unscored_samples: samples - n,
        params: {},
        metrics:
          name === "misaligned"
            ? { rate: metric("rate", mean(sum, coherent)), rate_of_all: metric("rate_of_all", mean(sum, samples)) }
            : { mean: metric("mean", mean(sum, n)) },
      })),
    },
    stats: {
      started_at: created,
      completed_at: created,
      model_usage: {},
      role_usage: {},
      connection_limit_history: [],
    },
    invalidated: false,
    tags: [],
    metadata,
  };
}
