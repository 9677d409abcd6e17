/** How an answer ended, and why there may be none. */

/** Why the server stopped: `filter`, `error` and `abort` are not the model's own end. */
export type Finish = "stop" | "length" | "filter" | "tool" | "error" | "abort";

/**
 * Why there is no answer, where there is none:
 * - `error`, `abort`: the server broke off
 * - `filter`: it withheld or cut the text
 * - `refusal`: it says in a field of its own that the model declines; the text is what it says there
 * - `tool`: the model called a tool instead
 * - `thoughts`: it thought, and never came to answer
 * - `empty`: it said nothing
 */
export const NO_ANSWERS = ["error", "abort", "filter", "refusal", "tool", "thoughts", "empty"] as const;
export type NoAnswer = (typeof NO_ANSWERS)[number];
