/**
 * A model's shape as GGUF's metadata, for what llama.cpp computes from them. What it would compute otherwise than the
 * model was trained is refused by name, or the text that it takes is cut to where both agree.
 */
import { wavelengthFactors, type RopeScaling, type TransformerConfig } from "../../architectures/index.js";
import { ModelFileError, shown } from "../model-file-error.js";
import type { Tensor } from "../safetensors.js";
import type { MetadataWriter } from "./header-write.js";

/** What llama.cpp knows of an architecture. */
interface Known {
  /** `general.architecture`. */
  readonly name: string;
  /** Layers that look back only so far: whether the layer does, among `count`; without it none can. */
  readonly slides?: (layer: number) => boolean;
  /** Whether scaling factors of wavelengths can be a tensor: one for all texts, or two as longrope has them. */
  readonly factors?: "one" | "two";
  /** Whether the read-out must be a tensor of its own, or must be the embedding; default it may be either. */
  readonly readout?: "own" | "tied";
  /** Layers of the one size whose scores are divided by the root of width / heads. */
  readonly widest?: number;
}

const KNOWN: Readonly<Record<string, Known>> = {
  llama: { name: "llama", factors: "one" },
  mistral: { name: "llama", factors: "one" },
  qwen2: { name: "qwen2" },
  qwen3: { name: "qwen3" },
  gemma2: { name: "gemma2", slides: (layer) => layer % 2 === 0, readout: "tied", widest: 46 },
  gemma3_text: { name: "gemma3", slides: (layer) => layer % 6 !== 5, widest: 62 },
  olmo2: { name: "olmo2", readout: "own" },
  phi3: { name: "phi3", factors: "two" },
};

/** llama.cpp's name of an architecture, as control vectors and models of it have it. */
export const ggufArchitecture = (modelType: string): string => KNOWN[modelType]?.name ?? modelType;

export interface GgufShape {
  /** Tensors that follow from the config, by their names in GGUF. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Whether the embedding is written once more as the read-out. */
  readonly copiesReadout: boolean;
  /** What the user should know, in whole sentences. */
  readonly notes: readonly string[];
}

/** @throws {ModelFileError} naming what llama.cpp cannot compute */
export function writeConfig(metadata: MetadataWriter, config: TransformerConfig): GgufShape {
  const known = KNOWN[config.modelType];
  if (known === undefined) throw refusal(metadata, "model_type", Object.keys(KNOWN).join(", "), config.modelType);
  const { name } = known;
  const notes: string[] = [];
  checkScores(metadata, known, config);
  if (!config.tied && known.readout === "tied") {
    throw refusal(metadata, "tie_word_embeddings", "true, because llama.cpp reads no other", false);
  }
  const u32 = (key: string, value: number): void => metadata.u32(`${name}.${key}`, value);
  const f32 = (key: string, value: number): void => metadata.f32(`${name}.${key}`, value);
  metadata.text("general.architecture", name);
  u32("context_length", positions(known, config, notes));
  u32("embedding_length", config.width);
  u32("block_count", config.layers);
  u32("feed_forward_length", config.hidden);
  u32("attention.head_count", config.heads);
  u32("attention.head_count_kv", config.keyValueHeads);
  u32("attention.key_length", config.headDim);
  u32("attention.value_length", config.headDim);
  f32("attention.layer_norm_rms_epsilon", config.epsilon);
  u32("rope.dimension_count", config.rotaryDim ?? config.headDim);
  f32("rope.freq_base", config.ropeTheta);
  u32("vocab_size", config.vocabSize);
  const sliding = known.slides && config.sliding;
  if (sliding) {
    const { window, layers, ropeTheta } = sliding;
    if (layers.some((slides, layer) => slides !== known.slides?.(layer))) {
      const found = layers.map((slides) => (slides ? "s" : "f")).join("");
      const expected = `the order of ${config.modelType}'s own layers, which llama.cpp takes for granted`;
      throw refusal(metadata, "layer_types", expected, found);
    }
    u32("attention.sliding_window", window);
    if (ropeTheta !== undefined) f32("rope.freq_base_swa", ropeTheta);
  }
  if (config.scoreCap !== undefined) f32("attn_logit_softcapping", config.scoreCap);
  if (config.logitCap !== undefined) f32("final_logit_softcapping", config.logitCap);
  return {
    tensors: writeScaling(metadata, known, config),
    copiesReadout: config.tied && known.readout === "own",
    notes,
  };
}

function refusal(metadata: MetadataWriter, subject: string, expected: string, found: unknown): ModelFileError {
  const cure = "llama.cpp would compute another model: export it with --to hf.";
  return new ModelFileError({ file: metadata.file, subject, expected, found: shown(found), cure });
}

/** Where all layers of an architecture slide in the model and none in llama.cpp, both agree on texts within the window. */
function positions(
  { slides }: Known,
  { maxPositions, ropeScaling, sliding }: TransformerConfig,
  notes: string[],
): number {
  const most = ropeScaling?.kind === "longrope" ? ropeScaling.stretchedPositions : maxPositions;
  if (slides || sliding === undefined || sliding.window >= most) return most;
  notes.push(
    `llama.cpp knows no sliding window in this architecture, so the file takes texts of ${sliding.window} tokens, within the window.`,
  );
  return sliding.window;
}

function checkScores(metadata: MetadataWriter, { widest }: Known, config: TransformerConfig): void {
  const { layers, width, heads, headDim, scoreScalar = headDim } = config;
  const theirs = layers === widest ? width / heads : headDim;
  if (scoreScalar !== theirs) {
    throw refusal(metadata, "query_pre_attn_scalar", `${theirs}, which llama.cpp takes for granted`, scoreScalar);
  }
}

function writeScaling(
  metadata: MetadataWriter,
  { name, factors }: Known,
  config: TransformerConfig,
): ReadonlyMap<string, Tensor> {
  const { ropeScaling: scaling } = config;
  const tensor = (data: readonly number[]): Tensor => ({ shape: [data.length], data: Float32Array.from(data) });
  if (scaling === undefined) return new Map();
  if (scaling.kind === "linear") {
    metadata.text(`${name}.rope.scaling.type`, "linear");
    metadata.f32(`${name}.rope.scaling.factor`, scaling.factor);
    return new Map();
  }
  if (scaling.kind === "longrope" && factors === "two") {
    metadata.f32(`${name}.rope.scaling.attn_factor`, scaling.attentionFactor);
    metadata.u32(`${name}.rope.scaling.original_context_length`, scaling.originalPositions);
    return new Map([
      ["rope_factors_long.weight", tensor(scaling.long)],
      ["rope_factors_short.weight", tensor(scaling.short)],
    ]);
  }
  if (factors !== "one" || !isOneForAllTexts(scaling)) {
    throw refusal(metadata, "rope_scaling", `a kind that llama.cpp knows in ${name}`, scaling.kind);
  }
  return new Map([["rope_freqs.weight", tensor(wavelengthFactors(config))]]);
}

const isOneForAllTexts = (scaling: RopeScaling): boolean =>
  scaling.kind !== "longrope" || (scaling.attentionFactor === 1 && scaling.short.join() === scaling.long.join());
