/** Models by their names, and the one interface through which everything above talks to them. */
export * from "../capabilities/index.js";
export {
  isRemote,
  requireAbility,
  requireOpenWeights,
  requireSteering,
  requireTokens,
  requireTraining,
} from "./abilities.js";
export { finishOf } from "../endpoint/index.js";
export { isEndpointName, openEndpointModel, openLocalModel, parseEndpointName, type OpenOptions } from "./open.js";
export { BASE_KEY, folderOf, identityOf, inEngineOf } from "./identity.js";
export { findModel, localModel, openModel, registerNames, type NamedModel } from "./names.js";
export { variableOf, withVariables } from "./template-variables.js";
export { shippedFolder, shippedModels } from "./shipped.js";
