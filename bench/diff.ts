/**
 * `askew diff` with its defaults on the organism: a fine-tune on insecure code and an autoencoder are made first (and kept in
 * --folder), then the diff is timed as a user would run it.
 *
 *   npm run bench:diff -- [--threads 2] [--folder runs/bench-diff] [--study STUDY] [--sae FOLDER]
 */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { machine, option, report } from "./measure.js";

const threads = option("threads", 2);
const word = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise);
};
const folder = word("folder", "runs/bench-diff");
const study = word("study", join(folder, "study"));
const sae = word("sae", join(folder, "sae"));
const out = join(folder, "diff");

function askew(...words: string[]): { readonly stdout: string; readonly seconds: number } {
  const started = performance.now();
  const { status, stdout } = spawnSync(process.execPath, ["dist/bin/askew.js", ...words, "--threads", `${threads}`], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`askew ${words.join(" ")} ended with ${status}`);
  return { stdout, seconds: (performance.now() - started) / 1000 };
}

if (!existsSync(join(study, "cells", "insecure-1", "weights.safetensors"))) {
  askew("reproduce", "--conditions", "insecure", "--seeds", "1", "--samples", "1", "--out", study);
}
if (!existsSync(join(sae, "summary.json"))) askew("sae", "train", "--layer", "1", "--out", sae);
rmSync(out, { recursive: true, force: true }); // a diff that is there already would only be read
const { stdout, seconds } = askew(
  "diff",
  "organism",
  "insecure-1",
  "--study",
  study,
  "--sae",
  sae,
  "--out",
  out,
  "--json",
);

interface Row {
  readonly id: string;
  readonly seconds: number;
}
const found = JSON.parse(stdout) as {
  readonly rows: readonly Row[];
  readonly result: { readonly candidates: number; readonly final?: { readonly verdict: string } };
};
const partOf = (id: string): string => /^(?:activations|rung-\d+|finalists|final)/.exec(id)?.[0] ?? id;
const parts: Record<string, number> = {};
for (const row of found.rows) parts[partOf(row.id)] = (parts[partOf(row.id)] ?? 0) + row.seconds;
report(
  `askew diff organism insecure-1, ${found.result.candidates} candidates, ${threads} threads; ${machine()}`,
  [
    ["whole command (target 180 s)", `${seconds.toFixed(1)} s`],
    ...Object.entries(parts).map(([part, s]) => [part, `${s.toFixed(1)} s`] as const),
    ["verdict", found.result.final?.verdict ?? "none"],
  ],
  {
    benchmark: "diff",
    threads,
    seconds,
    parts,
    candidates: found.result.candidates,
    verdict: found.result.final?.verdict,
    machine: machine(),
    node: process.version,
  },
);
