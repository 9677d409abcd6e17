import { AskewError } from "../../text/index.js";

/** A text has more characters or tokens than can be read at once. */
export class TextLengthError extends AskewError {
  override readonly name = "TextLengthError";
}
