/** The one place where an error becomes what the user reads and the shell's exit code. */
import { CommanderError } from "commander";
import { printable } from "../text/index.js";
import { EXIT } from "./exit-code.js";
import { colorsOf } from "./terminal/terminal.js";
import { typedCommand } from "./terminal/typed-command.js";
import { VERSION } from "./version.js";

/** Something the user can put right; `hint` says how. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The user pressed Ctrl-C, and what was under way has come to rest; what is worth saying has been said. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor(readonly exitCode: number = EXIT.interrupted) {
    super("interrupted");
  }
}

/** Prints what is to be said about an error, in which files and servers may have their say, and returns the exit code. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return exitOf(error);
  if (error instanceof Interrupted) return error.exitCode;
  const known = explain(error);
  const colors = colorsOf(process.stderr);
  if (known !== undefined) {
    const hint = known.hint === undefined ? "" : `\n${known.hint}`;
    process.stderr.write(`${colors.red("error:")} ${printable(known.message + hint)}\n`);
    return EXIT.usage;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : `thrown: ${String(error)}`;
  process.stderr.write(`${colors.red("internal error:")} ${printable(trace)}\n\n`);
  process.stderr.write(`${printable(blame())}\n`);
  return EXIT.internal;
}

function blame(): string {
  const { version, platform, arch } = process;
  return `This is a fault in askew ${VERSION}. Please report it with the lines above: askew ${typedCommand()} (Node ${version}, ${platform} ${arch}).`;
}

/** Commander has printed its message or the help that was asked for. */
function exitOf(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}

interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

/** What the floors below throw when something that was handed to them cannot be used; their messages name the cure. */
const USER_ERRORS: ReadonlySet<string> = new Set([
  "ModelNameError",
  "ModelAbilityError",
  "EndpointError",
  "CacheError",
  "ModelFileError",
  "UnknownWordError",
  "ControlTokenError",
  "ChatTemplateError",
  "GrowthError",
  "StudyError",
  "StudyFileError",
  "ServerError",
  "FinetuneError",
  "DatasetError",
  "DirectionError",
  "SaeError",
  "DiffError",
  "WatchError",
  "QuestionFileError",
  "AnswerFileError",
  "JudgeError",
  "CsvError",
  "ScoreError",
  "ArchiveError",
  "InspectLogError",
]);

function explain(error: unknown): Explanation | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof UsageError)
    return { message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  if (USER_ERRORS.has(error.name)) return { message: error.message };
  return explainSystem(error) ?? (error.cause === undefined ? undefined : explain(error.cause));
}

/** What the file system refuses, by its code. */
const REFUSED: Readonly<Record<string, Explanation>> = {
  EACCES: { message: "permission denied", hint: "Choose a folder that you may write to." },
  EPERM: { message: "not permitted", hint: "Choose a folder that you may write to." },
  EROFS: { message: "the file system is read-only", hint: "Choose another folder." },
  ENOSPC: {
    message: "no space is left on the disk",
    hint: "Make room and run the same command again: it carries on from the last finished step.",
  },
  EDQUOT: {
    message: "your disk quota is used up",
    hint: "Make room and run the same command again: it carries on from the last finished step.",
  },
  ENOENT: { message: "there is no such file or folder" },
  ENOTDIR: { message: "a part of the path is a file, not a folder", hint: "Choose another folder." },
  EEXIST: { message: "there is something of that name already, and it is no folder", hint: "Choose another folder." },
  EISDIR: { message: "is a folder, not a file" },
  ENAMETOOLONG: { message: "the name is too long", hint: "Choose a shorter one." },
};

function explainSystem(error: Error): Explanation | undefined {
  const { code, path } = error as NodeJS.ErrnoException;
  const refused = code === undefined ? undefined : REFUSED[code];
  if (refused === undefined) return undefined;
  return { ...refused, message: path === undefined ? refused.message : `${path}: ${refused.message}` };
}
