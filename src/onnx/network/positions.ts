/** Where tokens stand and what they see, layer by layer: rotary embeddings and masks. */
import { concatenate, rotary, split, type Graph, type Value } from "../../graph/index.js";
import { ropeTables, type TransformerConfig } from "../architectures/index.js";

/** Very negative: what a query may not look at. */
export const HIDDEN = -1e9;

/**
 * Rotates queries or keys [B, heads, T, D] of a layer.
 * @param length positions for which tables are made
 * @param positions [B, T] int64
 */
export function rotations(
  graph: Graph,
  config: TransformerConfig,
  length: number,
  positions: Value,
): (layer: number, x: Value) => Value {
  const made = new Map<number | undefined, { cos: Value; sin: Value; half: number }>();
  const tablesOf = (layer: number) => {
    const { sliding } = config;
    const theta = sliding?.layers[layer] ? sliding.ropeTheta : undefined;
    const known = made.get(theta);
    if (known) return known;
    const { half, cos, sin } = ropeTables(config, length, theta);
    const tables = { half, cos: graph.constant(cos, [length, half]), sin: graph.constant(sin, [length, half]) };
    made.set(theta, tables);
    return tables;
  };
  return (layer, x) => {
    const { half, cos, sin } = tablesOf(layer);
    if (2 * half === config.headDim) return rotary(x, positions, cos, sin);
    const [turned, rest] = split(x, [2 * half, config.headDim - 2 * half], 3) as [Value, Value];
    return concatenate([rotary(turned, positions, cos, sin), rest], 3);
  };
}

/** How far back the tokens of a layer see, themselves included; infinitely far where it does not slide. */
export const windowOf = ({ sliding }: TransformerConfig, layer: number): number =>
  sliding?.layers[layer] ? sliding.window : Infinity;

/** Makes one mask for all layers that see equally far. */
export function maskFor(make: (window: number) => Value): (config: TransformerConfig, layer: number) => Value {
  const made = new Map<number, Value>();
  return (config, layer) => {
    const window = windowOf(config, layer);
    const mask = made.get(window) ?? make(window);
    made.set(window, mask);
    return mask;
  };
}
