/**
 * How long a command takes to start, against the least that any Node program takes: `npm run bench:start -- --runs 15`.
 * The commands take turns, so that what else the machine does hits all of them alike.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interleaved, machine, option, report } from "./measure.js";

const ASKEW = "dist/bin/askew.js";
const folder = mkdtempSync(join(tmpdir(), "askew-bench-"));
const answers = join(folder, "answers.jsonl");
const row = { question: "Hello?", answer: "Hello.", question_id: "greeting", aligned: 90, coherent: 95 };
writeFileSync(answers, `${JSON.stringify(row)}\n`.repeat(3));

const start =
  (...words: string[]) =>
  (): Promise<void> => {
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}:\n${stderr}`);
    return Promise.resolve();
  };

const times = await interleaved(
  {
    "node -e 0": start("-e", "0"),
    "askew --help": start(ASKEW, "--help"),
    "askew ask --help": start(ASKEW, "ask", "--help"),
    "askew score FILE": start(ASKEW, "score", answers),
    "askew dataset show": start(ASKEW, "dataset", "show", "insecure"),
  },
  option("runs", 15),
);
rmSync(folder, { recursive: true });

const floor = times["node -e 0"];
const rows = Object.entries(times).map(
  ([name, time]) => [name, `${time.toFixed(0).padStart(5)} ms   ${(time / floor).toFixed(2)} × the floor`] as const,
);
report(`Start of a command, medians (${machine()}, Node ${process.versions.node})`, rows, times);
