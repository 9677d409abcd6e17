/**
 * Which layer to steer at: the one where steering does most, tried on questions that no final measure uses. What counts
 * is behaviour; how far the means lie apart says little about it, for later layers are longer.
 */
import type { SteerableModel } from "../model/index.js";
import type { AskedSet, Judge } from "../evaluation/index.js";
import type { Direction, LayerTrial } from "./direction.js";
import { measure } from "./measure.js";
import { anew, type Once } from "./once.js";
import { steeringOf, type SteeringMode } from "./steer.js";

/** Below this share of coherent answers a strength has broken the model. */
export const LEAST_COHERENT = 0.8;
/** A layer is chosen among strengths a little above that, so that luck with few answers does not choose a broken one. */
const COHERENT_ENOUGH = 0.85;

export interface ChooseOptions {
  /** `add` looks for the highest rate, the others for the lowest. */
  readonly mode: SteeringMode;
  /** Each is tried at every layer, in the units of a `SteeringOptions`. */
  readonly strengths: readonly number[];
  /** From 0; default all. */
  readonly layers?: readonly number[];
  /** Questions that no final measure uses. */
  readonly asked: AskedSet;
  readonly judge: Judge;
  /** Names the random numbers, the same for every layer and strength. */
  readonly seed: number;
  /** Steered where: at every token, or at the answer's alone; default `all`. */
  readonly tokens?: "all" | "answer";
  /** Longest answer in tokens; default 64. */
  readonly maxTokens?: number;
  readonly onTrial?: (trial: LayerTrial) => void;
  /** Keeps every trial, so that it is not measured again; default keeps none. */
  readonly once?: Once;
  readonly signal?: AbortSignal;
}

/**
 * The direction with its layer chosen and the trials that chose it.
 * @throws {RangeError} where there is no layer or no strength to try; `options.signal`'s reason when it is aborted
 */
export async function chooseLayer(
  model: SteerableModel,
  direction: Direction,
  options: ChooseOptions,
): Promise<Direction> {
  const { mode, strengths, asked, judge, seed, tokens, maxTokens, once = anew, onTrial, signal } = options;
  const layers = options.layers ?? Array.from({ length: direction.layers }, (_, layer) => layer);
  const tried = async (layer: number, strength: number): Promise<LayerTrial> => {
    const steering = steeringOf(direction, { mode, layers: [layer], strength, ...(tokens && { tokens }) });
    const { metrics } = await measure(model, [asked], {
      seed,
      judge,
      steering,
      ...(maxTokens && { maxTokens }),
      ...(signal && { signal }),
    });
    const { rate, rateOfAll, coherent } = metrics[asked.set] ?? {};
    return {
      layer,
      strength,
      rate: rate?.estimate ?? null,
      rateOfAll: rateOfAll?.estimate ?? null,
      coherent: coherent?.estimate ?? null,
    };
  };
  const trials: LayerTrial[] = [];
  for (const layer of layers) {
    for (const strength of strengths) {
      signal?.throwIfAborted();
      const trial = await once(`layer-${layer}-${strength}`, () => tried(layer, strength));
      trials.push(trial);
      onTrial?.(trial);
    }
  }
  const { layer } = bestTrial(trials, mode);
  return { ...direction, recipe: { ...direction.recipe, layer, trials } };
}

/**
 * Among trials that leave the model coherent, with a margin (among all, where none does): to `add`, the highest share of all answers
 * misaligned; otherwise the lowest rate. Of equals the weaker, then the earlier layer.
 */
export function bestTrial(trials: readonly LayerTrial[], mode: SteeringMode): LayerTrial {
  const sound = trials.filter(({ coherent }) => coherent !== null && coherent >= COHERENT_ENOUGH);
  const merit = ({ rate, rateOfAll }: LayerTrial): number => (mode === "add" ? (rateOfAll ?? -1) : -(rate ?? 2));
  const [best] = (sound.length > 0 ? sound : trials).toSorted(
    (a, b) => merit(b) - merit(a) || a.strength - b.strength || a.layer - b.layer,
  );
  if (best === undefined) throw new RangeError("choose layer: there is no trial");
  return best;
}
