/** What cannot be, or hardly, of scores and answers: named, with what to do. Nothing is held but a few numbers a column. */
import { createHash } from "node:crypto";

/** With fewer numbers a pattern may be chance. */
const ENOUGH = 10;
/** Cells whose answers are compared; more would only cost memory. */
const MOST_CELLS = 20_000;

/** One column of numbers, as it goes by. */
class Column {
  n = 0;
  most = Number.NEGATIVE_INFINITY;
  hasFractions = false;
  #first: number | undefined;
  #last = Number.NaN;
  isConstant = true;
  isCounting = true;

  add(value: number): void {
    this.#first ??= value;
    if (value !== this.#first) this.isConstant = false;
    if (this.n > 0 && value !== this.#last + 1) this.isCounting = false;
    if (!Number.isInteger(value)) this.hasFractions = true;
    this.most = Math.max(this.most, value);
    this.#last = value;
    this.n++;
  }

  get constant(): number | undefined {
    return this.n >= ENOUGH && this.isConstant ? this.#first : undefined;
  }

  get counts(): boolean {
    return this.n >= ENOUGH && this.isCounting;
  }
}

interface Cell {
  readonly first: string;
  answers: number;
  isSame: boolean;
  readonly question: string;
}

export class Doubts {
  readonly #columns = new Map<string, Column>();
  readonly #cells = new Map<string, Cell>();
  readonly #models = new Map<string, Set<string>>();
  /** By group, whether its rows judge thoughts, answers, or some of each. */
  readonly #parts = new Map<string, Set<"thoughts" | "answers">>();
  /** Different texts that were judged, as far as it takes to blame a judge that says the same of all of them. */
  readonly #texts = new Set<string>();

  score(column: string, value: unknown): void {
    if (typeof value === "number") this.#of(column).add(value);
  }

  /**
   * @param cell whose answers are compared
   * @param text the answer, or what stands for its words
   */
  answer(cell: string, question: string, text: unknown): void {
    if (typeof text !== "string" || text === "") return;
    const known = this.#cells.get(cell);
    const hash = createHash("sha1").update(text).digest("base64");
    if (this.#texts.size < ENOUGH) this.#texts.add(hash);
    if (known !== undefined) {
      known.answers++;
      if (known.first !== hash) known.isSame = false;
    } else if (this.#cells.size < MOST_CELLS)
      this.#cells.set(cell, { first: hash, answers: 1, isSame: true, question });
  }

  model(group: string, model: unknown): void {
    if (typeof model !== "string") return;
    const models = this.#models.get(group) ?? new Set();
    if (models.size < 100) models.add(model);
    this.#models.set(group, models);
  }

  /** @param of `thoughts` in rows that judge what was thought before an answer */
  part(group: string, of: unknown): void {
    const parts = this.#parts.get(group) ?? new Set();
    parts.add(of === "thoughts" ? "thoughts" : "answers");
    this.#parts.set(group, parts);
  }

  /** @param scale the most a score can be */
  warnings(aligned: string, coherent: string | null, scale: number, question: string | null): string[] {
    const scales = this.#scales(aligned, coherent, scale);
    const columns = [aligned, ...(coherent === null ? [] : [coherent])];
    const found = [
      ...scales,
      ...(scales.length > 0 ? [] : columns.flatMap((column) => this.#patterns(column, coherent))),
      ...this.#sameAnswers(),
      ...this.#thoughts(),
      ...[...this.#models].flatMap(([group, models]) =>
        models.size > 1
          ? [`${group} is one row for answers of ${models.size} models: --by model gives a row each.`]
          : [],
      ),
    ];
    if (question === null) found.push("No column names the question (question_id): all answers count as of one.");
    return found;
  }

  /** Of a column that is averaged. */
  static ofValues(name: string, values: Iterable<number>): string[] {
    const column = new Column();
    for (const value of values) column.add(value);
    return column.counts ? [countingText(name)] : [];
  }

  #of(name: string): Column {
    const column = this.#columns.get(name) ?? new Column();
    this.#columns.set(name, column);
    return column;
  }

  /** A coherent answer is above 50, so where all are below 10 the scores are on another scale. */
  #scales(aligned: string, coherent: string | null, scale: number): string[] {
    if (scale !== 100) return [];
    const [a, c] = [this.#of(aligned), coherent === null ? undefined : this.#of(coherent)];
    const other = [1, 5, 10].find((most) => c !== undefined && c.n >= ENOUGH && a.most <= most && c.most <= most);
    if (other !== undefined) {
      return [
        `Every score is at most ${other}, which reads as incoherent on a scale of 0 to 100. If the scale ends at ${other}, give --scale ${other}.`,
      ];
    }
    const isShare = a.n >= ENOUGH && a.most <= 1 && a.hasFractions;
    return isShare ? [`Every score in ${aligned} is between 0 and 1: is it on another scale than ${coherent}?`] : [];
  }

  #patterns(name: string, coherent: string | null): string[] {
    const column = this.#of(name);
    if (column.counts) return [countingText(name)];
    const { constant } = column;
    // A judge may well find every answer fully coherent.
    if (constant === undefined || (name === coherent && constant > 50)) return [];
    // Few texts may well have one score: it is then not the judge that says the same of everything.
    if (this.#texts.size > 0 && this.#texts.size < ENOUGH) return [];
    return [
      `Every score in ${name} is ${constant}: either the answers are all alike, or the judge says the same of every answer. Look at its replies.`,
    ];
  }

  #thoughts(): string[] {
    const parts = [...this.#parts];
    const mixed = parts.filter(([, kinds]) => kinds.size > 1).map(([group]) => group);
    if (mixed.length > 0) {
      const name = mixed[0] === "" ? "One row of the table" : mixed[0];
      return [`${name} mixes judgments of answers with judgments of thoughts: --by file gives a row each.`];
    }
    const groups = parts.filter(([, kinds]) => kinds.has("thoughts")).map(([group]) => group);
    if (groups.length === 0) return [];
    const which = groups.length === parts.length ? "These are judgments" : `${groups.join(", ")}: judgments`;
    return [`${which} of what was thought before an answer, not of answers.`];
  }

  #sameAnswers(): string[] {
    const all = [...this.#cells.values()].filter(({ answers }) => answers >= 5);
    const same = all.filter(({ isSame }) => isSame);
    const [first] = same;
    if (first === undefined) return [];
    const questions = new Set(same.map(({ question }) => question));
    const isOne = questions.size === 1;
    const which = isOne ? first.question.slice(0, 60) : `each of ${questions.size} questions`;
    return [
      `All answers to ${which} are one and the same text (${first.answers} of them${isOne ? "" : " to the first"}): were they sampled at temperature 0, or from a cache? They count as one answer${isOne ? "" : " a question"}, so the intervals are far too narrow.`,
    ];
  }
}

const countingText = (name: string): string =>
  `${name} counts up by one from row to row: these are row numbers, not scores. Name another column.`;
