/** Values of a GGUF file's metadata, each of the type that is expected of it. */
import { ModelFileError, shown } from "../model-file-error.js";
import type { GgufValue } from "./header.js";

export class Metadata {
  constructor(
    readonly file: string,
    private readonly values: ReadonlyMap<string, GgufValue>,
  ) {}

  problem(subject: string, expected: string, found: unknown, cure?: string): ModelFileError {
    return new ModelFileError({
      file: this.file,
      subject,
      expected,
      found: typeof found === "object" ? "a list" : shown(found),
      cure: cure ?? "The file is damaged or of a kind that askew does not read: convert the model again.",
    });
  }

  keys(): IterableIterator<string> {
    return this.values.keys();
  }

  get(key: string): GgufValue | undefined {
    return this.values.get(key);
  }

  text(key: string): string | undefined {
    const value = this.values.get(key);
    if (value === undefined || typeof value === "string") return value;
    throw this.problem(key, "a text", value);
  }

  flag(key: string): boolean | undefined {
    const value = this.values.get(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.problem(key, "true or false", value);
  }

  /** A number; where it is given for every layer, all of them must be equal. */
  number(key: string): number | undefined {
    const value = this.values.get(key);
    if (value === undefined || typeof value === "number") return value;
    if (typeof value === "object" && !Array.isArray(value) && value.length > 0) {
      const numbers = Array.from(value as ArrayLike<number>);
      if (numbers.every((x) => x === numbers[0])) return numbers[0];
      throw this.problem(key, "one number for all layers", "several numbers");
    }
    throw this.problem(key, "a number", value);
  }

  requiredNumber(key: string): number {
    const value = this.number(key);
    if (value === undefined) throw this.problem(key, "a number", undefined);
    return value;
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value as readonly string[];
    throw this.problem(key, "a list of texts", value);
  }

  numbers(key: string): ArrayLike<number> | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    if (typeof value === "object" && !Array.isArray(value)) return value as ArrayLike<number>;
    throw this.problem(key, "a list of numbers", value);
  }
}
