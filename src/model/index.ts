/** Models by their names, and the one interface through which everything above talks to them. */
export * from "../capabilities/index.js";
export {
  isRemote,
  ModelAbilityError,
  requireAbility,
  requireOpenWeights,
  requireReading,
  requireSteering,
  requireTokens,
  requireTraining,
} from "./abilities.js";
export {
  EndpointModel,
  finishOf,
  OPTIONAL_PARAMETERS,
  withoutThoughts,
  type EndpointModelOptions,
} from "../endpoint/index.js";
export { AnswerText, OnnxModel as LocalModel, weightsHash } from "../onnx/index.js";
export {
  isEndpointName,
  ModelNameError,
  openEndpointModel,
  openLocalModel,
  parseEndpointName,
  type OpenOptions,
} from "./open.js";
export { BASE_KEY, identityOf, type NamedWeights } from "./identity.js";
export {
  findModel,
  localModel,
  openModel,
  registerNames,
  type NamedModel,
  type NameOptions,
  type NameResolver,
} from "./names.js";
export { shippedFolder, shippedModels } from "./shipped.js";
