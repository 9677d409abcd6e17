/** What an adapter is on in a model that the worker has. */
import type { LoraOptions, LoraTarget } from "../capabilities/index.js";
import type { TorchFacts } from "./facts.js";

const TARGETS: readonly LoraTarget[] = ["q", "k", "v", "o", "gate", "up", "down", "qkv", "gate_up"];

/** The modules that an adapter is on, [out, in]. @throws {RangeError} when the options do not fit the model */
export function planOf({ modules, layers: count }: TorchFacts, lora: LoraOptions) {
  const { rank, alpha, layers } = lora;
  if (!Number.isInteger(rank) || rank < 1)
    throw new RangeError(`lora: rank must be a whole number >= 1, found ${rank}`);
  if (!(alpha > 0)) throw new RangeError(`lora: alpha must be above 0, found ${alpha}`);
  const known = TARGETS.filter((target) => [...modules.keys()].some((module) => module.endsWith(`.${target}_proj`)));
  const targets = lora.targets ?? known;
  if (targets.length === 0 || layers?.length === 0) throw new RangeError("lora: there is nothing to train");
  const wrong = targets.find((target) => !known.includes(target));
  if (wrong) throw new RangeError(`lora: there is no target "${wrong}", expected ${known.join(", ")}`);
  const bad = layers?.find((layer) => !Number.isInteger(layer) || layer < 0 || layer >= count);
  if (bad !== undefined) throw new RangeError(`lora: layer ${bad} is not one of 0 … ${count - 1}`);
  const chosen = [...modules].filter(([module]) => {
    const layer = Number(/\.(\d+)\./.exec(module)?.[1]);
    const isTarget = targets.some((target) => module.endsWith(`.${target}_proj`));
    return isTarget && (layers === undefined || layers.includes(layer));
  });
  return { targets, modules: new Map(chosen) };
}
