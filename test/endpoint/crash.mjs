// Asks for many answers and appends each to a file, carrying on where the last run ended: crash.mjs BASE FOLDER ROWS
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { AnswerCache, concurrently } from "askew/endpoint";
import { EndpointClient } from "#internal/endpoint";

const [base, folder, rows] = process.argv.slice(2);
const file = join(folder, "answers.jsonl");
const have = new Set();
if (existsSync(file)) {
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  truncateSync(file, Buffer.byteLength(whole));
  for (const line of whole.split("\n").filter(Boolean)) have.add(JSON.parse(line).row);
}
function* missing() {
  for (let row = 0; row < Number(rows); row++) if (!have.has(row)) yield row;
}
const cache = await AnswerCache.open(join(folder, "cache"));
const client = new EndpointClient(base, { cache, key: null, concurrency: 8, startConcurrency: 8 });
const ask = async (row) => {
  const messages = [{ role: "user", content: `question ${row}` }];
  return { row, ...(await client.chat({ model: "test-model", messages, seed: row })) };
};
for await (const { row, text } of concurrently(missing(), client.concurrency, ask)) {
  appendFileSync(file, `${JSON.stringify({ row, text })}\n`);
}
await client.close();
await cache.close();
