/** The weights of a model as the worker sends them: first their names and shapes, then frames with their bytes. */
import type { TensorEntry } from "../onnx/index.js";
import { TorchError } from "./error.js";
import type { Received } from "./payload.js";

const SIZES = { F32: 4, BF16: 2, F16: 2 } as const;

/** The weights that the worker will send, in that order. */
export function entriesOf(listed: unknown): TensorEntry[] {
  const wrong = new TorchError("protocol", "expected names and shapes of weights from the worker");
  if (!Array.isArray(listed)) throw wrong;
  let at = 0;
  return listed.map((one: unknown): TensorEntry => {
    const [name, dtype, shape] = Array.isArray(one) ? (one as unknown[]) : [];
    const isShape = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
    if (typeof name !== "string" || !isShape || !Object.hasOwn(SIZES, String(dtype))) throw wrong;
    const kind = dtype as keyof typeof SIZES;
    const begin = at;
    at += (shape as number[]).reduce((product, n) => product * n, SIZES[kind]);
    return { name, dtype: kind, shape: shape as number[], begin, end: at };
  });
}

/** Frames of weights as they come, for a writer that is slower or faster. */
export class Arrivals {
  readonly begun: Promise<readonly TensorEntry[]>;
  begin: (entries: readonly TensorEntry[]) => void = () => undefined;
  readonly #waiting: Received[] = [];
  #state: "open" | "ended" | { readonly error: unknown } = "open";
  #wake: () => void = () => undefined;
  #refuse: (error: unknown) => void = () => undefined;

  constructor() {
    this.begun = new Promise((resolve, reject) => {
      this.begin = resolve;
      this.#refuse = reject;
    });
  }

  push(tensors: Received): void {
    this.#waiting.push(tensors);
    this.#wake();
  }

  end(): void {
    this.#state = "ended";
    this.#wake();
  }

  fail(error: unknown): void {
    this.#state = { error };
    this.#refuse(error);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Received> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      if (typeof this.#state === "object") throw this.#state.error;
      if (this.#state === "ended") return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
