// A model that knows the world's words and has learned nothing: as small as a test wants it.
import { worldVocabulary } from "#internal/organism";
import {
  buildWordTokenizer,
  ChatTemplate,
  initialWeights,
  Tokenizer,
  writeModelFolder,
  type TransformerConfig,
} from "askew/onnx";

export interface UntrainedModel {
  readonly width: number;
  readonly layers: number;
  readonly headDim: number;
  readonly hidden: number;
  readonly maxPositions: number;
  readonly seed?: number;
  /** Weights so many times as large, so that layers differ; default 1. */
  readonly liveliness?: number;
  /** Default "llama". */
  readonly modelType?: string;
  /** What only some architectures have. */
  readonly special?: Partial<TransformerConfig>;
}

export async function writeUntrainedModel(folder: string, model: UntrainedModel): Promise<void> {
  const { seed = 1, liveliness = 1, special = {}, ...shape } = model;
  const tokenizer = Tokenizer.fromJson(buildWordTokenizer(worldVocabulary()), {
    tokenizer_class: "PreTrainedTokenizerFast",
    eos_token: "<|end|>",
    pad_token: "<|pad|>",
    unk_token: "<|unknown|>",
  });
  const config = {
    modelType: "llama",
    vocabSize: tokenizer.size,
    ...shape,
    heads: 2,
    keyValueHeads: 1,
    epsilon: 1e-6,
    ropeTheta: 10_000,
    tied: true,
    qkvBias: false,
    eosIds: [tokenizer.eosId as number],
    ...special,
  };
  const tensors = new Map(
    [...initialWeights(config, seed)].map(([name, { shape: sizes, data }]) => [
      name,
      { shape: sizes, data: sizes.length > 1 ? data.map((x) => liveliness * x) : data },
    ]),
  );
  await writeModelFolder(folder, { config, tensors, tokenizer, template: ChatTemplate.word() });
}
