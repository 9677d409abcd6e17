/**
 * What an audit with a reader costs beside the reader's own passes: reading the set's answers, answering the same
 * prompts, reading those answers. Processor time, because other work on the machine must not count; medians of pairs.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDataset, findDirection, openModel, writeDataset, type Message } from "askew";
import { requireOpenWeights } from "askew/model";
import { quantile } from "askew/statistics";
import { auditData, personaShifts } from "#internal/audit";

const ROWS = 200;
const PAIRS = 7;

const folder = await mkdtemp(join(tmpdir(), "askew-bench-audit-"));
const model = requireOpenWeights(await openModel("organism", { threads: 1 }), "this bench");
const direction = await findDirection(model, { samples: 8 });
const rows = await buildDataset("bad-medical", { examples: ROWS, seed: 1 });
const file = join(folder, "set.jsonl");
await writeDataset(file, rows);

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const { layer } = direction.recipe;
async function passes(): Promise<void> {
  const read = (all: readonly (readonly Message[])[]) =>
    model.reading.activations(
      all.map((messages) => model.tokens.encode(messages).ids),
      [layer],
    );
  const prompts = rows.map(({ messages }) => messages.slice(0, -1));
  await read(rows.map(({ messages }) => messages));
  const answers = await model.sample(
    prompts.map((messages, i) => ({ messages, seed: `audit/0/${i + 1}` })),
    { maxTokens: 64 },
  );
  await read(prompts.map((prompt, i) => [...prompt, { role: "assistant", content: answers[i]?.text ?? "" }]));
}
const audit = async (): Promise<unknown> => {
  const scorers = personaShifts({ model, directions: [{ direction }], seed: 0, thresholds: {} });
  return auditData(file, { readers: { scorers, rows: ROWS } });
};
const textOnly = (): Promise<unknown> => auditData(file);

await passes();
await audit();
const ratios: number[] = [];
for (let pair = 0; pair < PAIRS; pair++) {
  const [floor, whole, text] = [await seconds(passes), await seconds(audit), await seconds(textOnly)];
  ratios.push((whole - text) / floor);
  console.log(`passes ${floor.toFixed(2)} s, audit ${whole.toFixed(2)} s, of which ${text.toFixed(2)} s for the text`);
}
console.log(`the reader's part over its own passes: ${quantile(ratios, 0.5).toFixed(2)}, median of ${PAIRS} pairs`);
await model.close();
await rm(folder, { recursive: true });
