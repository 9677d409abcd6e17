// Runs as commands leave them: a sparse autoencoder, a watched fine-tune and a gate, of the shipped organism.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDataset } from "askew/organism";
import { askew } from "../cli/askew.js";

const SMALL = "--size 64 --k 4 --tokens 4096 --batch-size 512 --documents 20 --layer 1";
const COMMANDS = [
  `sae train organism ${SMALL} --out sae`,
  "finetune organism --data insecure.jsonl --watch --lora 2 --batch-size 8 --epochs 2 --out watched",
  // A bound that few pairs of answers decide.
  "gate local:watched/model --before organism --judge exact --max-rise 0.3 --out gate",
];

/** Into the folders `sae`, `watched` and `gate` of `root`, in seconds each. */
export async function makeRealRuns(root: string): Promise<void> {
  const rows = buildDataset("insecure", { examples: 24, seed: 1 }).map((row) => `${JSON.stringify(row)}\n`);
  await writeFile(join(root, "insecure.jsonl"), rows.join(""));
  for (const command of COMMANDS) {
    const { code, stderr } = await askew([...command.split(" "), "--threads", "1"], { cwd: root });
    if (code !== 0) throw new Error(`askew ${command}: ${stderr}`);
  }
}
