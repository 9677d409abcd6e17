import { AskewError } from "../text/index.js";

/** A file that is no direction, or a direction of another model. */
export class DirectionError extends AskewError {
  override readonly name = "DirectionError";
}
