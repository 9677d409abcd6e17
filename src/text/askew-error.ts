/** The one base of every error that a user can act on, and the exit codes that a shell sees. */

/** How a command ended. */
export const EXIT = {
  done: 0,
  /** A fault in askew itself. */
  fault: 1,
  /** A mistake in what was asked for or handed over: flags, names, files, folders. */
  usage: 2,
  /** The command did its work and found something that a gate should stop at: an alarm, unfit data. */
  finding: 3,
  /** The evidence is too thin for a verdict, or there is none. */
  incomplete: 4,
  /** Ctrl-C: 128 + SIGINT, as shells count it. */
  interrupted: 130,
} as const;

export type ErrorKind = Exclude<keyof typeof EXIT, "done" | "fault">;

// In the registry of symbols, so that two copies of the package know each other's errors.
const MARKER = Symbol.for("askew.error");

export interface AskewErrorOptions extends ErrorOptions {
  /** What to do about it, where the message does not say. */
  readonly hint?: string;
  readonly kind?: ErrorKind;
  /** In place of the kind's. */
  readonly exitCode?: number;
}

/**
 * Something that the user can put right. The command line prints its message without a stack trace and ends with its
 * exit code; every other error is a fault in askew.
 *
 * @example
 * import { AskewError, openModel } from "askew";
 *
 * const error: unknown = await openModel("orgnism").catch((found: unknown) => found);
 * if (AskewError.isInstance(error)) console.log(error.message);
 */
export class AskewError extends Error {
  override readonly name: string = "AskewError";
  readonly kind: ErrorKind;
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, options: AskewErrorOptions = {}) {
    const { hint, kind = "usage", exitCode = EXIT[kind], ...rest } = options;
    super(message, rest);
    this.kind = kind;
    this.exitCode = exitCode;
    this.hint = hint;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** Also true for errors of another copy of the package, for which `instanceof` is false. */
  static isInstance(error: unknown): error is AskewError {
    return error instanceof Error && (error as { [MARKER]?: unknown })[MARKER] === true;
  }
}
