/** Slurm's commands, run without a shell. */
import { execFile } from "node:child_process";
import { codeOf } from "../../store/index.js";
import { ExecutorError } from "../error.js";

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_BYTES = 256 * 1024 * 1024;
const SECONDS = 120;

/** @throws {ExecutorError} where there is no such command, or it does not end */
export function slurm(command: string, words: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const limits = { maxBuffer: MOST_BYTES, timeout: SECONDS * 1000 };
    execFile(command, words, limits, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr });
      if (codeOf(error) === "ENOENT" || codeOf(error) === "EACCES") return reject(absent(command));
      if (error.killed === true) return reject(new ExecutorError(`slurm: ${command} gave no reply in ${SECONDS} s.`));
      resolve({ code: typeof error.code === "number" ? error.code : 1, stdout, stderr });
    });
  });
}

const absent = (command: string): ExecutorError =>
  new ExecutorError(`slurm: expected ${command} on the PATH, found no such program.`, {
    hint: "Give the command on a login node of the cluster, or leave --on slurm out to run here.",
  });

/** What a command of Slurm's complained of, in one line. */
export const complaint = ({ stderr, stdout, code }: Said): string => {
  const lines = `${stderr}\n${stdout}`.split("\n").map((line) => line.replace(/^\w+: (?:error: )?/, "").trim());
  return lines.filter((line) => line !== "").join("; ") || `exit code ${code}`;
};
