/** A series of measurements as far as it has come: an experiment, a sweep of strengths, a re-alignment, transfers. */
import { join } from "node:path";
import { drawnChart, inWords, type ChartPoint, type ChartReport } from "../report/index.js";
import { counted, VERSION } from "../text/index.js";
import type { ResultView } from "./contract.js";
import { isObject, isText, readObject } from "./plain-file.js";
import { commandOf, optionIn } from "./run-command.js";
import { metricIn, numberIn, readResultRows, type PlainMetric, type Row } from "./read-rows.js";

type Panel = ChartReport["panels"][number];

const SHARES: Readonly<Record<string, string>> = {
  rate: "misaligned, of coherent answers",
  rateOfAll: "misaligned, of all answers",
  coherent: "coherent",
};
const MOST_PANELS = 12;
/** Parts of a list among the facts. */
const MOST_NAMED = 50;

export async function seriesView(folder: string): Promise<ResultView> {
  const plan = (await readObject(join(folder, "plan.json"))) ?? {};
  const summary = await readObject(join(folder, "summary.json"));
  const command = await commandOf(folder);
  const [chart, title] =
    summary !== undefined && Array.isArray(summary["points"])
      ? [experimentChart(summary), experimentTitle(summary)]
      : [rowsChart(await readResultRows(join(folder, "rows.jsonl"))), measuredTitle(plan, command)];
  const facts = Object.entries(plan).flatMap(([name, value]) => factOf(name, value, command));
  const isMeasured = chart.panels.some(({ key }) => chart.points.some(({ metrics }) => metrics[key] !== undefined));
  if (!isMeasured) {
    return { title: "Nothing is measured yet.", sentences: [], figures: [], tables: [], facts };
  }
  return { title, sentences: chart.sentences, figures: [drawnChart(chart)], tables: [], facts };
}

const rest = { title: "", facts: [], commands: [], askew: VERSION };

const experimentTitle = ({ experiment, about }: Row): string => [experiment, about].filter(isText).join(": ");

/** `steer: insecure, along villain.safetensors`: what was measured, as the plan and the command name it. */
function measuredTitle(plan: Row, command: readonly string[]): string {
  const model = nameIn(plan["model"]);
  if (model === undefined) return "A series of measurements";
  const [verb] = command;
  // The plan names a direction by its content alone; the command names it as people do.
  const direction = nameIn(plan["direction"]);
  const along = direction && (optionIn(command, "--direction") ?? withShortHashes(direction));
  const what = verb === undefined ? model : `${verb}: ${model}`;
  return along === undefined ? what : `${what}, along ${along}`;
}

const nameIn = (value: unknown): string | undefined =>
  isText(value) ? value : isObject(value) && isText(value["name"]) ? value["name"] : undefined;

function experimentChart(summary: Row): ChartReport {
  const { published, axis, measures, points, findings } = summary;
  const kind = isObject(axis) ? axis["kind"] : undefined;
  const texts = (list: unknown): string[] => (Array.isArray(list) ? list.filter(isText) : []);
  return {
    ...rest,
    sentences: [...texts(findings), ...(isText(published) ? [`Published: ${published}`] : [])],
    heading: "What was measured",
    caption: "Intervals are 95 %, over seeds; of a single seed over its answers.",
    axis: {
      label: isObject(axis) && isText(axis["label"]) ? axis["label"] : "",
      ...(isObject(axis) && isText(axis["unit"]) && { unit: axis["unit"] }),
      kind: kind === "number" || kind === "ordered" ? kind : "names",
    },
    panels: (Array.isArray(measures) ? measures : []).filter(isObject).flatMap(panelOf),
    points: (Array.isArray(points) ? points : []).filter(isObject).flatMap((point): ChartPoint[] => {
      const { curve, at, seeds } = point;
      if (typeof at !== "number" && !isText(at)) return [];
      return [
        {
          curve: isText(curve) ? curve : "",
          at,
          ...(typeof seeds === "number" && { seeds }),
          metrics: metricsIn(point["metrics"]),
        },
      ];
    }),
  };
}

function panelOf({ key, heading, of, drawn }: Row): Panel[] {
  if (!isText(key)) return [];
  const unit = isObject(of) && "reading" in of ? "number" : "share";
  return [{ key, heading: isText(heading) ? heading : key, unit, ...(drawn === false && { drawn }) }];
}

function metricsIn(values: unknown): Readonly<Record<string, PlainMetric>> {
  if (!isObject(values)) return {};
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const metric = metricIn(value);
      return metric === undefined ? [] : [[name, metric] as const];
    }),
  );
}

/** Rows with `metrics` by question set, over the strength or the step where they have one, else by their ids. */
function rowsChart(rows: readonly Row[]): ChartReport {
  const measured = rows.filter((row) => isObject(row["metrics"]));
  const over = (["strength", "step"] as const).find((key) => measured.every((row) => numberIn(row[key]) !== undefined));
  const panels = new Map<string, Panel>();
  const flat = ({ metrics }: Row): Readonly<Record<string, PlainMetric>> =>
    Object.fromEntries(
      Object.entries(metrics as Row).flatMap(([set, values]) =>
        Object.entries(metricsIn(values)).map(([name, metric]) => {
          const key = `${name} ${set}`;
          if (panels.size < MOST_PANELS && !panels.has(key)) {
            panels.set(key, { key, heading: `${SHARES[name] ?? inWords(name)} (${set})`, unit: "share" });
          }
          return [key, metric] as const;
        }),
      ),
    );
  const curveOf = ({ vector, randomSeed }: Row): string =>
    typeof randomSeed === "number" ? `random ${randomSeed}` : isText(vector) && vector !== "none" ? vector : "measured";
  const isUnsteered = ({ vector }: Row): boolean => vector === "none";
  const curves = [...new Set(measured.filter((row) => !isUnsteered(row)).map(curveOf))];
  const controls = curves.filter((curve) => curve.startsWith("random "));
  const pointOf = (row: Row, curve: string): ChartPoint => {
    const at = over === undefined ? (isText(row["id"]) ? row["id"] : "") : (numberIn(row[over]) ?? 0);
    return { curve, at, metrics: flat(row), broken: row["breaksCoherence"] === true };
  };
  // Every curve begins at the unsteered model.
  const points = (curves.length === 0 ? ["measured"] : curves).flatMap((curve) =>
    measured.filter((row) => isUnsteered(row) || curveOf(row) === curve).map((row) => pointOf(row, curve)),
  );
  return {
    ...rest,
    sentences: [],
    heading: "What was measured",
    caption: "Intervals are 95 %, over the answers of one model.",
    axis: { label: over ?? "measurement", kind: over === undefined ? "names" : "number" },
    panels: [...panels.values()].filter(({ key }) => points.some(({ metrics }) => metrics[key]?.estimate != null)),
    points,
    controls,
  };
}

/** Says nothing to a reader. */
const UNSAID = new Set(["format"]);

function factOf(name: string, value: unknown, command: readonly string[]): (readonly [string, string])[] {
  const text = UNSAID.has(name) ? undefined : factText(name, value, command);
  return text === undefined || text === "" ? [] : [[inWords(name), text]];
}

function factText(name: string, value: unknown, command: readonly string[]): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) {
    const parts = value.slice(0, MOST_NAMED).filter((one) => !Array.isArray(one));
    return parts.flatMap((one) => askedText(one) ?? factText(name, one, command) ?? []).join(", ");
  }
  const named = nameIn(value);
  if (named === undefined) return undefined;
  const given = HASH.test(named) ? optionIn(command, `--${name}`) : undefined;
  return given === undefined ? withShortHashes(named) : `${given} (sha256 ${withShortHashes(named)})`;
}

/** `main (100 answers to each question)` */
function askedText(value: unknown): string | undefined {
  if (!isObject(value) || !isText(value["set"]) || typeof value["samples"] !== "number") return undefined;
  return `${value["set"]} (${counted(value["samples"], "answer")} to each question)`;
}

/** A sha256, as plans hold it. */
const HASH = /^[0-9a-f]{64}$/;
const withShortHashes = (text: string): string =>
  text.replaceAll(/\b[0-9a-f]{64}\b/g, (hash) => `${hash.slice(0, 8)}…`);
