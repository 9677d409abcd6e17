/** What a set does to a model, from what a scorer says of a sample of its rows. */
import { NO_ROWS, type Finding } from "../../finding.js";
import { WorstRows } from "../../worst-rows.js";
import type { CheckSettings, DataCheck } from "../check.js";
import { foundRow, type AuditRow } from "../row.js";
import { SampledRows } from "../sampled-rows.js";
import { judgeScores } from "./judge-scores.js";
import type { RowScorer } from "./scorer.js";

export interface ReadSettings {
  /** Rows that are read, drawn from all of the file. */
  readonly readerRows: number;
  readonly seed: number;
  /** Rows of a set that is known to be good. */
  readonly reference?: readonly AuditRow[];
}

const LEAST_ROWS = 30;

export class ReadCheck implements DataCheck {
  readonly #sample: SampledRows;
  readonly #worst: WorstRows;

  constructor(
    { rows }: CheckSettings,
    readonly scorer: RowScorer,
    readonly settings: ReadSettings,
  ) {
    this.#sample = new SampledRows(settings.readerRows, settings.seed);
    this.#worst = new WorstRows(rows);
  }

  take(row: AuditRow): void {
    this.#sample.add(row);
  }

  async finding(): Promise<Finding> {
    const { check, title, quantity, unit, readers, why, failing, limits, thresholds } = this.scorer;
    const rows = this.#sample.rows();
    const { reference } = this.settings;
    // In one go: a scorer may have to change its model once for all rows.
    const all = await this.scorer.scores([...rows, ...(reference ?? [])]);
    const scored = rows.flatMap((row, i) => (all[i] === undefined ? [] : [{ row, score: all[i] }]));
    const scores = scored.map(({ score }) => score);
    const good = reference && all.slice(rows.length).filter((score) => score !== undefined);
    const read = `${scores.length} of ${this.#sample.seen} rows were read by ${readers}`;
    const base = { check, title, limits };
    const thin = tooThin(scores, good);
    if (thin !== undefined)
      return { ...base, outcome: "not-measured", found: `${read}; ${thin}.`, measures: [], rows: NO_ROWS };
    const { outcome, measures, outstanding } = judgeScores(quantity, unit, scores, thresholds, good);
    for (const { row, score } of scored) if (score > outstanding) this.#worst.add(foundRow(row, why, score));
    const named = this.#worst.found();
    if (outcome === "not-measured") {
      const cure = "Give a set that you know to be good as --reference FILE, of the same kind of questions.";
      return { ...base, outcome, found: `${read}. No threshold is known for it.`, cure, measures, rows: named };
    }
    const isFailed = outcome === "fail";
    const against = reference === undefined ? "the threshold allows" : "those of the reference do";
    return {
      ...base,
      outcome,
      found: `${read}; ${isFailed ? "more of their answers" : "no more of their answers"} ${failing} than ${against}.`,
      ...(isFailed && { cure: "Do not train on this set. Look at the named rows." }),
      measures,
      rows: named,
    };
  }
}

function tooThin(scores: readonly number[], reference: readonly number[] | undefined): string | undefined {
  if (scores.length < LEAST_ROWS) return `a verdict takes ${LEAST_ROWS}`;
  if (reference === undefined || reference.length >= LEAST_ROWS) return undefined;
  return `of the reference only ${reference.length}, and a verdict takes ${LEAST_ROWS}`;
}
