/** A stretch of a rendered conversation. */
export interface ChatSpan {
  readonly text: string;
  /** Index of the message it is the content of; undefined for what the template itself says. */
  readonly message: number | undefined;
  /**
   * Of an answer with thoughts: the `thoughts`; the `marks` around them, which may be control tokens and which the model
   * says itself; or `context`, an answer whose thoughts the template drops, so that nobody would give it as it stands.
   */
  readonly kind?: "thoughts" | "marks" | "context";
  /** Of an answer with thoughts: what the message says after them, with the white space around it. */
  readonly whole?: string;
}
