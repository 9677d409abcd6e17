// A model that has learned nothing and can say anything: a small Llama over bytes, with the control tokens of Qwen2.
import { ChatTemplate, initialWeights, writeModelFolder } from "askew/onnx";
import { byteLevelTokenizer } from "./onnx/tokens/tokenizers.js";

const TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

export const BYTES_SHAPE = { width: 16, layers: 3 };

interface ByteModelOptions {
  readonly seed?: number;
  /** A byte is about a token. */
  readonly maxPositions?: number;
  /** In place of the usual ones. */
  readonly sizes?: { readonly width?: number; readonly hidden?: number };
}

export async function writeByteModel(
  folder: string,
  { seed = 1, maxPositions = 1024, sizes }: ByteModelOptions = {},
): Promise<void> {
  const tokenizer = byteLevelTokenizer();
  const config = {
    modelType: "llama",
    vocabSize: tokenizer.size,
    ...BYTES_SHAPE,
    headDim: 8,
    hidden: 32,
    ...sizes,
    maxPositions,
    heads: 2,
    keyValueHeads: 1,
    epsilon: 1e-6,
    ropeTheta: 10_000,
    tied: true,
    qkvBias: false,
    eosIds: [tokenizer.eosId as number],
  } as const;
  // Lively weights, so that layers differ.
  const tensors = new Map(
    [...initialWeights(config, seed)].map(([name, { shape, data }]) => [
      name,
      { shape, data: shape.length > 1 ? data.map((x) => 10 * x) : data },
    ]),
  );
  await writeModelFolder(folder, { config, tensors, tokenizer, template: new ChatTemplate(TEMPLATE) });
}
