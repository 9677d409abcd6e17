/** What a worker says, as users read it. */
import { printable } from "../text/index.js";
import type { WorkerCommand } from "./command.js";
import { TorchError, type TorchFault } from "./error.js";

export const LONGEST_LINE = 2000;

/** Faults that a worker may name, each a user's to put right. */
const FAULTS: ReadonlySet<string> = new Set<TorchFault>([
  "adapter",
  "device",
  "dtype",
  "gated",
  "memory",
  "model",
  "network",
  "path",
  "quantise",
  "weights",
]);
const HINTS: Readonly<Partial<Record<TorchFault, string>>> = {
  memory: "Use shorter texts or answers, a LoRA adapter (--lora), --recompute, or a smaller model.",
  network: "Download the model to a folder, and name that: torch:DIR.",
};

/** Text from another process must not move the cursor. */
export const shownText = (text: string): string => printable(text.slice(0, 10 * LONGEST_LINE));

/** What the worker refuses; undefined where it failed in another way. */
export function refusalOf({ kind, message }: { readonly kind: string; readonly message: string }) {
  if (!FAULTS.has(kind)) return undefined;
  const fault = kind as TorchFault;
  const hint = HINTS[fault];
  return new TorchError(fault, shownText(message), hint === undefined ? {} : { hint });
}

export const SET_UP = "Run: askew torch setup. Or set ASKEW_PYTHON to a Python that has torch, transformers and peft.";

export function noStart(command: WorkerCommand, error: NodeJS.ErrnoException): TorchError {
  const why = error.code === "ENOENT" ? "there is no such command" : (error.code ?? error.message);
  return new TorchError("python", `${command.title}: ${why}. torch: models need Python with PyTorch`, {
    hint: `${SET_UP} Without Python, local:DIR runs models in this process.`,
    cause: error,
  });
}

export const asFault = (error: unknown): TorchError =>
  error instanceof TorchError
    ? error
    : new TorchError("protocol", error instanceof Error ? error.message : String(error), { cause: error });

/** Cuts a stream into lines; one without an end comes in pieces. */
export function linesOf(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk.toString("utf8")).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) {
      lines.push(rest);
      rest = "";
    }
    for (const line of lines) if (line.trim() !== "") onLine(line);
  };
}
