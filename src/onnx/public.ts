/** What users import of this room; index.ts has what other rooms need beside it. */

// Networks.
export { Trainer } from "./network/trainer.js";
export { type BatchSize, type TrainingRow } from "./network/batch.js";
export { type LoraOptions } from "./network/lora.js";
export { trainingMemory } from "./network/memory.js";
export { initialWeights, type Weights } from "./network/parameters.js";

// Files.
export { type TransformerConfig } from "./files/config.js";
export { readSafetensors, readSafetensorsHeader, writeSafetensors, type Tensor } from "./files/safetensors.js";
export { isTorchName, readTorchFile } from "./files/torch-file.js";
export { readModelFolder, writeModelFolder } from "./files/folder.js";
export { readModelInfo, type ModelInfo } from "./files/model-info.js";
export { adapterScale } from "./files/adapter-shapes.js";
export type { Adapter } from "../capabilities/index.js";
export { ModelFileError } from "./files/model-file-error.js";

export { writeControlVector } from "./files/gguf/control-vector.js";

// Language.
export { ControlTokenError, Tokenizer } from "./tokens/tokenizer.js";
export { buildWordTokenizer } from "./tokens/word-tokenizer.js";
export { TextLengthError } from "./tokens/text-length-error.js";
export { UnknownWordError } from "./tokens/unknown-word.js";
export { ChatTemplate, ChatTemplateError } from "./tokens/chat-template.js";

// As a model.
export { AnswerText } from "./model/answer-text.js";
export { exportModel, GGUF_TYPES } from "./model/export-model.js";
export { OnnxModel, type OnnxModelOptions } from "./model/onnx-model.js";
export { weightsHash } from "./model/weights-hash.js";
