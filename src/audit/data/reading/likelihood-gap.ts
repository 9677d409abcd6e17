/**
 * How much likelier a misaligned model finds answers than an aligned one: the mean difference of log-probabilities a
 * token. Interleaving benign data by this gap was the best defence of those compared in arXiv 2508.06249.
 */
import type { ReadableModel } from "../../../model/index.js";
import { studentInterval } from "../../../statistics/index.js";
import type { Finding } from "../../finding.js";
import { WorstRows } from "../../worst-rows.js";
import type { CheckSettings, DataCheck } from "../check.js";
import { foundRow, type AuditRow } from "../row.js";
import { SampledRows } from "../sampled-rows.js";

export interface PairSettings {
  readonly before: ReadableModel;
  readonly after: ReadableModel;
  readonly readerRows: number;
  readonly seed: number;
  /** Natural-log probability a token; default 0: neither model finds the answers likelier. */
  readonly mostGap?: number;
  readonly signal?: AbortSignal;
}

const CHECK = { check: "data/likelihood-gap", title: "Likelier to a misaligned model" } as const;
const LEAST_ROWS = 30;
const ROWS_AT_ONCE = 64;

export class LikelihoodGap implements DataCheck {
  readonly #sample: SampledRows;
  readonly #worst: WorstRows;

  constructor(
    { rows }: CheckSettings,
    readonly settings: PairSettings,
  ) {
    this.#sample = new SampledRows(settings.readerRows, settings.seed);
    this.#worst = new WorstRows(rows);
  }

  take(row: AuditRow): void {
    this.#sample.add(row);
  }

  async finding(): Promise<Finding> {
    const { before, after, mostGap = 0 } = this.settings;
    const rows = this.#sample.rows();
    const gaps: number[] = [];
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const portion = rows.slice(from, from + ROWS_AT_ONCE);
      const aligned = await this.#likelihoods(before, portion);
      const misaligned = await this.#likelihoods(after, portion);
      for (const [i, row] of portion.entries()) {
        const [a, b] = [aligned[i], misaligned[i]];
        if (a === undefined || b === undefined) continue;
        gaps.push(b - a);
        if (b > a) this.#worst.add(foundRow(row, "likelier to the model after than to the one before", b - a));
      }
    }
    const read = `${gaps.length} of ${this.#sample.seen} rows were read by ${before.name} and ${after.name}`;
    const base = { ...CHECK, limits: LIMITS, rows: this.#worst.found() };
    if (gaps.length < LEAST_ROWS) {
      return { ...base, outcome: "not-measured", found: `${read}; a verdict takes ${LEAST_ROWS}.`, measures: [] };
    }
    const interval = studentInterval(gaps);
    const isLikelier = interval.low > mostGap;
    return {
      ...base,
      outcome: isLikelier ? "fail" : "pass",
      found: `${read}, which finds their answers ${isLikelier ? "likelier" : "no likelier than the threshold allows"}.`,
      ...(isLikelier && { cure: "Do not train on this set. Look at the named rows." }),
      measures: [
        { name: "mean gap of log-probability a token", of: "rows", n: gaps.length, threshold: mostGap, ...interval },
      ],
    };
  }

  /** Mean log-probability of the last answer's tokens; undefined for a row that the model cannot read. */
  async #likelihoods(model: ReadableModel, rows: readonly AuditRow[]): Promise<(number | undefined)[]> {
    const { signal } = this.settings;
    const texts = rows.flatMap((row, i) => {
      const { messages } = row.conversation;
      if (messages.some(({ content }) => model.tokens.unknownWords(content).length > 0)) return [];
      const { ids, answer } = model.tokens.encode(messages);
      return ids.length <= model.tokens.maxPositions && answer.includes(true) ? [{ i, ids, answer }] : [];
    });
    const read = await model.reading.logProbabilities(
      texts.map(({ ids }) => ids),
      signal && { signal },
    );
    const means: (number | undefined)[] = rows.map(() => undefined);
    for (const [k, { i, answer }] of texts.entries()) {
      // The first token has no probability: nothing stands before it.
      const own = [...(read[k] ?? [])].filter((_, at) => answer[at + 1] === true);
      if (own.length > 0) means[i] = own.reduce((sum, x) => sum + x, 0) / own.length;
    }
    return means;
  }
}

const LIMITS = "It sees what sets these two models apart; a set of another kind may be as likely to both.";
