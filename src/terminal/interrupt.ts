/** Ctrl-C: the first asks for a clean stop, the second ends the process at once. */
import { EXIT } from "../text/index.js";

/** `npm start` passes on a Ctrl-C that the terminal has already sent here: within this time the two are one. */
const SAME_PRESS_MS = 400;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code of a process that stopped for this signal. */
  readonly exitCode: number;
  /** Leaves Ctrl-C to others again. */
  release(): void;
}

/**
 * By the signal itself, which shells count as 128 + its number: process.exit() would wait for the engine's thread,
 * and ONNX Runtime does not bear to be ended inside a run.
 */
function endAtOnce(signal: Signal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

const CODES = { SIGINT: EXIT.interrupted, SIGTERM: 143 } as const;
type Signal = keyof typeof CODES;

/** `stopping` is called at the first signal, `leaving` just before the process ends at the second. */
export function onInterrupt(stopping: () => void, leaving: () => void = () => {}): Interrupt {
  const controller = new AbortController();
  let first = 0;
  let exitCode: number = EXIT.interrupted;
  const heard = (signal: Signal) => {
    if (controller.signal.aborted) {
      if (performance.now() - first < SAME_PRESS_MS) return;
      leaving();
      endAtOnce(signal);
      return;
    }
    first = performance.now();
    exitCode = CODES[signal];
    stopping();
    controller.abort();
  };
  const signals = Object.keys(CODES) as Signal[];
  for (const signal of signals) process.on(signal, heard);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release: () => {
      for (const signal of signals) process.off(signal, heard);
    },
  };
}
