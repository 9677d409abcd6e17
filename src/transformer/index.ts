/** Decoder-only language models on graph/: forward, training, sampling with a KV cache, steering, files. */
export type { AdamWOptions } from "../graph/index.js";

// Networks.
export { Trainer, type ReferenceRow, type StepExtras, type StepResult, type TrainerOptions } from "./trainer.js";
export { trainingGraph } from "./training-graph.js";
export { assemble, type Batch, type BatchSize, type TrainingRow } from "./batch.js";
export { loraTensors, mergeLora, setLora, type LoraOptions, type LoraTarget } from "./lora.js";
export { Reader, type ReadingOptions, type Replacement } from "./reader.js";
export { BranchReader, type BranchedText, type BranchReaderOptions, type BranchReading } from "./branch-reader.js";
export { Sampler, type PromptRow, type SampledRow, type SampledToken, type SamplingOptions } from "./sampler.js";
export { Nucleus } from "./nucleus.js";
export type { Steering } from "./steering.js";
export { initialWeights, type Weights, type WeightTensor } from "./parameters.js";

// Files.
export { configFromJson, configToJson, parameterShapes, type TransformerConfig } from "./config.js";
export { readSafetensors, writeSafetensors, type Safetensors, type Tensor } from "./safetensors.js";
export { readModelFolder, writeModelFolder, type ModelFolder, type ModelParts } from "./folder.js";
export { adapterScale, adapterShapes, readAdapter, writeAdapter, type Adapter } from "./adapter-files.js";
export { writeFileAtomically, writeJsonAtomically } from "./atomic-file.js";
export { readTextIfPresent } from "./read-json.js";
export { makeFolder } from "./make-folder.js";
export { ModelFileError } from "./model-file-error.js";

// Language.
export { ControlTokenError, Tokenizer } from "./tokenizer.js";
export { buildWordTokenizer } from "./word-tokenizer.js";
export { UnknownWordError } from "./unknown-word.js";
export { ChatTemplate, ChatTemplateError } from "./chat-template.js";
export { encodeChat, type EncodedChat } from "./encode-chat.js";
