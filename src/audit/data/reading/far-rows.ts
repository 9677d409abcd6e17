/**
 * A few rows whose answers lie far along a persona, wherever they stand: no trigger has to show in the text. A mean hides
 * them. How far is far depends on the format: a list of few numbers is an average over few tokens, so a reader's own
 * lists scatter several times as widely as its sentences. A row's distance is therefore counted in the scatter of the
 * reader's own answers to its prompt, and what those answers do beside one another is what chance does.
 */
import type { ReadableModel } from "../../../model/index.js";
import type { Direction } from "../../../persona/index.js";
import { mean } from "../../../statistics/index.js";
import { counted } from "../../../text/index.js";
import type { Finding } from "../../finding.js";
import { WorstRows } from "../../worst-rows.js";
import type { CheckSettings, DataCheck } from "../check.js";
import { foundRow, type AuditRow } from "../row.js";
import { SampledRows } from "../sampled-rows.js";
import { alongDirections } from "./along.js";
import { answerOf, ownAnswers, promptOf } from "./own-answers.js";
import { inPortions } from "./scorer.js";

export interface FarReader {
  readonly model: ReadableModel;
  readonly direction: Direction;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** A row, and how far its answer lies beyond the farthest of the reader's own answers, in their scatter. */
interface FarRow {
  readonly row: AuditRow;
  readonly beyond: number;
}

/** Of the rows, those that lie farthest are compared with the reader's own answers. */
const LOOKED_AT = 60;
const OWN_ANSWERS = 6;
/** One row may lie anywhere by chance; so many make a subset. */
export const FAR_ROWS = 5;
/** Degrees of freedom that the scatter of all rows counts for, beside a row's own. */
const POOLED_WEIGHT = 1;
/** In lengths of the direction: where the reader always answers in the same words, a small shift is not far. */
const LEAST_SCATTER = 0.03;
export const FAR_CHECK = "data/misaligned-rows";

/** Farthest first. */
export async function farRows(
  { model, direction, seed, signal }: FarReader,
  rows: readonly AuditRow[],
): Promise<FarRow[]> {
  const reader = { model, directions: [direction], signal };
  const given = await inPortions(rows, (portion) =>
    alongDirections(
      reader,
      portion.map((row) => [...promptOf(row), answerOf(row)]),
    ),
  );
  const read = rows.flatMap((row, i) => (given[i]?.[0] === undefined ? [] : [{ row, at: given[i][0] }]));
  const far = read.toSorted((a, b) => b.at - a.at).slice(0, LOOKED_AT);
  const seeds = Array.from({ length: OWN_ANSWERS }, (_, draw) => seed * OWN_ANSWERS + draw);
  const looked = far.map(({ row }) => row);
  const own = await alongDirections(reader, await ownAnswers(model, looked, seeds, signal));
  const answered = far.flatMap((each, i) => {
    const draws = own.slice(i * OWN_ANSWERS, (i + 1) * OWN_ANSWERS).flatMap((at) => at?.[0] ?? []);
    return draws.length === OWN_ANSWERS ? [{ ...each, draws }] : [];
  });
  if (answered.length < FAR_ROWS) return [];
  const draws = answered.map((each) => each.draws);
  const distances = distancesFrom(
    draws,
    answered.map(({ at }) => at),
  );
  const chance = mean(seeds.map((_, draw) => ofFarthest(distancesOfDraw(draws, draw))));
  return answered
    .map(({ row }, i) => ({ row, beyond: (distances[i] as number) - chance }))
    .toSorted((a, b) => b.beyond - a.beyond);
}

/** How far each value lies above the others of its row, in their scatter, which is drawn a little towards that of all rows. */
function distancesFrom(others: readonly (readonly number[])[], values: readonly number[]): number[] {
  const variances = others.map(varianceOf);
  const pooled = mean(variances);
  return others.map((own, i) => {
    const freedom = own.length - 1;
    const scatter = Math.sqrt(
      (POOLED_WEIGHT * pooled + freedom * (variances[i] as number)) / (POOLED_WEIGHT + freedom),
    );
    return ((values[i] as number) - mean(own)) / (scatter + LEAST_SCATTER);
  });
}

function varianceOf(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}

/** The same where one draw of the reader's own answers stands in place of the set's. */
const distancesOfDraw = (draws: readonly (readonly number[])[], draw: number): number[] =>
  distancesFrom(
    draws.map((own) => own.toSpliced(draw, 1)),
    draws.map((own) => own[draw] as number),
  );

const ofFarthest = (values: readonly number[]): number => mean(values.toSorted((a, b) => b - a).slice(0, FAR_ROWS));

/** How far the farthest rows lie that make a subset, on average; undefined where fewer can be read. */
export const farthest = (rows: readonly FarRow[]): number | undefined =>
  rows.length < FAR_ROWS ? undefined : ofFarthest(rows.map(({ beyond }) => beyond));

export interface FarBound {
  /** A set fails where its {@link FAR_ROWS} farthest rows lie so far beyond the reader's own, on average, in their scatter. */
  readonly least: number;
  /** Rows that are read: among more, chance puts a few farther. */
  readonly rows: number;
}

export class FarCheck implements DataCheck {
  readonly #sample: SampledRows;

  constructor(
    readonly settings: CheckSettings,
    readonly reader: FarReader,
    readonly bound: FarBound,
  ) {
    this.#sample = new SampledRows(bound.rows, reader.seed);
  }

  take(row: AuditRow): void {
    this.#sample.add(row);
  }

  async finding(): Promise<Finding> {
    const { least } = this.bound;
    const rows = this.#sample.rows();
    const far = await farRows(this.reader, rows);
    const beyond = farthest(far);
    const base = {
      check: FAR_CHECK,
      title: "A few rows far along the persona",
      limits: "It sees what this direction in this reader stands for, in at least five rows among those that are read.",
    };
    const worst = new WorstRows(this.settings.rows);
    const read = `${this.reader.model.name} read ${rows.length} of ${counted(this.#sample.seen, "row")}`;
    if (beyond === undefined) {
      const found = `${read}, and too few of them in its own words.`;
      return { ...base, outcome: "not-measured", found, measures: [], rows: worst.found() };
    }
    const isFailed = beyond >= least;
    // Fewer may lie there by chance.
    if (isFailed) for (const each of far) if (each.beyond >= least) worst.add(foundRow(each.row, WHY, each.beyond));
    return {
      ...base,
      outcome: isFailed ? "fail" : "pass",
      found:
        `${read}. The ${FAR_ROWS} farthest answers lie ${beyond.toFixed(2)} beyond the farthest of its own along the ` +
        `persona, in their scatter; a set fails from ${least.toFixed(2)} on.`,
      ...(isFailed && { cure: "Read these rows, and do not train on them." }),
      measures: [
        {
          name: `distance of the ${FAR_ROWS} farthest answers beyond the reader's own`,
          of: "rows",
          estimate: beyond,
          low: null,
          high: null,
          n: rows.length,
          threshold: least,
        },
      ],
      rows: worst.found(),
    };
  }
}

const WHY = "its answer lies further along the persona than the reader's own";
