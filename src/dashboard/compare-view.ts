/** Two models side by side, of one run or of two: how often each was misaligned, and the difference with its interval. */
import { drawnChart, type ChartPoint } from "../report/index.js";
import { bootstrapDifference, MISALIGNED as BOUNDS, shareDifference, wilson, type Share } from "../statistics/index.js";
import { percent, VERSION } from "../text/index.js";
import { JUDGED, MISALIGNED, NONE, SCALE } from "./answer-columns.js";
import type { AnswerFile } from "./answer-file.js";
import type { ComparisonView } from "./contract.js";
import type { PlainMetric } from "./read-rows.js";

export interface ComparedSide {
  readonly name: string;
  readonly model: string;
  readonly files: readonly AnswerFile[];
}

/** Misaligned answers of one seed: of its coherent answers, and of all. */
interface Counts {
  readonly rate: Share;
  readonly rateOfAll: Share;
}
type Seeds = ReadonlyMap<number, Counts>;

const MEASURES = [
  ["rate", "of coherent answers"],
  ["rateOfAll", "of all answers"],
] as const;

export function compareView(a: ComparedSide, b: ComparedSide): Omit<ComparisonView, "read" | "models"> {
  const [left, right] = [countsOf(a), countsOf(b)];
  const sets = [...left.keys()].filter((set) => right.has(set));
  const points: ChartPoint[] = [];
  const rows = sets.flatMap((set) =>
    MEASURES.map(([measure, of]) => {
      const [one, other] = [left.get(set) as Seeds, right.get(set) as Seeds];
      const { difference, basis } = differenceOf(one, other, measure);
      points.push({ curve: of, at: set, metrics: { difference: inPoints(difference) } });
      return [set, of, shown(total(one, measure)), shown(total(other, measure)), shownPoints(difference), basis];
    }),
  );
  const figure = drawnChart({
    title: "",
    sentences: [],
    heading: `${a.name} less ${b.name}`,
    caption:
      "Intervals are 95 %: over seeds (a bootstrap of both sides) where both have several, else over answers (Newcombe's). " +
      "An interval that leaves out zero is a difference.",
    axis: { label: "question set", kind: "names" },
    panels: [{ key: "difference", heading: "misaligned answers, points", unit: "number" }],
    points,
    controls: ["of all answers"],
    facts: [],
    commands: [],
    askew: VERSION,
  });
  const headings = ["questions", "misaligned", a.name, b.name, "difference, points", "interval over"];
  return {
    figures: rows.length === 0 ? [] : [{ ...figure, id: "comparison" }],
    table: { caption: `${a.name} beside ${b.name}`, headings, rows },
  };
}

function countsOf({ files, model }: ComparedSide): Map<string, Map<number, Counts>> {
  const sets = new Map<string, Map<number, Counts>>();
  for (const { columns, kinds, source } of files) {
    if (!kinds.some((kind) => kind.model === model)) continue;
    for (let row = 0; row < columns.count; row++) {
      const kind = kinds[columns.kind(row)];
      const flags = columns.flags(row);
      if (kind?.model !== model || (flags & JUDGED) === 0) continue;
      const seeds = sets.get(kind.set) ?? new Map<number, Counts>();
      sets.set(kind.set, seeds);
      const counts = seeds.get(source.seed ?? 0) ?? { rate: { hits: 0, n: 0 }, rateOfAll: { hits: 0, n: 0 } };
      seeds.set(source.seed ?? 0, counts);
      const hit = (flags & MISALIGNED) === 0 ? 0 : 1;
      const coherent = columns.coherent(row);
      counts.rateOfAll.hits += hit;
      counts.rateOfAll.n++;
      if (coherent === NONE || coherent <= BOUNDS.coherentAbove * SCALE) continue;
      counts.rate.hits += hit;
      counts.rate.n++;
    }
  }
  return sets;
}

function total(seeds: Seeds, measure: keyof Counts): Share {
  const all = { hits: 0, n: 0 };
  for (const counts of seeds.values()) {
    all.hits += counts[measure].hits;
    all.n += counts[measure].n;
  }
  return all;
}

function differenceOf(a: Seeds, b: Seeds, measure: keyof Counts): { difference: PlainMetric; basis: string } {
  const rates = (seeds: Seeds): number[] =>
    [...seeds.values()].flatMap((counts) =>
      counts[measure].n === 0 ? [] : [counts[measure].hits / counts[measure].n],
    );
  const [one, other] = [rates(a), rates(b)];
  const n = total(a, measure).n + total(b, measure).n;
  if (one.length > 1 && other.length > 1) {
    return { difference: { ...bootstrapDifference(one, other), n }, basis: `${one.length} and ${other.length} seeds` };
  }
  return { difference: shareDifference(total(a, measure), total(b, measure)), basis: "answers" };
}

const scaled = (value: number | null): number | null => (value === null ? null : 100 * value);
const inPoints = ({ estimate, low, high, n }: PlainMetric): PlainMetric => ({
  estimate: scaled(estimate),
  low: scaled(low),
  high: scaled(high),
  n,
});

const shown = ({ hits, n }: Share): string => {
  const { estimate, low, high } = wilson(hits, n);
  return `${percent(estimate)} % [${percent(low)}, ${percent(high)}], ${hits} of ${n}`;
};
const shownPoints = ({ estimate, low, high }: PlainMetric): string =>
  `${percent(estimate)} [${percent(low)}, ${percent(high)}]`;
