/** Judged answers that cannot be scored; the message says which, where, and what to do. */
export class ScoreError extends Error {
  override readonly name = "ScoreError";
}
