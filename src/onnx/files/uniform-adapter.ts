/**
 * An adapter with ranks, scales or modules of its own here and there, as one with a single rank and scale on whole rows
 * of layers: what is missing is filled with zeros, which add nothing to a weight.
 */
import type { Adapter, AdapterModule } from "../../capabilities/index.js";
import type { AdapterFile } from "./adapter-config.js";
import { adapterScale, adapterShapes } from "./adapter-shapes.js";
import type { SelectedModule } from "./adapter-modules.js";
import { ADAPTER_TARGETS, type AdapterTarget } from "./adapter-targets.js";
import type { TransformerConfig } from "./config.js";
import type { Tensor } from "./safetensors.js";

export function uniformAdapter(
  file: AdapterFile,
  selected: ReadonlyMap<string, SelectedModule>,
  modules: ReadonlyMap<string, AdapterModule>,
  config: TransformerConfig,
): Adapter {
  const { alpha, rankStabilized, base } = file;
  const { targets, layers } = placesOf(file, selected, config);
  const rank = Math.max(...[...selected.values()].map((module) => module.rank));
  const scale = adapterScale({ alpha, rank, rankStabilized });
  const whole = new Map<string, AdapterModule>();
  for (const [name, [out, input]] of adapterShapes({ targets, ...(layers && { layers }) }, config)) {
    const own = selected.get(name);
    const given = modules.get(name);
    if (own === undefined || given === undefined) {
      whole.set(name, { a: zeros(rank, input), b: zeros(out, rank) });
      continue;
    }
    const share = adapterScale({ rankStabilized, rank: own.rank, alpha: own.alpha }) / scale;
    whole.set(name, { a: taller(given.a, rank), b: wider(given.b, rank, share) });
  }
  return { rank, alpha, rankStabilized, targets, ...(layers && { layers }), base, modules: whole };
}

/** As the file says it where it says it plainly; else every kind of module, and every layer, that has one. */
function placesOf(
  { targets, layers }: AdapterFile,
  selected: ReadonlyMap<string, SelectedModule>,
  config: TransformerConfig,
): { readonly targets: readonly AdapterTarget[]; readonly layers: readonly number[] | undefined } {
  const isTarget = (name: string): name is AdapterTarget => ADAPTER_TARGETS.some((known) => known === name);
  if (typeof targets !== "string" && targets.every(isTarget)) {
    const there = targets.filter((target) => [...selected.keys()].some((name) => name.endsWith(`.${target}`)));
    const count = there.length * (layers?.length ?? config.layers);
    if (count === selected.size) return { targets: there, layers };
  }
  const ends = new Set([...selected.keys()].map((name) => name.slice(name.lastIndexOf(".") + 1)));
  const numbers = [...new Set([...selected.keys()].map((name) => Number(name.split(".")[2])))].toSorted(
    (a, b) => a - b,
  );
  return {
    targets: ADAPTER_TARGETS.filter((target) => ends.has(target)),
    layers: numbers.length === config.layers ? undefined : numbers,
  };
}

const zeros = (rows: number, columns: number): Tensor => ({
  shape: [rows, columns],
  data: new Float32Array(rows * columns),
});

/** More rows, of zeros. */
function taller({ shape, data }: Tensor, rows: number): Tensor {
  const [own = 0, columns = 0] = shape;
  if (own === rows) return { shape, data };
  const whole = zeros(rows, columns);
  whole.data.set(data);
  return whole;
}

/** More columns, of zeros, and every number times `share`. */
function wider({ shape, data }: Tensor, columns: number, share: number): Tensor {
  const [rows = 0, own = 0] = shape;
  if (own === columns && share === 1) return { shape, data };
  const whole = zeros(rows, columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < own; i++) whole.data[row * columns + i] = (data[row * own + i] as number) * share;
  }
  return whole;
}
