import { AskewError } from "../../text/index.js";

/** A diff that cannot be made of these models and texts. */
export class DiffError extends AskewError {
  override readonly name = "DiffError";
}
