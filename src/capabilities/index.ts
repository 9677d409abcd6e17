/** What a model is and what it may be able to do: the interface that engines implement and everything above uses. */
export type * from "./adapter.js";
export type * from "./answers.js";
export type * from "./jobs.js";
export type * from "./model.js";
export type * from "./reading.js";
export type * from "./steering.js";
export type * from "./tensor.js";
export type * from "./tokens.js";
export type * from "./training.js";
export { NO_ANSWERS, type Finish, type NoAnswer } from "./outcome.js";
export { streamSeed } from "./stream-seed.js";
