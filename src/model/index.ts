/** The one interface the floors above talk to, and its adapters. */
export type * from "./model.js";
export { LocalModel, type LocalModelOptions } from "./local.js";
export { ModelNameError, openModel } from "./open.js";
export { streamSeed } from "./stream-seed.js";
