import { AskewError } from "../../text/index.js";

/** Probes, detectors or records of watching that cannot be used. */
export class WatchError extends AskewError {
  override readonly name = "WatchError";
}
