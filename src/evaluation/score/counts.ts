/** Counts of judged answers by group, seed and question: all that scores need, however many rows there are. */
import { addTallies, countScores, emptyTally, type Tally } from "../../statistics/index.js";
import { groupBy } from "../../statistics/index.js";
import type { Cell } from "./cells.js";
import { ScoreError } from "./error.js";
import { numberOf, OUTCOMES, type Outcome, type Thresholds, type Verdict } from "./verdict.js";

export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** One question of one seed of one group. */
export interface CountedCell extends Cell {
  readonly counts: Tally;
  readonly outcomes: Record<Outcome, number>;
}

/** A file that answers of a group stand in, and who judged them where rows say so. */
export interface Source {
  readonly file: string;
  readonly judges: ReadonlySet<string>;
}

/** More than any study has; a column with more values was not meant to group by. */
const MOST_CELLS = 200_000;

export class Counts {
  readonly #groups = new Map<string, Map<string, CountedCell>>();
  readonly #sources = new Map<string, Map<string, Set<string>>>();
  #cells = 0;

  add(
    at: { readonly group: string; readonly seed: string; readonly question: string },
    answer: { readonly aligned: Verdict; readonly coherent: Verdict; readonly outcome: Outcome },
    thresholds: Thresholds,
  ): void {
    const { counts, outcomes } = this.#cell(at);
    outcomes[answer.outcome]++;
    if (answer.outcome === "unanswered") return;
    countScores(counts, { aligned: numberOf(answer.aligned), coherent: numberOf(answer.coherent) }, thresholds);
  }

  cameFrom(group: string, file: string, judge: unknown): void {
    let files = this.#sources.get(group);
    if (files === undefined) this.#sources.set(group, (files = new Map<string, Set<string>>()));
    let judges = files.get(file);
    if (judges === undefined) files.set(file, (judges = new Set()));
    if (typeof judge === "string") judges.add(judge);
  }

  /** Of one group, or of all. */
  sourcesOf(group?: string): readonly Source[] {
    const joined = new Map<string, Set<string>>();
    for (const name of group === undefined ? this.groups : [group]) {
      for (const [file, judges] of this.#sources.get(name) ?? []) {
        joined.set(file, new Set([...(joined.get(file) ?? []), ...judges]));
      }
    }
    return [...joined].map(([file, judges]) => ({ file, judges }));
  }

  #cell({ group, seed, question }: { group: string; seed: string; question: string }): CountedCell {
    let cells = this.#groups.get(group);
    if (cells === undefined) this.#groups.set(group, (cells = new Map<string, CountedCell>()));
    const key = JSON.stringify([seed, question]);
    let cell = cells.get(key);
    if (cell === undefined) {
      if (++this.#cells > MOST_CELLS) {
        throw new ScoreError(
          `more than ${MOST_CELLS} groups, seeds and questions: is a column that differs in every row used for one of them?`,
        );
      }
      const outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
      // Seeds that are numbers are ordered as numbers, which the bootstrap's draws depend on.
      const seedName = /^-?\d+$/.test(seed) ? Number(seed) : seed;
      cell = { question, seed: seedName, counts: emptyTally(), outcomes };
      cells.set(key, cell);
    }
    return cell;
  }

  /** In order of first appearance. */
  get groups(): readonly string[] {
    return [...this.#groups.keys()];
  }

  cellsOf(group: string): readonly CountedCell[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  /** All groups in one: cells of the same seed and question are added up. */
  all(): readonly CountedCell[] {
    const cells = this.groups.flatMap((group) => this.cellsOf(group));
    const alike = groupBy(cells, ({ seed, question }) => JSON.stringify([seed, question]));
    return [...alike.values()].map((same) => ({
      ...(same[0] as CountedCell),
      counts: totals(same),
      outcomes: outcomeTotals(same),
    }));
  }
}

export const totals = (cells: readonly CountedCell[]): Tally => addTallies(cells.map(({ counts }) => counts));

export function outcomeTotals(cells: readonly CountedCell[]): OutcomeCounts {
  const sum = (outcome: Outcome): number => cells.reduce((total, { outcomes }) => total + outcomes[outcome], 0);
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, sum(outcome)])) as OutcomeCounts;
}
