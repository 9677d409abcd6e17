import { AskewError } from "../../text/index.js";

/** A folder that holds no sparse autoencoder, or one of another model. */
export class SaeError extends AskewError {
  override readonly name = "SaeError";
}
