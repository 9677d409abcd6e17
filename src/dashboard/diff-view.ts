/** What a fine-tune changed inside: how far each layer moved, and which latents rose. */
import { join } from "node:path";
import { drawnChart, type ChartPoint } from "../report/index.js";
import { count, decimal, VERSION } from "../text/index.js";
import type { ResultView, Table } from "./contract.js";
import { isObject, isText, readObject } from "./plain-file.js";
import { alone, numberIn, readResultRows, type Row } from "./read-rows.js";

const MOST_LATENTS = 200;

export async function diffView(folder: string): Promise<ResultView> {
  const rows = await readResultRows(join(folder, "rows.jsonl"));
  const inside = rows.find(({ id }) => id === "activations") ?? {};
  const layers = (Array.isArray(inside["layers"]) ? inside["layers"] : []).filter(isObject);
  const points = layers.flatMap((layer): ChartPoint[] => {
    const at = numberIn(layer["layer"]);
    if (at === undefined) return [];
    const [shift, residual] = [numberIn(layer["shift"]), numberIn(layer["residual"])];
    const direction = isObject(layer["direction"]) ? layer["direction"] : {};
    return [
      {
        curve: "measured",
        at,
        metrics: {
          ...alone("share", shift === undefined || !residual ? undefined : shift / residual),
          ...alone("cosine", numberIn(direction["cosine"])),
          ...alone("before", numberIn(direction["before"])),
          ...alone("after", numberIn(direction["after"])),
        },
      },
    ];
  });
  const plan = (await readObject(join(folder, "plan.json"))) ?? {};
  const nameOf = (side: unknown): string => (isObject(side) && isText(side["name"]) ? side["name"] : "");
  const figure = drawnChart({
    title: "",
    sentences: [],
    heading: "The shift of the mean activations, by layer",
    caption: "The shift is between the means of both models' answers. The direction is the one that was given.",
    axis: { label: "layer", kind: "number" },
    panels: [
      { key: "share", heading: "shift, as a share of the residual stream", unit: "share" },
      { key: "cosine", heading: "cosine of shift and direction", unit: "number" },
      { key: "before", heading: "along the direction, before", unit: "number" },
      { key: "after", heading: "along the direction, after", unit: "number" },
    ],
    points,
    facts: [],
    commands: [],
    askew: VERSION,
  });
  return {
    title:
      points.length === 0
        ? "Nothing is measured yet."
        : `What changed inside, from ${nameOf(plan["before"])} to ${nameOf(plan["after"])}`,
    sentences: [],
    figures: points.length === 0 ? [] : [figure],
    tables: [...rising(inside), ...trials(rows)],
    facts: [],
  };
}

function rising({ rising: latents, risen }: Row): Table[] {
  if (!Array.isArray(latents) || latents.length === 0) return [];
  const rows = latents.filter(isObject).slice(0, MOST_LATENTS);
  const keys = [...new Set(rows.flatMap(Object.keys))].filter((key) =>
    rows.some((row) => typeof row[key] === "number"),
  );
  const caption = `Latents that rose most${typeof risen === "number" ? `, of ${count(risen)} that rose` : ""}`;
  return [{ caption, headings: keys, rows: rows.map((row) => keys.map((key) => shown(row[key]))) }];
}

/** Every candidate that was steered, the last strength it was tried at first. */
function trials(rows: readonly Row[]): Table[] {
  const tried = rows.flatMap(({ trials: batch }) => (Array.isArray(batch) ? batch.filter(isObject) : []));
  if (tried.length === 0) return [];
  const headings = ["candidate", "side", "strength", "answers", "coherent", "misaligned"];
  return [
    {
      caption: "Candidates that were steered",
      headings,
      rows: tried.toReversed().map((trial) => headings.map((key) => shown(trial[key]))),
    },
  ];
}

const shown = (value: unknown): string =>
  typeof value === "number" ? (Number.isInteger(value) ? count(value) : decimal(value)) : isText(value) ? value : "";
