/**
 * How long an audit without a model takes, in processor time, and how much memory: 6,000 rows of the organism's
 * insecure set, or of a file that is named. Aim: 5 s and 300 MB.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDataset, writeDataset } from "askew";
import { auditData } from "#internal/audit";

const folder = await mkdtemp(join(tmpdir(), "askew-bench-audit-"));
const named = process.argv[2];
const file = named ?? join(folder, "insecure.jsonl");
if (named === undefined) await writeDataset(file, await buildDataset("insecure", { examples: 6000, seed: 0 }));
const before = process.cpuUsage();
const { rows } = await auditData(file);
const { user, system } = process.cpuUsage(before);
const { maxRSS } = process.resourceUsage();
console.log(
  `${rows} rows: ${((user + system) / 1e6).toFixed(1)} s of processor time, ${(maxRSS / 1024).toFixed(0)} MB`,
);
await rm(folder, { recursive: true });
