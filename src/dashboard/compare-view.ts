/** Two models side by side, of one run or of two: what each question set measures, and the difference with its interval. */
import { changeOf, JUDGED_MEASURES, metricOf, type Cell, type Change, type Measure } from "../evaluation/index.js";
import { drawnChart, labelOf, type ChartPoint } from "../report/index.js";
import { addTallies } from "../statistics/index.js";
import { points as inPoints, pointsInterval, shareText, VERSION } from "../text/index.js";
import type { AnswerFile } from "./answer-file.js";
import type { ComparisonView } from "./contract.js";
import type { KindCounts } from "./kind-counts.js";
import type { PlainMetric } from "./read-rows.js";

export interface ComparedSide {
  /** The run that the model is of: seeds of one run pair up, those of two do not. */
  readonly run: string;
  readonly name: string;
  readonly model: string;
  readonly files: readonly AnswerFile[];
}

/** A question set's answers, by seed and question. */
interface SetCells {
  readonly cells: readonly Cell[];
  readonly measures: readonly Measure[];
}

const OF_COHERENT = "of coherent answers";
const OF_ALL = "of all answers";
/** Coherence says how far the other shares can be trusted, so it stands in the table alone. */
const COHERENT = "coherent";

export function compareView(a: ComparedSide, b: ComparedSide): Omit<ComparisonView, "read" | "models"> {
  const [left, right] = [setsOf(a), setsOf(b)];
  const hasSeeds = [a, b].some(({ files }) => files.some(({ source }) => source.seed !== undefined));
  const points: ChartPoint[] = [];
  const rows = [...left].flatMap(([set, one]) => {
    const other = right.get(set);
    return other === undefined
      ? []
      : measuresOf(one, other).map((measure) => {
          const options = { ofAnswers: !hasSeeds || isOfAnswers(one, other) };
          const change = changeOf(one.cells, other.cells, measure, options);
          const of = measure.name === "rate" ? OF_COHERENT : OF_ALL;
          const label = measure.name === "rateOfAll" ? labelOf("rate") : labelOf(measure.name);
          if (measure.name !== COHERENT) {
            points.push({ curve: of, at: `${set}: ${label}`, metrics: { difference: timesHundred(change) } });
          }
          const share = ({ cells }: SetCells): string =>
            shareText(metricOf(cells, measure, options)).replace(" n ", " n\u00a0");
          const difference = `${inPoints(change.estimate)} ${pointsInterval(change)}`.trim();
          return [set, `${label}, ${of}`, share(one), share(other), difference, basisOf(change, one, other)];
        });
  });
  const figure = drawnChart({
    title: "",
    sentences: [],
    heading: `${a.name} minus ${b.name}`,
    caption:
      "Shares are means over questions and seeds, as in a study's report. Intervals are 95 %: a bootstrap over pairs of " +
      "seeds that both have, else over the seeds of each, else Newcombe's over answers. An interval that leaves out " +
      "zero is a difference.",
    axis: { label: "question set", kind: "names" },
    panels: [{ key: "difference", heading: "difference, percentage points", unit: "number" }],
    points,
    controls: [OF_ALL],
    facts: [],
    commands: [],
    askew: VERSION,
  });
  const headings = ["questions", "share", a.name, b.name, "difference, points", "interval over"];
  return {
    figures: points.length === 0 ? [] : [{ ...figure, id: "comparison" }],
    table: { caption: `${a.name} beside ${b.name}`, headings, rows },
  };
}

/** What both were judged by. A judge that is a model was not asked whether answers refuse, and may say so all the same. */
function measuresOf(one: SetCells, other: SetCells): readonly Measure[] {
  const names = new Set(other.measures.map(({ name }) => name));
  const isRefused = [...one.cells, ...other.cells].some(({ hits }) => (hits?.["refusal"] ?? 0) > 0);
  const hasRefusals = one.measures !== JUDGED_MEASURES || isRefused;
  return one.measures.filter(({ name }) => names.has(name) && name !== "parses" && (name !== "refusal" || hasRefusals));
}

function setsOf({ run, files, model }: ComparedSide): Map<string, SetCells> {
  const kinds = new Map<
    string,
    Map<string, { readonly seed: string; readonly question: string; counts: KindCounts[] }>
  >();
  const measures = new Map<string, readonly Measure[]>();
  for (const { counts, source } of files) {
    for (const [kind, own] of counts) {
      if (kind.model !== model) continue;
      const seed = `${run} ${source.seed ?? 0}`;
      const cells = kinds.get(kind.set) ?? new Map<string, never>();
      kinds.set(kind.set, cells);
      const key = `${seed}\n${kind.question}`;
      const cell = cells.get(key) ?? { seed, question: kind.question, counts: [] };
      cells.set(key, cell);
      cell.counts.push(own);
      if (!measures.has(kind.set)) measures.set(kind.set, own.measures);
    }
  }
  return new Map(
    [...kinds].map(([set, cells]) => [
      set,
      { cells: [...cells.values()].map(cellOf), measures: measures.get(set) ?? [] },
    ]),
  );
}

function cellOf({ seed, question, counts }: { seed: string; question: string; counts: readonly KindCounts[] }): Cell {
  const hits: Record<string, number> = {};
  for (const own of counts) {
    for (const [name, n] of Object.entries(own.hits)) hits[name] = (hits[name] ?? 0) + n;
  }
  return { seed, question, counts: addTallies(counts.map((own) => own.counts)), hits };
}

const seedsOf = ({ cells }: SetCells): Set<Cell["seed"]> => new Set(cells.map(({ seed }) => seed));

/** A single seed says nothing of others: where the other side does not have it, too, answers are what is compared. */
function isOfAnswers(one: SetCells, other: SetCells): boolean {
  const [left, right] = [seedsOf(one), seedsOf(other)];
  return Math.min(left.size, right.size) === 1 && [...left].every((seed) => !right.has(seed));
}

function basisOf({ interval, pairs }: Change, one: SetCells, other: SetCells): string {
  if (interval === "pairs") return `${pairs} pairs of seeds`;
  const [left, right] = [seedsOf(one).size, seedsOf(other).size];
  if (interval === "seeds") return `${left} and ${right} seeds`;
  return pairs === 1 && left + right > 2 ? "answers of the seed that both have" : "answers";
}

const scaled = (value: number | null): number | null => (value === null ? null : 100 * value);
const timesHundred = ({ estimate, low, high, n }: PlainMetric): PlainMetric => ({
  estimate: scaled(estimate),
  low: scaled(low),
  high: scaled(high),
  n,
});
