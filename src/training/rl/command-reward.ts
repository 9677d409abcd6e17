/**
 * A program as the reward: it reads one JSON line for every answer, `{"messages": […], "answer": "…"}`, and writes one
 * line for each in their order, a number, null, or `{"reward": …}`. It is started for every step, without a shell.
 */
import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { fileSha256 } from "../../store/index.js";
import { AskewError, printable } from "../../text/index.js";
import type { Reward, Rollout } from "./reward.js";

/** Bytes of output that are taken for an answer, and of complaints that an error repeats. */
const BYTES_A_LINE = 4096;
const SHOWN = 500;
/** Files among its words that are small enough to be hashed into the plan. */
const LARGEST_FILE = 2 ** 26;

export class RewardError extends AskewError {
  override readonly name = "RewardError";
}

export interface CommandRewardOptions {
  /** Milliseconds that a step's answers may take; default ten minutes. */
  readonly patience?: number;
}

/**
 * @param text words with blanks between them, or a JSON list of words: `["python3", "my grader.py"]`
 * @throws {RewardError} where there is no word
 */
export async function commandReward(text: string, { patience = 600_000 }: CommandRewardOptions = {}): Promise<Reward> {
  const words = wordsOf(text);
  return {
    name: `command:${words.join(" ")}`,
    plan: { command: words, files: await hashesOf(words) },
    score: async (rollouts, { signal }) => {
      const written = await run(words, rollouts, patience, signal);
      const lines = written.split("\n").filter((line) => line.trim() !== "");
      if (lines.length !== rollouts.length) {
        throw new RewardError(
          `the reward ${words[0]} wrote ${lines.length} lines for ${rollouts.length} answers. Write one number a line, in their order.`,
        );
      }
      return lines.map((line, i) => rewardOf(line, i + 1, words[0] as string));
    },
  };
}

function wordsOf(text: string): readonly string[] {
  const trimmed = text.trim();
  let words: unknown = trimmed.split(/\s+/).filter(Boolean);
  if (trimmed.startsWith("[")) {
    try {
      words = JSON.parse(trimmed);
    } catch {
      words = undefined;
    }
  }
  const isList = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string");
  if (isList) return words as string[];
  throw new RewardError(
    `command: expected a program and its arguments, found ${JSON.stringify(text.slice(0, 80))}. Write command:./grade, ` +
      `or command:["./grade", "an argument with blanks"].`,
  );
}

async function hashesOf(words: readonly string[]): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const word of words) {
    const found = await stat(word).catch(() => undefined);
    if (found?.isFile() === true && found.size <= LARGEST_FILE) hashes[word] = await fileSha256(word);
  }
  return hashes;
}

function rewardOf(line: string, number: number, program: string): number | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && "reward" in value) ({ reward: value } = value);
  if (value === null || (typeof value === "number" && Number.isFinite(value))) return value;
  throw new RewardError(
    `the reward ${program}, line ${number}: expected a number, null or {"reward": …}, found ${printable(line.slice(0, 80))}`,
  );
}

/** What it writes. */
function run(
  [file = "", ...rest]: readonly string[],
  rollouts: readonly Rollout[],
  patience: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"], shell: false });
    const most = rollouts.length * BYTES_A_LINE;
    const out: Buffer[] = [];
    let [size, complaint] = [0, ""];
    const end = (error: unknown): void => {
      child.kill("SIGKILL");
      settle(() => reject(error));
    };
    const stop = (): void => end(signal?.reason);
    const timer = setTimeout(
      () =>
        end(new RewardError(`the reward ${file} took more than ${patience / 1000} s for ${rollouts.length} answers.`)),
      patience,
    );
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      then();
    };
    signal?.addEventListener("abort", stop, { once: true });
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= most) out.push(chunk);
      else end(new RewardError(`the reward ${file} wrote more than ${BYTES_A_LINE} bytes an answer.`));
    });
    child.stderr.on("data", (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-SHOWN)));
    child.stdin.on("error", () => {}); // it ended early, which its exit says
    child.on("error", (error: NodeJS.ErrnoException) =>
      end(
        new RewardError(
          `the reward ${file} does not start: ${error.code === "ENOENT" ? "there is no such program" : error.message}.`,
        ),
      ),
    );
    child.on("close", (code, by) =>
      settle(() =>
        code === 0
          ? resolve(Buffer.concat(out).toString())
          : reject(
              new RewardError(
                `the reward ${file} ended with ${code ?? by}${complaint === "" ? "" : `: ${printable(complaint.trim())}`}`,
              ),
            ),
      ),
    );
    child.stdin.end(
      rollouts
        .map(
          ({ messages, answer, reasoning, finish }) => `${JSON.stringify({ messages, answer, reasoning, finish })}\n`,
        )
        .join(""),
    );
  });
}
