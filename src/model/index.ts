/** The one interface the floors above talk to, and its adapters. */
export type * from "./model.js";
export { ModelAbilityError, requireAbility } from "./abilities.js";
export { AnswerText, type AnswerPiece } from "./answer-text.js";
export { EndpointModel, type EndpointModelOptions } from "./endpoint.js";
export { LocalModel, type LocalModelOptions, type LocalSampleOptions, type LocalSampleRequest } from "./local.js";
export {
  isEndpointName,
  ModelNameError,
  openEndpointModel,
  openLocalModel,
  openModel,
  parseEndpointName,
  type OpenOptions,
} from "./open.js";
export { shippedFolder, shippedModels } from "./shipped.js";
export { streamSeed } from "./stream-seed.js";
export { weightsHash } from "./weights-hash.js";
