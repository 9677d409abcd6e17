/**
 * Runs the chat template of a model's folder. A template is a program by a stranger: it may loop, or double a text
 * until memory ends, so its steps, its time and the size of every value it computes are bounded.
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { TimeLimitError, withTimeLimit } from "./time-limit.js";

/** What askew uses of the library, whose own types do not resolve under `nodenext`. */
interface Scope {
  set(name: string, value: unknown): void;
}
interface Runtime {
  run(program: object): { readonly value: unknown };
  evaluate(statement: unknown, scope: unknown): unknown;
}
const NewScope = Environment as unknown as new () => Scope;
const NewRuntime = Interpreter as unknown as new (scope: Scope) => Runtime;
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
const MILLISECONDS = 10_000;

export class SandboxedTemplate {
  readonly #program: object;

  /** @throws {Error} when the source is no template. */
  constructor(source: string) {
    if (source.length > LONGEST_SOURCE) throw new Error(`it is ${source.length} characters long`);
    const options = { lstrip_blocks: true, trim_blocks: true };
    this.#program = withTimeLimit(MILLISECONDS, () => toProgram(toTokens(source, options)));
  }

  /**
   * @param variables names → plain values.
   * @throws {RaisedByTemplate} when the template refuses its variables.
   * @throws {Error} when the template is wrong or asks for too much.
   */
  render(variables: Readonly<Record<string, unknown>>): string {
    const scope = new NewScope();
    for (const [name, value] of Object.entries({ ...globals, ...variables })) scope.set(name, value);
    try {
      const { value } = withTimeLimit(MILLISECONDS, () => new BoundedRuntime(scope).run(this.#program));
      return String(value);
    } catch (error) {
      if (error instanceof TimeLimitError)
        throw new Error(`it did not end within ${MILLISECONDS} ms`, { cause: error });
      throw error;
    }
  }
}

/**
 * What every chat template may count on. `strftime_now` is left out: with it the same messages would give other
 * tokens tomorrow, and templates that ask for the date have a fixed one to fall back on.
 */
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
};

class BoundedRuntime extends NewRuntime {
  #stepsLeft = STEPS;
  readonly #sizes = new WeakMap<object, number>();

  override evaluate(statement: unknown, scope: unknown): unknown {
    const result = super.evaluate(statement, scope);
    const { value } = (result ?? {}) as { readonly value?: unknown };
    this.#stepsLeft -= 1 + (Array.isArray(value) ? value.length : 0);
    if (this.#stepsLeft < 0) throw new Error("it takes too many steps");
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
