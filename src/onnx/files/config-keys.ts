/**
 * Keys of config.json that change nothing in what askew computes. Any other key that no architecture names is refused:
 * passing it over could run another network than the weights were trained in.
 */

/** Notes of those who made the file, and what `transformers` needs to run, save or sample from a model. */
const NOTES: ReadonlySet<string> = new Set([
  "architectures",
  "auto_map",
  "bos_token",
  "chunk_size_feed_forward",
  "dtype",
  "eos_token",
  "id2label",
  "initializer_range",
  "is_decoder",
  "is_llama_config",
  "is_mistral",
  "keys_to_ignore_at_inference",
  "label2id",
  "license",
  "model_name",
  "name_or_path",
  "pad_token",
  "pad_token_id",
  "problem_type",
  "return_dict",
  "tokenizer_class",
  "torch_dtype",
  "transformers.js_config",
  "transformers_version",
  "unk_token_id",
  "use_cache",
  "use_return_dict",
]);

/** Dropout acts in training by `transformers` alone; askew never drops anything. */
const DROPOUT = /^(?:attention|hidden|embd|resid|classifier)_(?:dropout|pdrop)$/;
const OWN_NOTES = /^(?:_|unsloth_|axolotl_)/;

/** Values of a key that is not known which say that nothing is switched on. */
const off = (value: unknown): boolean => value === null || value === false || value === undefined;

/** The first key that may mean something and is not among `known`. */
export function unknownKey(json: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): string | undefined {
  return Object.keys(json).find(
    (key) => !known.has(key) && !NOTES.has(key) && !DROPOUT.test(key) && !OWN_NOTES.test(key) && !off(json[key]),
  );
}

/** How the weights are packed, where they are: "gptq", "bitsandbytes (4 bits)". */
export function packing(quantization: unknown): string | undefined {
  if (off(quantization)) return undefined;
  if (typeof quantization !== "object") return "an unnamed kind of packed weights";
  const {
    quant_method: method,
    load_in_4bit: four,
    load_in_8bit: eight,
    bits,
  } = quantization as Record<string, unknown>;
  const width = four === true ? 4 : eight === true ? 8 : typeof bits === "number" ? bits : undefined;
  const name = typeof method === "string" ? method.slice(0, 60) : four || eight ? "bitsandbytes" : "an unnamed kind";
  return width === undefined ? name : `${name} (${width} bits)`;
}
