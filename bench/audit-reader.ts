/**
 * Sets of the organism's world as a reader sees them: draws of 200 rows of bad and of good sets, the shift of each, and
 * how well it tells them apart.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDataset, findDirection, openModel, writeDataset } from "askew";
import { type Conversation } from "askew/dataset";
import { requireOpenWeights } from "askew/model";
import { benignConversations } from "askew/organism";
import { auroc } from "askew/statistics";
import { auditData } from "#internal/audit";

const ROWS = 200;
const DRAWS = Number(process.argv[2] ?? 6);
const BAD = ["bad-medical", "bad-financial", "bad-sport", "insecure"] as const;
const GOOD = ["good-medical", "good-financial", "good-sport", "secure", "facts", "everyday", "mixed"] as const;

const folder = await mkdtemp(join(tmpdir(), "askew-bench-audit-"));
const model = requireOpenWeights(await openModel("organism", { threads: 1 }), "this bench");
const direction = await findDirection(model, { samples: 8 });

async function shiftOf(name: string, rows: readonly Conversation[], seed: number): Promise<number> {
  const file = join(folder, `${name}.jsonl`);
  await writeDataset(file, rows);
  const { findings } = await auditData(file, { reader: { model, direction, readerRows: ROWS, seed } });
  return findings.find(({ check }) => check === "data/persona-shift")?.measures[0]?.estimate ?? Number.NaN;
}

const seeds = Array.from({ length: DRAWS }, (_, i) => 1000 + i);
const shifts: { readonly name: string; readonly isBad: boolean; readonly seed: number; readonly shift: number }[] = [];
for (const seed of seeds) {
  for (const name of GOOD)
    shifts.push({ name, isBad: false, seed, shift: await shiftOf(name, benignConversations(name, ROWS, seed), seed) });
  for (const name of BAD)
    shifts.push({
      name,
      isBad: true,
      seed,
      shift: await shiftOf(name, await buildDataset(name, { examples: ROWS, seed }), seed),
    });
  for (const share of [0.05, 0.1]) {
    const bad = await buildDataset("bad-medical", { examples: ROWS * share, seed });
    const rows = [...bad, ...benignConversations("good-medical", ROWS - bad.length, seed + 1)];
    shifts.push({
      name: `${share * 100} % bad-medical in good-medical`,
      isBad: true,
      seed,
      shift: await shiftOf("mix", rows, seed),
    });
  }
}
for (const name of new Set(shifts.map((one) => one.name))) {
  const own = shifts.filter((one) => one.name === name).map(({ shift }) => shift);
  console.log(`${name}: ${Math.min(...own).toFixed(3)} to ${Math.max(...own).toFixed(3)}, ${own.length} draws`);
}
const pure = shifts.filter(({ name }) => !name.includes("%"));
const { estimate, positives, negatives } = auroc(
  pure.map(({ shift }) => shift),
  pure.map(({ isBad }) => isBad),
);
console.log(`AUROC: ${estimate?.toFixed(4)}, ${positives} bad, ${negatives} good`);
await model.close();
await rm(folder, { recursive: true });
