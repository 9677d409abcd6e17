/** The one place where an error becomes what the user reads and the shell's exit code. */
import { CommanderError } from "commander";
import { AskewError, EXIT, Interrupted, printable, VERSION } from "../text/index.js";
import { colorsOf, typedCommand } from "../terminal/index.js";

/** Prints an error, which may quote files and servers, and returns the exit code. */
export async function report(error: unknown): Promise<number> {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof Interrupted) return error.exitCode;
  const known = await explain(error);
  const colors = colorsOf(process.stderr);
  if (known !== undefined) {
    const hint = known.hint === undefined ? "" : `\n${known.hint}`;
    process.stderr.write(`${colors.red("error:")} ${printable(known.message + hint)}\n`);
    return known.exitCode;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : `thrown: ${String(error)}`;
  process.stderr.write(`${colors.red("internal error:")} ${printable(trace)}\n\n`);
  process.stderr.write(`${printable(blame())}\n`);
  return EXIT.fault;
}

function blame(): string {
  const { version, platform, arch } = process;
  return `This is a fault in askew ${VERSION}. Please report it with the lines above: askew ${typedCommand()} (Node ${version}, ${platform} ${arch}).`;
}

/** Returns the error, or the one that caused it, that the user can put right. */
async function explain(error: unknown): Promise<AskewError | undefined> {
  if (AskewError.isInstance(error)) return error;
  if (!(error instanceof Error)) return undefined;
  const { explainSystemError } = await import("../store/index.js");
  const refused = explainSystemError(error);
  return refused === undefined ? explain(error.cause) : new AskewError(refused);
}
