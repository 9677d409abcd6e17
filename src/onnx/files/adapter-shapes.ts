/** What a low-rank adapter adds to a model: its modules, their shapes, and its scale. */
import type { AdapterConfig } from "../../capabilities/index.js";
import type { AdapterTarget } from "./adapter-targets.js";
import { parameterShapes, type TransformerConfig } from "./config.js";

const ATTENTION: ReadonlySet<AdapterTarget> = new Set(["q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj"]);

/** As Hugging Face names it: the name of its weight without `.weight`. */
export const moduleName = (layer: number, target: AdapterTarget): string =>
  `model.layers.${layer}.${ATTENTION.has(target) ? "self_attn" : "mlp"}.${target}`;

/** What B A is multiplied with: alpha / rank, or alpha / √rank when rank-stabilised. */
export function adapterScale({
  alpha,
  rank,
  rankStabilized,
}: Pick<AdapterConfig, "alpha" | "rank" | "rankStabilized">): number {
  return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
}

/**
 * The modules an adapter reaches: name → [out, in] of the weight.
 * @throws {RangeError} when a target or layer is not in the model.
 */
export function adapterShapes(
  { targets, layers }: Pick<AdapterConfig, "targets" | "layers">,
  config: TransformerConfig,
): Map<string, readonly [number, number]> {
  const shapes = new Map<string, readonly [number, number]>();
  const wanted = layers ?? Array.from({ length: config.layers }, (_, layer) => layer);
  const weights = parameterShapes(config);
  for (const layer of wanted) {
    if (layer >= config.layers)
      throw new RangeError(`the adapter names layer ${layer}, the model has layers 0 to ${config.layers - 1}`);
    for (const target of targets) {
      const name = moduleName(layer, target);
      const [out, input] = weights.get(`${name}.weight`) ?? [];
      if (out === undefined || input === undefined) throw new RangeError(`the model has no module "${target}"`);
      shapes.set(name, [out, input]);
    }
  }
  return shapes;
}
