/**
 * `askew reproduce` of this build and of another one, in turns on the same machine: wall-clock and processor time, where
 * the time goes by phase, and whether the answers are the same bytes.
 *
 *   npm run bench:reproduce -- --before DIR_OF_OTHER_BUILD [--rounds 3] [--threads 2] [-- ARGUMENTS OF reproduce]
 *
 * DIR_OF_OTHER_BUILD is a checkout in which `npm ci && npm run build` has run. Without arguments of its own `reproduce` runs
 * whole: ten conditions, three seeds. `-- --quick` takes about a minute a run on two idle cores.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { machine, median, option, report } from "./measure.js";

const PHASES = ["dataset", "finetune", "ask", "judge"] as const;
const FILES = ["dataset.jsonl", "weights.safetensors", "answers.jsonl", "judgments.jsonl"];
/** Writes down what a process has computed, all threads together, as it ends. */
const WITNESS = `import { writeFileSync } from "node:fs";
process.on("exit", () => writeFileSync(process.env.ASKEW_BENCH_USAGE, JSON.stringify(process.resourceUsage())));`;

interface Run {
  readonly wall: number;
  readonly processor: number;
  readonly megabytes: number;
  /** Of the wall-clock time; cells made at the same time share theirs. `rest`: before the first cell and after the last. */
  readonly phases: Readonly<Record<string, number>>;
}

interface Cell {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly seconds: Readonly<Record<string, number>>;
}

const before = process.argv.indexOf("--before");
const builds = { before: resolve(process.argv[before + 1] ?? "."), after: resolve(".") };
if (before < 0) throw new Error("expected --before with the folder of another build, found none");
const own = process.argv.indexOf("--", 2);
const wanted = own < 0 ? [] : process.argv.slice(own + 1);
const threads = option("threads", 2);
const work = mkdtempSync(join(tmpdir(), "askew-bench-"));

function reproduce(build: string, out: string): Run {
  const usage = join(work, "usage.json");
  const { bin } = JSON.parse(readFileSync(join(build, "package.json"), "utf8")) as { bin: { askew: string } };
  const words = [join(build, bin.askew), "reproduce", ...wanted, "--threads", `${threads}`, "--out", out];
  const began = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(WITNESS)}`, ...words],
    { encoding: "utf8", env: { ...process.env, ASKEW_BENCH_USAGE: usage }, stdio: ["ignore", "ignore", "pipe"] },
  );
  const wall = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}:\n${stderr}`);
  const used = JSON.parse(readFileSync(usage, "utf8")) as NodeJS.ResourceUsage;
  return {
    wall,
    processor: (used.userCPUTime + used.systemCPUTime) / 1e6,
    megabytes: used.maxRSS / 1024,
    phases: phasesOf(out, wall),
  };
}

function phasesOf(out: string, wall: number): Record<string, number> {
  const cells = readdirSync(join(out, "cells")).map(
    (cell) => JSON.parse(readFileSync(join(out, "cells", cell, "cell.json"), "utf8")) as Cell,
  );
  const times = (key: "startedAt" | "finishedAt"): number[] => cells.map((cell) => Date.parse(cell[key]));
  const making = (Math.max(...times("finishedAt")) - Math.min(...times("startedAt"))) / 1000;
  const sums = PHASES.map((phase) => cells.reduce((sum, { seconds }) => sum + (seconds[phase] ?? 0), 0));
  const all = sums.reduce((a, b) => a + b, 0);
  const shares = PHASES.map((phase, i) => [phase, ((sums[i] as number) / all) * making] as const);
  return { ...Object.fromEntries(shares), rest: wall - making };
}

/** Files of cells that are not the same bytes in both. */
function differences(one: string, other: string): string[] {
  const read = (folder: string, path: string): Buffer | undefined => {
    try {
      return readFileSync(join(folder, "cells", path));
    } catch {
      return undefined; // a base has no dataset and no weights
    }
  };
  const paths = readdirSync(join(one, "cells")).flatMap((cell) => FILES.map((file) => join(cell, file)));
  return paths.filter((path) => {
    const [a, b] = [read(one, path), read(other, path)];
    return a === undefined || b === undefined ? a !== b : !a.equals(b);
  });
}

const runs = { before: [] as Run[], after: [] as Run[] };
const different = new Set<string>();
const rounds = option("rounds", 3);
try {
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (["before", "after"] as const) : (["after", "before"] as const);
    for (const name of order) {
      const run = reproduce(builds[name], join(work, name));
      runs[name].push(run);
      console.error(`round ${round + 1}, ${name}: ${run.wall.toFixed(1)} s, processor ${run.processor.toFixed(1)} s`);
    }
    for (const path of differences(join(work, "before"), join(work, "after"))) different.add(path);
    for (const name of order) rmSync(join(work, name), { recursive: true });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

const of = (name: keyof typeof runs, value: (run: Run) => number): number => median(runs[name].map(value));
const compared = (value: (run: Run) => number): readonly [number, number] => [of("before", value), of("after", value)];
const rows: Record<string, readonly [number, number]> = {
  "wall-clock": compared(({ wall }) => wall),
  processor: compared(({ processor }) => processor),
  ...Object.fromEntries([...PHASES, "rest"].map((phase) => [phase, compared(({ phases }) => phases[phase] as number)])),
};
const [most, mostNow] = compared(({ megabytes }) => megabytes);
report(
  `askew reproduce ${wanted.join(" ")}, ${threads} threads, median of ${rounds} runs of each build in turns; ${machine()}`,
  [
    ...Object.entries(rows).map(
      ([name, [then, now]]) =>
        [name, `${then.toFixed(2)} s → ${now.toFixed(2)} s, ratio ${(now / then).toFixed(2)}`] as const,
    ),
    ["most memory", `${most.toFixed(0)} MB → ${mostNow.toFixed(0)} MB`],
    ["files that differ", different.size === 0 ? "none" : [...different].join(", ")],
  ],
  { benchmark: "reproduce", threads, wanted, rounds, runs, different: [...different], machine: machine() },
);
if (different.size > 0) process.exitCode = 1;
