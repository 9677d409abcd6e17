/** Trains a sparse autoencoder on the residual stream of a model, in an engine of its own. */
import { corrections, Engine, momentNames, type Program } from "../../graph/index.js";
import type { ReadableModel, Tensor } from "../../model/index.js";
import { Random } from "../../statistics/index.js";
import type { DocumentSource } from "./documents.js";
import { portionTokens, readPortion, statisticsOf, type Portion } from "./activations.js";
import { SAE_ADAM, SAE_PARAMETERS, saeShapes, saeTrainingGraph, type SaeParameter } from "./graphs.js";
import type { SaeRecipe, TrainedSae } from "./sae.js";

const SCOPE = "sae.training";
/** Of the learning rate: it grows over the first steps and falls to 0 over the last fifth. */
const WARM_UP = 50;
const DECAY_SHARE = 0.2;
/** How fast the threshold for use follows those of the batches; faster in short trainings, or it would lag behind. */
const thresholdRate = (steps: number): number => Math.min(1, Math.max(0.01, 20 / steps));

export type SaePlan = Omit<SaeRecipe, "scale">;

export interface SaeStep {
  readonly step: number;
  readonly steps: number;
  /** Share of the batch's variance that is not explained. */
  readonly loss: number;
  readonly dead: number;
}

/** Where training stands: all that is needed to carry on with the same bytes. */
export interface SaeCheckpoint {
  readonly step: number;
  readonly scale: number;
  readonly threshold: number;
  readonly dead: number;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface TrainSaeOptions {
  readonly from?: SaeCheckpoint | undefined;
  readonly onStep?: (step: SaeStep) => void;
  /** Offered after every portion, and when the signal stops the training. */
  readonly onCheckpoint?: (take: () => Promise<SaeCheckpoint>) => Promise<void>;
  readonly signal?: AbortSignal;
}

export const saeSteps = ({ tokens, batch }: Pick<SaePlan, "tokens" | "batch">): number =>
  Math.max(1, Math.floor(tokens / batch));

/**
 * Trains one on documents of a source, whose name is the plan's `texts`. The model's weights stay as they are.
 * @param options.from carries on: the same bytes come out as without the stop
 * @throws {RangeError} where more latents are to be active than there are, or the model has no such layer;
 * `options.signal`'s reason when it is aborted, after `onCheckpoint`
 */
export async function trainSae(
  model: ReadableModel,
  source: DocumentSource,
  plan: SaePlan,
  options: TrainSaeOptions = {},
): Promise<TrainedSae> {
  const { width, layers } = model.reading.shape;
  const { batch, k, size, layer } = plan;
  if (k > size) throw new RangeError(`sae: of ${size} latents ${k} cannot be active`);
  if (!Number.isInteger(layer) || layer < 0 || layer >= layers) {
    throw new RangeError(`sae: layer ${layer} is not one of 0 … ${layers - 1}`);
  }
  const engine = Engine.start(model.threads === undefined ? {} : { threads: model.threads });
  const { from, onStep, onCheckpoint, signal } = options;
  const steps = saeSteps(plan);
  // A short training reads no more than it needs: a portion of a wide model takes minutes.
  const perPortion = Math.min(steps, portionTokens(width, batch) / batch);
  const portionPlan = { layer, seed: plan.seed, tokens: perPortion * batch };
  const load = (auxiliary: boolean): Promise<Program> =>
    engine.load(saeTrainingGraph({ ...plan, width }, batch, plan.deadAfter, SCOPE, auxiliary), { keepMemory: true });
  try {
    const plain = await load(false);
    let reviving: Program | undefined; // most runs never need it

    let portion = from ? undefined : await readPortion(model, source, portionPlan, 0, signal);
    const first = from ?? firstCheckpoint(plan, width, portion as Portion);
    const { scale } = first;
    let { step, threshold, dead } = first;
    const state = [...first.tensors.keys()].map(stateName);
    await engine.setState(
      [...first.tensors].map(([name, { data }]) => [stateName(name), data]),
      new Map([...first.tensors].map(([name, { shape }]) => [stateName(name), shape])),
    );
    const take = async (): Promise<SaeCheckpoint> => {
      const values = await engine.getState(state);
      const tensors = new Map(
        [...first.tensors].map(([name, { shape }]) => [
          name,
          { shape, data: values.get(stateName(name)) as Float32Array },
        ]),
      );
      return { step, scale, threshold, dead, tensors };
    };

    while (step < steps) {
      const number = Math.floor(step / perPortion);
      portion ??= await readPortion(model, source, portionPlan, number, signal);
      for (let at = step % perPortion; at < perPortion && step < steps; at++) {
        if (signal?.aborted) {
          await onCheckpoint?.(take);
          signal.throwIfAborted();
        }
        const x = portion.data.slice(at * batch * width, (at + 1) * batch * width).map((v) => v * scale);
        const program = dead > 0 ? (reviving ??= await load(true)) : plain;
        const learningRate = Float32Array.of(plan.learningRate * schedule(step, steps));
        const outputs = await engine.run(program, { x, learningRate, ...corrections(step + 1, SAE_ADAM) });
        const [loss = Number.NaN] = outputs["loss"] ?? [];
        dead = outputs["dead"]?.[0] ?? 0;
        const limit = outputs["threshold"]?.[0] ?? 0;
        threshold = step === 0 ? limit : threshold + thresholdRate(steps) * (limit - threshold);
        step++;
        onStep?.({ step, steps, loss, dead });
      }
      portion = undefined;
      if (step < steps) await onCheckpoint?.(take);
    }
    const { tensors } = await take();
    return finished(plan, width, tensors, scale, threshold);
  } finally {
    await engine.close();
  }
}

function schedule(step: number, steps: number): number {
  const decay = Math.max(1, Math.round(DECAY_SHARE * steps));
  return Math.min(1, (step + 1) / WARM_UP, (steps - step) / decay);
}

/** Of a tensor of a checkpoint: moments have their parameter's name in them. */
function stateName(name: string): string {
  const parameter = SAE_PARAMETERS.find((known) => name.endsWith(`.${known}`));
  const moment = parameter === undefined ? -1 : momentLabels(parameter).indexOf(name);
  return parameter !== undefined && moment >= 0
    ? (momentNames(`${SCOPE}.${parameter}`)[moment] as string)
    : `${SCOPE}.${name}`;
}

const momentLabels = (parameter: SaeParameter): [string, string] => [`m.${parameter}`, `v.${parameter}`];

/** Decoder rows in random directions, the encoder their transpose (Gao et al. 2024), the bias the mean. */
function firstCheckpoint({ size, seed }: SaePlan, width: number, portion: Portion): SaeCheckpoint {
  const { mean, variance } = statisticsOf(portion);
  const scale = 1 / Math.sqrt(variance);
  const random = Random.of("sae", seed, "weights");
  const decoder = Float32Array.from({ length: size * width }, () => random.normal());
  const encoder = new Float32Array(width * size);
  for (let latent = 0; latent < size; latent++) {
    const row = decoder.subarray(latent * width, (latent + 1) * width);
    const norm = Math.hypot(...row);
    for (let i = 0; i < width; i++) encoder[i * size + latent] = row[i] = (row[i] as number) / norm;
  }
  const data: Readonly<Record<SaeParameter, Float32Array>> = {
    encoder,
    encoderBias: new Float32Array(size),
    decoder,
    decoderBias: Float32Array.from(mean, (x) => x * scale),
  };
  const shapes = saeShapes({ width, size });
  const tensors = new Map<string, Tensor>([["idle", { shape: [1, size], data: new Float32Array(size) }]]);
  for (const name of SAE_PARAMETERS) {
    tensors.set(name, { shape: shapes[name], data: data[name] });
    for (const label of momentLabels(name)) {
      tensors.set(label, { shape: shapes[name], data: new Float32Array(data[name].length) });
    }
  }
  return { step: 0, scale, threshold: 0, dead: 0, tensors };
}

/** In the residual stream's own units: reading is homogeneous, so the scale goes into biases and threshold alone. */
function finished(
  plan: SaePlan,
  width: number,
  tensors: ReadonlyMap<string, Tensor>,
  scale: number,
  threshold: number,
): TrainedSae {
  const { texts, ...recipe } = plan;
  const data = (name: SaeParameter): Float32Array => (tensors.get(name) as Tensor).data;
  return {
    width,
    weights: {
      encoder: data("encoder"),
      encoderBias: data("encoderBias").map((x) => x / scale),
      decoder: data("decoder"),
      decoderBias: data("decoderBias").map((x) => x / scale),
      ...(plan.kind === "batchtopk" && { threshold: Math.fround(threshold / scale) }),
    },
    recipe: { ...recipe, scale, texts },
  };
}
