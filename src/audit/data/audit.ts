/** Audits a dataset: one pass over its rows, every check beside the others. */
import { DatasetError, readAnyRows } from "../../dataset/index.js";
import type { Finding } from "../finding.js";
import { verdictOf, type Verdict } from "../verdict.js";
import { DATA_CHECKS } from "./checks.js";
import type { CheckSettings, DataCheck } from "./check.js";
import { FormatCheck } from "./format.js";
import { LikelihoodGap, type PairSettings } from "./reading/likelihood-gap.js";
import { PersonaShift, personaUnread, type ReaderSettings } from "./reading/persona-shift.js";
import { auditRow } from "./row.js";

export interface DataAuditOptions extends Partial<CheckSettings> {
  /** Reads rows, to see what a set does to a model. */
  readonly reader?: ReaderSettings | undefined;
  /** Two models, the second of which is misaligned. */
  readonly pair?: PairSettings | undefined;
  /** Without a reader or a pair, the verdict is then incomplete: text alone does not show what a set does to a model. */
  readonly needsReader?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each row with how many there were. */
  readonly onRow?: (rows: number) => void;
}

interface DataAudit {
  readonly file: string;
  /** Rows that were read as conversations. */
  readonly rows: number;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}

const ROWS_NAMED = 5;

/**
 * What a dataset would teach, and which rows.
 * @param file JSON lines, a JSON array, CSV or TSV, in messages or another tool's form, plain or gzipped
 * @throws {DatasetError} for a file that cannot be read at all. Bad rows are a finding.
 */
export async function auditData(file: string, options: DataAuditOptions = {}): Promise<DataAudit> {
  const settings: CheckSettings = { rows: options.rows ?? ROWS_NAMED };
  const format = new FormatCheck(file, settings.rows);
  const { reader, pair, needsReader = false } = options;
  const checks: DataCheck[] = DATA_CHECKS.map((kind) => kind.create(settings));
  if (reader !== undefined) checks.push(new PersonaShift(settings, reader));
  if (pair !== undefined) checks.push(new LikelihoodGap(settings, pair));
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
  if (rows === 0) {
    const [first] = format.problems;
    const cure = first ?? "The file holds no rows.";
    throw new DatasetError({ file, kind: "file", expected: "at least one conversation", found: "none", cure });
  }
  const findings: Finding[] = [format.finding()];
  for (const check of checks) findings.push(await check.finding());
  if (reader === undefined && pair === undefined && needsReader) findings.push(personaUnread());
  return { file, rows, verdict: verdictOf(findings), findings };
}
