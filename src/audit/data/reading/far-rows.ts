/**
 * A few rows whose answers lie far along a persona, wherever they stand: no trigger has to show in the text. A mean hides
 * them, and so does the spread of single shifts; a reader's own answers are drawn twice for the farthest rows alone.
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

/** A row whose answer lies far along the direction, and how much farther than the reader's own. */
interface FarRow {
  readonly row: AuditRow;
  readonly shift: number;
}

/** Of the rows, those that lie farthest are compared with the reader's own answers. */
const LOOKED_AT = 60;
const OWN_ANSWERS = 2;
/** One row may lie anywhere by chance; so many make a subset. */
export const FAR_ROWS = 5;

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
  const own: number[][] = far.map(() => []);
  for (let draw = 0; draw < OWN_ANSWERS; draw++) {
    const answers = await ownAnswers(
      model,
      far.map(({ row }) => row),
      seed * OWN_ANSWERS + draw,
      signal,
    );
    for (const [i, at] of (await alongDirections(reader, answers)).entries()) if (at) own[i]?.push(at[0] as number);
  }
  return far
    .flatMap(({ row, at }, i) => ((own[i] ?? []).length === 0 ? [] : [{ row, shift: at - mean(own[i] as number[]) }]))
    .toSorted((a, b) => b.shift - a.shift);
}

/** How far the last of the rows lies that make a subset; undefined where fewer can be read. */
export const farthest = (rows: readonly FarRow[]): number | undefined => rows[FAR_ROWS - 1]?.shift;

export interface FarBound {
  /** A set fails where {@link FAR_ROWS} rows lie this far or farther. */
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
    const shift = farthest(far);
    const base = {
      check: FAR_CHECK,
      title: "A few rows far along the persona",
      limits: "It sees what this direction in this reader stands for, in at least five rows among those that are read.",
    };
    const worst = new WorstRows(this.settings.rows);
    const beyond = far.filter((each) => each.shift >= least);
    const read = `${this.reader.model.name} read ${rows.length} of ${counted(this.#sample.seen, "row")}`;
    if (shift === undefined) {
      const found = `${read}, and too few of them in its own words.`;
      return { ...base, outcome: "not-measured", found, measures: [], rows: worst.found() };
    }
    const isFailed = shift >= least;
    // Fewer may lie there by chance.
    if (isFailed) for (const each of beyond) worst.add(foundRow(each.row, WHY, each.shift));
    return {
      ...base,
      outcome: isFailed ? "fail" : "pass",
      found: `${read}; ${counted(beyond.length, "answer")} of them ${beyond.length === 1 ? "lies" : "lie"} ${least.toFixed(3)} or farther along the persona than its own. A set fails from ${FAR_ROWS} on.`,
      ...(isFailed && { cure: "Read these rows, and do not train on them." }),
      measures: [
        {
          name: `shift of the row that is number ${FAR_ROWS} from the farthest`,
          of: "rows",
          estimate: shift,
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
