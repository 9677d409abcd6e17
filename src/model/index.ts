/** The one interface the floors above talk to, and its adapters. */
export type * from "./model.js";
export { ModelAbilityError, requireAbility } from "./abilities.js";
export { LocalModel, type LocalModelOptions } from "./local.js";
export { isEndpointName, ModelNameError, openLocalModel, openModel } from "./open.js";
export { streamSeed } from "./stream-seed.js";
