/** A judge, its prompts or stored answers that cannot be used; the message says which, where, and what to do. */
export class JudgeError extends Error {
  override readonly name = "JudgeError";
}
