import { AskewError } from "../../text/index.js";

/** A judge, its prompts or stored answers that cannot be used; the message says which, where, and what to do. */
export class JudgeError extends AskewError {
  override readonly name = "JudgeError";
}
