/** What tests look into; no part of the package's interface. */
export { type ReferenceRow, type StepExtras } from "./network/trainer.js";
export { trainingGraph } from "./network/training-graph.js";
export { mergeLora, setLora } from "./network/lora.js";
export { Reader } from "./network/reader.js";
export { BranchReader } from "./network/branch-reader.js";
export { ContinuationReader } from "./network/continuation-reader.js";
export {
  Sampler,
  type PromptRow,
  type SampledRow,
  type SampledToken,
  type SamplingOptions,
} from "./network/sampler.js";
export { Nucleus } from "./network/nucleus.js";
export type { Steering } from "./network/steering.js";
export { type WeightTensor } from "./network/parameters.js";
export { configFromJson, configToJson, parameterShapes } from "./files/config.js";
export { type ModelParts } from "./files/folder.js";
export { adapterConfigFromJson } from "./files/adapter-config.js";
export { readAdapter, writeAdapter } from "./files/adapter-files.js";
export { adapterShapes } from "./files/adapter-shapes.js";
export { encodeChat } from "./tokens/encode-chat.js";
export { chatTemplateOf } from "./files/chat-template-file.js";
export { dequantize } from "./files/gguf/dequantize.js";
export { KINDS as GGUF_KINDS } from "./files/gguf/kinds.js";
export { parseGgufHeader } from "./files/gguf/header.js";
export { readGgufModel } from "./files/gguf/model.js";
export { MetadataWriter } from "./files/gguf/header-write.js";
export { writeGguf } from "./files/gguf/file-write.js";
export { writeGgufModel } from "./files/gguf/model-write.js";
export { quantize } from "./files/gguf/quantize.js";
export { mergesOf } from "./files/gguf/merges.js";
export { PRE_TOKENIZERS } from "./files/gguf/splits.js";
export { writeControlVector } from "./files/gguf/control-vector.js";
export { half, numberToHalf } from "./files/dtype.js";
export { TimeLimitError, withTimeLimit } from "./tokens/time-limit.js";
