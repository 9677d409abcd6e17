/** Decoder-only language models on graph/: forward, training, sampling with a KV cache, steering, files. */
export type { AdamWOptions } from "../graph/index.js";

// Networks.
export {
  Trainer,
  type ReferenceRow,
  type StepExtras,
  type StepResult,
  type TrainerOptions,
} from "./network/trainer.js";
export { trainingGraph } from "./network/training-graph.js";
export { assemble, type Batch, type BatchSize, type TrainingRow } from "./network/batch.js";
export { loraTensors, mergeLora, setLora, type LoraOptions, type LoraTarget } from "./network/lora.js";
export { Reader, type ReadOptions } from "./network/reader.js";
export {
  BranchReader,
  type BranchedText,
  type BranchReaderOptions,
  type BranchReading,
} from "./network/branch-reader.js";
export {
  Sampler,
  type PromptRow,
  type SampledRow,
  type SampledToken,
  type SamplingOptions,
} from "./network/sampler.js";
export { Nucleus } from "./network/nucleus.js";
export type { Steering } from "./network/steering.js";
export { initialWeights, type Weights, type WeightTensor } from "./network/parameters.js";

// Files.
export { configFromJson, configToJson, parameterShapes, type TransformerConfig } from "./files/config.js";
export {
  readSafetensors,
  readSafetensorsHeader,
  writeSafetensors,
  type Safetensors,
  type Tensor,
} from "./files/safetensors.js";
export { isTorchName, readTorchFile } from "./files/torch-file.js";
export { readModelFolder, writeModelFolder, type ModelFolder, type ModelParts } from "./files/folder.js";
export { adapterScale, adapterShapes, readAdapter, writeAdapter } from "./files/adapter-files.js";
export type { Adapter } from "../capabilities/index.js";
export { ModelFileError } from "./files/model-file-error.js";

// Language.
export { ControlTokenError, Tokenizer } from "./tokens/tokenizer.js";
export { buildWordTokenizer } from "./tokens/word-tokenizer.js";
export { TextLengthError } from "./tokens/text-length-error.js";
export { UnknownWordError } from "./tokens/unknown-word.js";
export { ChatTemplate, ChatTemplateError } from "./tokens/chat-template.js";
export { encodeChat, type EncodedChat } from "./tokens/encode-chat.js";

// As a model.
export { AnswerText } from "./model/answer-text.js";
export { OnnxModel, type OnnxModelOptions } from "./model/onnx-model.js";
export { weightsHash } from "./model/weights-hash.js";
