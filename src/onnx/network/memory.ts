/** The memory that a model takes, foretold from its config alone. */
import { elements, memoryOf } from "../../graph/index.js";
import type { LoraOptions } from "../../capabilities/index.js";
import type { TransformerConfig } from "../architectures/index.js";
import type { BatchSize } from "./batch.js";
import { loraParameters } from "./lora.js";
import { heldInHalf, parameterCount, stackedParameters } from "./parameters.js";
import { trainingGraph } from "./training-graph.js";

/** Bytes of a process with its engine; measured with the organism. */
const PROCESS = 140e6;
/** Bytes of a token in the vocabulary; measured with the two files of docs/real-models.md. */
const TOKEN = 1200;
/** Memory that the runtime has not collected yet after opening, as a share of the weights. */
const UNCOLLECTED = 0.15;
/** What the runtime's allocator holds for every byte that a step needs at once, and a compiled step beside it; measured. */
const ALLOCATED = 1.2;
const COMPILED_LAYER = 5e6;
const FLOAT = 4;

/** What waits to be collected after weights were rounded to float16; measured with 135 and 494 million parameters. */
const ROUNDED = 1e8;

/** Bytes of the process, once the model is open. */
export const openedMemory = (config: TransformerConfig): number =>
  PROCESS + TOKEN * config.vocabSize + FLOAT * (1 + UNCOLLECTED) * parameterCount(config);

export interface TrainingShape extends Required<BatchSize> {
  /** Absent: all weights are trained. */
  readonly lora?: LoraOptions | undefined;
  readonly recompute?: boolean | undefined;
  /** Whether a step is worked through in several parts. */
  readonly accumulates?: boolean | undefined;
  /** Rows that are held to stored distributions. */
  readonly reference?: Required<BatchSize> | undefined;
}

/** Bytes of the process while the model is trained, at most. */
export function trainingMemory(config: TransformerConfig, shape: TrainingShape): number {
  const { lora, accumulates = false } = shape;
  const trained = lora
    ? loraParameters(config, lora).reduce((sum, { shape: sizes }) => sum + sizes.reduce((a, b) => a * b, 1), 0)
    : parameterCount(config);
  const state = FLOAT * trained * ((lora ? 1 : 0) + 2 + (accumulates ? 1 : 0));
  const opened = openedMemory(config);
  const step = state + COMPILED_LAYER * config.layers + ALLOCATED * stepMemory(config, shape);
  const halved = stackedParameters(config).filter((parameter) => heldInHalf(config, parameter, lora?.frozen));
  if (halved.length === 0) return opened + step;
  // A file is read as float32 first.
  const saved = halved.reduce((sum, { shape: sizes }) => sum + (FLOAT / 2) * elements(sizes), 0);
  return Math.max(opened, opened - saved + ROUNDED + step);
}

/** Layers of the two models from which a deeper one's step is foretold: every layer takes the same. */
const FEW = 4;
const MORE = 8;

function stepMemory(config: TransformerConfig, shape: TrainingShape): number {
  const { rows, time, capacity, lora, recompute = false, accumulates = false, reference } = shape;
  const withLayers = (layers: number): number =>
    memoryOf(
      trainingGraph({ ...config, layers }, rows, time, capacity, undefined, {}, lora, {
        accumulates,
        ...(recompute && { recompute: "layers" }),
        ...(reference && { reference }),
      }),
    );
  if (config.layers <= MORE || lora?.layers) return withLayers(config.layers);
  const few = withLayers(FEW);
  return few + ((withLayers(MORE) - few) * (config.layers - FEW)) / (MORE - FEW);
}
