/** What tests look into; no part of the package's interface. */
export { EndpointModel } from "../endpoint/index.js";
export { AnswerText, OnnxModel as LocalModel, weightsHash } from "../onnx/index.js";
