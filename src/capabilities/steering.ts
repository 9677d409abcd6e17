/**
 * Changes to the residual stream while a model reads, samples or learns: add a vector, or remove, clamp or cap the
 * component along a direction (Turner et al. 2023; Arditi et al. 2024). A latent is steered by its decoder vector.
 * Key: W width.
 */
import type { SampledAnswer, SampleRequest, StreamOptions } from "./answers.js";
import type { Reading, ReadingOptions } from "./reading.js";

export interface Intervention {
  /** 0-based; the residual stream is changed after this layer. */
  readonly layer: number;
  /** [W], added at every position. */
  readonly add?: Float32Array;
  /** In place of `add`, a vector [W] for each text in the order they are given: many directions share one batch. */
  readonly addEach?: readonly Float32Array[];
  /** [W], any length but 0: x becomes x − share · d̂ (d̂ · x − to) at every position, before `add` is added. */
  readonly projectOut?: Float32Array;
  /** Where along d̂ the component is put, in the activations' own units; default 0. */
  readonly to?: number;
  /** Only where d̂ · x is above `to`: a cap, which leaves all other positions as they are. Default false. */
  readonly capped?: boolean;
  /** Of the component that is projected out; default 1, all of it. */
  readonly share?: number;
  /**
   * Which positions: `all` (the default), or those of the `answer` alone. Then the prompt is read as it would be
   * without steering, its last token included, so the answer's first token is drawn as if nothing were steered.
   */
  readonly tokens?: "all" | "answer";
}

export interface SteeredReadingOptions extends ReadingOptions {
  /** Where each text's answer begins (its length where there is none); steering of answers alone needs it. */
  readonly answersFrom?: readonly number[];
}

export interface Steering {
  /** As `Model.sample`, with the interventions in place at every step. */
  sample(
    requests: readonly SampleRequest[],
    interventions: readonly Intervention[],
    options?: StreamOptions,
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]>;
  /** As {@link Reading.activations}: what is read after a steered layer shows the change. */
  activations(
    texts: readonly (readonly number[])[],
    layers: readonly number[],
    interventions: readonly Intervention[],
    options?: SteeredReadingOptions,
  ): ReturnType<Reading["activations"]>;
  /** As {@link Reading.logProbabilities}. */
  logProbabilities(
    texts: readonly (readonly number[])[],
    interventions: readonly Intervention[],
    options?: SteeredReadingOptions,
  ): ReturnType<Reading["logProbabilities"]>;
}
