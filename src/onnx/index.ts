/** Decoder-only language models on graph/: forward, training, sampling with a KV cache, steering, files. */
export * from "./public.js";

// What another engine shares: texts to token ids and back, sampled tokens to answers, and the files.
export { Answering } from "./model/answering.js";
export { FolderTokens } from "./model/tokens.js";
export { chatTemplateOf } from "./files/chat-template-file.js";
export { templateWith } from "./tokens/chat-template.js";
export { endIdsOf } from "./files/end-ids.js";
export { type PromptRow, type SampledRow, type SamplingOptions } from "./network/sampling-call.js";
export { checkSampling } from "./network/check-sampling.js";
export { checkSteering, steersAnswersOnly } from "./network/steering.js";
export { drawA } from "./network/lora.js";
export { configFromJson } from "./files/config.js";
export type { ModelFolder } from "./files/folder.js";
export { WORD_SPECIALS } from "./tokens/word-tokenizer.js";
export { readAdapter, writeAdapterFiles } from "./files/adapter-files.js";
export { writeSafetensorsAs } from "./files/safetensors.js";
export { formatHeader, parseHeader as parseSafetensorsHeader, type TensorEntry } from "./files/safetensors-header.js";
export { toFloat32 } from "./files/dtype.js";
export { notWeightsAt } from "./files/what-file.js";
