/**
 * Runs the chat template of a model's folder. A template is a program by a stranger: it may loop, or double a text
 * until memory ends, so its steps, its time and the size of every value it computes are bounded.
 */
import { parse, tokenize } from "@huggingface/jinja";
import { NewScope, PythonRuntime, type Node, type Scope } from "./jinja-runtime.js";
import type { Value } from "./jinja-values.js";
import { strftime } from "./strftime.js";
import { TimeLimitError, withTimeLimit } from "./time-limit.js";

/** What askew uses of the library, whose own types do not resolve under `nodenext`. */
const toProgram = parse as unknown as (tokens: unknown) => object;
const toTokens = tokenize as unknown as (source: string, options: object) => unknown;

/** The template called `raise_exception`: these messages are not for it. */
export class RaisedByTemplate extends Error {
  override readonly name = "RaisedByTemplate";
}

const LONGEST_SOURCE = 2 ** 18;
/** Characters and list entries of one value, those of lists within lists counted as often as they show. */
const LARGEST_VALUE = 2 ** 23;
const LONGEST_LIST = 2 ** 16;
/** Evaluated expressions and list entries of one rendering; a long conversation takes some thousands. */
const STEPS = 300_000;
/** Characters of all values of one rendering together. */
const CHARACTERS = 2 ** 27;
const MILLISECONDS = 2000;

export class SandboxedTemplate {
  readonly #program: object;

  /** @throws {Error} when the source is no template. */
  constructor(source: string) {
    if (source.length > LONGEST_SOURCE) throw new Error(`it is ${source.length} characters long`);
    const options = { lstrip_blocks: true, trim_blocks: true };
    this.#program = onTime(() => toProgram(toTokens(source, options)));
  }

  /**
   * @param variables names → plain values.
   * @throws {RaisedByTemplate} when the template refuses its variables.
   * @throws {Error} when the template is wrong or asks for too much.
   */
  render(variables: Readonly<Record<string, unknown>>): string {
    const scope = new NewScope();
    for (const [name, value] of Object.entries({ ...globals, ...variables })) scope.set(name, value);
    return onTime(() => String(new BoundedRuntime(scope).run(this.#program).value));
  }
}

function onTime<T>(task: () => T): T {
  try {
    return withTimeLimit(MILLISECONDS, task);
  } catch (error) {
    if (error instanceof TimeLimitError) throw new Error(`it did not end within ${MILLISECONDS} ms`, { cause: error });
    throw error;
  }
}

/** What every chat template may count on. */
const globals: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range: (start: number, stop?: number, step = 1): number[] => {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    const count = Math.ceil((to - from) / step);
    if (!(count <= LONGEST_LIST)) throw new Error(`range() of ${count} numbers`);
    return Array.from({ length: Math.max(0, count) }, (_, i) => from + i * step);
  },
  raise_exception: (message: unknown): never => {
    throw new RaisedByTemplate(String(message));
  },
  strftime_now: (format: unknown): string => {
    if (typeof format !== "string") throw new Error("strftime_now() needs a text");
    return strftime(new Date(), format);
  },
};

class BoundedRuntime extends PythonRuntime {
  #stepsLeft = STEPS;
  #charactersLeft = CHARACTERS;
  readonly #sizes = new WeakMap<object, number>();

  override evaluate(node: Node | undefined, scope: Scope): Value {
    const result = super.evaluate(node, scope);
    const { value } = result;
    this.#stepsLeft -= 1 + (Array.isArray(value) ? value.length : 0);
    if (typeof value === "string") this.#charactersLeft -= value.length;
    if (this.#stepsLeft < 0 || this.#charactersLeft < 0) throw new Error("it takes too many steps");
    if (Array.isArray(value) && value.length > LONGEST_LIST) throw new Error("it makes a list too long");
    if (this.#size(result) > LARGEST_VALUE) throw new Error("it makes a value too large");
    return result;
  }

  /** A value may hold another many times over, each time at no cost until it is turned into text. */
  #size(result: unknown): number {
    const { value } = (result ?? {}) as { readonly value?: unknown };
    if (typeof value === "string") return value.length;
    if (!Array.isArray(value) && !(value instanceof Map)) return 1;
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    this.#sizes.set(value, 1);
    let size = 1;
    for (const part of value.values()) size += this.#size(part);
    this.#sizes.set(value, size);
    return size;
  }
}
