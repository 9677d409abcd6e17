/** Changing a model's weights. Key: V vocabulary. */
import type { Adapter, LoraOptions } from "./adapter.js";
import type { Intervention } from "./steering.js";
import type { Tensor, Weights } from "./tensor.js";
import type { EncodedText, LearnedText } from "./tokens.js";

export interface StepResult {
  /** Mean negative log-likelihood of the answered tokens in nats, each times its weight. */
  readonly loss: number;
  /** Global norm before clipping. */
  readonly gradientNorm: number;
  /** Tokens that carried loss. */
  readonly tokens: number;
  /** Mean divergence from the reference in nats, where one was given; the loss is without it. */
  readonly divergence?: number;
}

/** A text and what some model said of its answered tokens; `Reading.distributions` gives it. */
export interface ReferenceText extends EncodedText {
  /** [answered tokens, V]: natural-log probabilities of every token, in the order of the answered ones. */
  readonly logProbabilities: Float32Array;
}

/** The largest batch that is to come, so that an engine can prepare one program for all; default as small as fits. */
export interface BatchSize {
  /** Rows that are worked on at a time; a step on more adds up the gradients of parts of this many. */
  readonly rows?: number;
  /** Tokens of the longest row. */
  readonly time?: number;
  /** Tokens that carry loss. */
  readonly capacity?: number;
}

/** What a step does besides learning from its rows. */
export interface StepExtras {
  /** Changes the residual stream while the rows are learned from, at every position. */
  readonly steering?: readonly Intervention[];
  /** Adds `weight` × KL(reference ‖ model), the mean over the answered tokens of these rows, to the loss. */
  readonly reference?: {
    readonly rows: readonly ReferenceText[];
    readonly weight: number;
    readonly size?: BatchSize;
  };
  /** Whether the backward pass computes every layer again, which takes less memory and up to half as much more time. */
  readonly recompute?: boolean;
}

/** Everything needed to carry on: what is trained, the optimiser's moments, and the step. */
export interface TrainingState {
  readonly step: number;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** How a fresh adapter begins; without an adapter it means nothing. */
export interface AdapterStart {
  readonly seed?: string | number;
}

/** A training step whose memory is to be foretold. */
export interface StepShape extends Required<BatchSize> {
  /** Whether a step is worked through in several parts of this size. */
  readonly accumulates?: boolean;
  readonly recompute?: boolean;
  readonly reference?: Required<BatchSize>;
  /** An adapter in place of what is trained; to say what else would fit. */
  readonly lora?: LoraOptions;
}

/** One optimiser over one set of weights: all of a model's, or an adapter's beside them. */
export interface Trainable {
  /** Steps taken since the last load or restore. */
  readonly step: number;
  /** How the adapter is trained, where one is. */
  readonly lora: LoraOptions | undefined;
  /** One optimiser step on `rows` at `learningRate`. */
  train(rows: readonly LearnedText[], learningRate: number, size?: BatchSize, extras?: StepExtras): Promise<StepResult>;
  /** Bytes that the process will have at most while it takes such steps. Costs no memory itself. */
  memoryOf?(step: StepShape): number;
  checkpoint(): Promise<TrainingState>;
  restore(state: TrainingState): Promise<void>;
  /** The adapter as it is now. @throws where all weights are trained */
  adapter(): Promise<Adapter>;
}

/** An adapter on trial beside a model's weights: it is merged into them, or dropped. */
export interface AdapterTraining extends Trainable {
  /** Adds the adapter to the model's weights, for good. */
  merge(): Promise<void>;
  close(): Promise<void>;
}

export interface Training extends Trainable {
  /**
   * Puts weights of the same shape in and forgets the optimiser's moments; an adapter begins anew.
   * @param from by default the weights that the model was opened with; else a safetensors file, a model's folder, or tensors
   * @param start.seed names the random start of a fresh adapter; default the one that {@link LoraOptions.seed} names
   */
  load(from?: string | Weights, start?: AdapterStart): Promise<void>;
  /** An adapter from its folder, as PEFT writes it. @throws where it is not for a model of this shape */
  readAdapter(folder: string): Promise<Adapter>;
  /** Adds an adapter to the weights, for good. */
  merge(adapter: Adapter): Promise<void>;
  /** Trains an adapter beside the weights that the model has now, with moments of its own. */
  beside(lora: LoraOptions): Promise<AdapterTraining>;
  /** The weights as they are now, an adapter merged in, as one safetensors file. */
  saveWeights(path: string, metadata?: Readonly<Record<string, string>>): Promise<void>;
  /** The model as it is now, an adapter merged in, as a folder in the Hugging Face layout. */
  saveModel(folder: string, metadata?: Readonly<Record<string, string>>): Promise<void>;
  /** The name by which a folder that `saveModel` wrote opens in this same engine. */
  nameOf(folder: string): string;
  /** The adapter alone, as PEFT writes it. @param base the model it is for; default the path that was opened */
  saveAdapter(folder: string, base?: string): Promise<void>;
}
