/** The one interface the floors above talk to, and its adapters. */
export type * from "./model.js";
export { ModelAbilityError, requireAbility } from "./abilities.js";
export { AnswerText, type AnswerPiece } from "./answer-text.js";
export { LocalModel, type LocalModelOptions, type LocalSampleOptions } from "./local.js";
export { isEndpointName, ModelNameError, openLocalModel, openModel } from "./open.js";
export { streamSeed } from "./stream-seed.js";
