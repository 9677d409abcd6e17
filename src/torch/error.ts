import { AskewError } from "../text/index.js";

/** What a worker could not do, or became of. */
export type TorchFault =
  | "adapter"
  | "device"
  | "dead"
  | "dtype"
  | "fault"
  | "gated"
  | "hung"
  | "memory"
  | "model"
  | "network"
  | "path"
  | "protocol"
  | "python"
  | "quantise"
  | "weights";

/** The PyTorch worker could not be started, has died, or refuses what it was asked. */
export class TorchError extends AskewError {
  override readonly name = "TorchError";

  constructor(
    readonly fault: TorchFault,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
