/** Audits a dataset: one pass over its rows, every check beside the others. */
import { DatasetError, readAnyRows } from "../../dataset/index.js";
import type { Finding } from "../finding.js";
import { verdictOf, type Verdict } from "../verdict.js";
import { DATA_CHECKS } from "./checks.js";
import type { CheckSettings, DataCheck } from "./check.js";
import { FormatCheck } from "./format.js";
import { FarCheck, type FarBound, type FarReader } from "./reading/far-rows.js";
import { LatentsRising, type LatentSettings } from "./reading/latents.js";
import { personaUnread } from "./reading/persona-shift.js";
import { ReadCheck } from "./reading/read-check.js";
import type { RowScorer } from "./reading/scorer.js";
import { auditRow, type AuditRow } from "./row.js";
import { SampledRows } from "./sampled-rows.js";

export interface DataAuditOptions extends Partial<CheckSettings> {
  /** Models that read rows, to see what a set does to a model. */
  readonly readers?: Readers;
  /** Without readers, the verdict is then incomplete: text alone does not show what a set does to a model. */
  readonly needsReader?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each row with how many there were. */
  readonly onRow?: (rows: number) => void;
}

export interface Readers {
  readonly scorers: readonly RowScorer[];
  /** An autoencoder of a reader, whose latents are compared. */
  readonly latents?: LatentSettings;
  /** A reader that looks for a few rows far along a persona, where a calibration says from where on. */
  readonly far?: { readonly reader: FarReader; readonly bound: FarBound };
  /** Rows that are read, drawn from all of the file; default 200. */
  readonly rows?: number;
  readonly seed?: number;
  /** A file that is known to be good; the set's rows are compared with as many of its rows, and as many again. */
  readonly reference?: string;
}

interface DataAudit {
  readonly file: string;
  /** Rows that were read as conversations. */
  readonly rows: number;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}

const ROWS_NAMED = 5;
const ROWS_READ = 200;
/** Rows of a reference for each row of the set: chance then puts few rows beyond its end. */
const REFERENCE_ROWS = 2;

/**
 * What a dataset would teach, and which rows.
 * @param file JSON lines, a JSON array, CSV or TSV, in messages or another tool's form, plain or gzipped
 * @throws {DatasetError} for a file that cannot be read at all. Bad rows are a finding.
 */
export async function auditData(file: string, options: DataAuditOptions = {}): Promise<DataAudit> {
  const settings: CheckSettings = {
    rows: options.rows ?? ROWS_NAMED,
    leastSubset: options.leastSubset,
    mostWeak: options.mostWeak,
  };
  const format = new FormatCheck(file, settings.rows);
  const { readers, needsReader = false } = options;
  const checks: DataCheck[] = DATA_CHECKS.map((kind) => kind.create(settings));
  if (readers !== undefined) checks.push(...(await readChecks(readers, settings)));
  let rows = 0;
  for await (const { line, conversation, problem, form, changes } of readAnyRows(file)) {
    options.signal?.throwIfAborted();
    if (problem !== undefined) format.bad(problem);
    if (conversation === undefined) continue;
    format.good(form, changes);
    const row = auditRow(file, line, conversation);
    for (const check of checks) {
      const taken = check.take(row);
      if (taken !== undefined) await taken;
    }
    rows += 1;
    options.onRow?.(rows);
  }
  if (rows === 0) throw noConversation(file, format.problems);
  const findings: Finding[] = [format.finding()];
  for (const check of checks) findings.push(await check.finding());
  if (readers === undefined && needsReader) findings.push(personaUnread());
  return { file, rows, verdict: verdictOf(findings), findings };
}

const noConversation = (file: string, [first]: readonly string[]): DatasetError => {
  const cure = first ?? "The file holds no rows.";
  return new DatasetError({ file, kind: "file", expected: "at least one conversation", found: "none", cure });
};

/**
 * The rows that an audit of the file would read, and those that it could not.
 * @throws {DatasetError} where there is no file, or no conversation in it
 */
export async function countRows(
  file: string,
  signal?: AbortSignal,
): Promise<{ readonly rows: number; readonly unreadable: number }> {
  const format = new FormatCheck(file, 1);
  const found = { rows: 0, unreadable: 0 };
  for await (const { conversation, problem } of readAnyRows(file)) {
    signal?.throwIfAborted();
    if (problem !== undefined) format.bad(problem);
    if (conversation !== undefined) found.rows += 1;
    else if (problem !== undefined) found.unreadable += 1;
  }
  if (found.rows === 0) throw noConversation(file, format.problems);
  return found;
}

async function readChecks(readers: Readers, settings: CheckSettings): Promise<DataCheck[]> {
  const { scorers, latents, far, rows: readerRows = ROWS_READ, seed = 0, reference: file } = readers;
  const reference = file === undefined ? undefined : await sampleOf(file, REFERENCE_ROWS * readerRows, seed);
  const read = { readerRows, seed, ...(reference && { reference }) };
  return [
    ...scorers.map((scorer) => new ReadCheck(settings, scorer, read)),
    ...(far === undefined ? [] : [new FarCheck(settings, far.reader, far.bound)]),
    ...(latents === undefined ? [] : [new LatentsRising(latents, readerRows, seed)]),
  ];
}

async function sampleOf(file: string, most: number, seed: number): Promise<AuditRow[]> {
  const sample = new SampledRows(most, seed);
  for await (const { line, conversation } of readAnyRows(file)) {
    if (conversation !== undefined) sample.add(auditRow(file, line, conversation));
  }
  return sample.rows();
}
