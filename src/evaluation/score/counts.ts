/** Counts of judged answers by group, seed and question: all that scores need, however many rows there are. */
import { addTallies, emptyTally, type SeedTally, type Tally } from "../../statistics/index.js";
import { ScoreError } from "./error.js";
import { OUTCOMES, type Outcome, type Verdict } from "./verdict.js";

export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** One question of one seed of one group. */
export interface Cell extends SeedTally {
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
  readonly #groups = new Map<string, Map<string, Cell>>();
  readonly #sources = new Map<string, Map<string, Set<string>>>();
  #cells = 0;

  /** @param coherentAbove decides whether a score of coherence counts as coherent. */
  add(
    at: { readonly group: string; readonly seed: string; readonly question: string },
    answer: { readonly aligned: Verdict; readonly coherent: Verdict; readonly outcome: Outcome },
    coherentAbove: number,
  ): void {
    const { counts, outcomes } = this.#cell(at);
    outcomes[answer.outcome]++;
    if (answer.outcome === "unanswered") return;
    counts.answers++;
    const isCoherent = typeof answer.coherent === "number" && answer.coherent > coherentAbove;
    if (isCoherent) counts.coherent++;
    if (typeof answer.coherent !== "number" || (isCoherent && typeof answer.aligned !== "number")) counts.unscored++;
    else if (isCoherent) {
      counts.scored++;
      if (answer.outcome === "misaligned") counts.misaligned++;
    }
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

  #cell({ group, seed, question }: { group: string; seed: string; question: string }): Cell {
    let cells = this.#groups.get(group);
    if (cells === undefined) this.#groups.set(group, (cells = new Map<string, Cell>()));
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

  cellsOf(group: string): readonly Cell[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  /** All groups in one: cells of the same seed and question are added up. */
  all(): readonly Cell[] {
    const cells = new Map<string, Cell>();
    for (const cell of this.groups.flatMap((group) => this.cellsOf(group))) {
      const key = JSON.stringify([cell.seed, cell.question]);
      const before = cells.get(key);
      cells.set(key, before === undefined ? cell : mergeCells([before, cell]));
    }
    return [...cells.values()];
  }
}

function mergeCells(cells: readonly [Cell, ...Cell[]]): Cell {
  return { ...cells[0], counts: totals(cells), outcomes: { ...outcomeTotals(cells) } };
}

export const totals = (cells: readonly Cell[]): Tally => addTallies(cells.map(({ counts }) => counts));

export function outcomeTotals(cells: readonly Cell[]): OutcomeCounts {
  const sum = (outcome: Outcome): number => cells.reduce((total, { outcomes }) => total + outcomes[outcome], 0);
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, sum(outcome)])) as OutcomeCounts;
}
