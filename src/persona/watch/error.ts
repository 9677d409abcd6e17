/** Probes, detectors or records of watching that cannot be used. */
export class WatchError extends Error {
  override readonly name = "WatchError";
}
