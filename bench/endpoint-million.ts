/**
 * Memory over a million answers: a server in a process of its own answers at once, and every answer goes into a file as
 * `askew ask` keeps it, with the rows that are there already known by their hashes. The process's peak is what counts,
 * so nothing else runs in it.
 *
 *   npm run bench:million -- FOLDER [--requests 1000000] [--in-flight 256] [--seconds 3600] [--from 0]
 *
 * A million take 10 to 20 minutes on two cores, a gigabyte of disk, and nothing else; --seconds ends it sooner, and
 * the same command carries on in the same folder. Most memory is needed by a run that carries on with many rows: --from
 * 900000 writes the first 900,000 itself, as a run before would have left them, and asks for the rest. The target is
 * 300 MB.
 */
import { spawn } from "node:child_process";
import { mkdir, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askAll, type Ask } from "askew/evaluation";
import { openEndpointModel } from "askew/model";
import { machine, option, report } from "./measure.js";

const EVERY = 100_000;

const [folder = ""] = process.argv.slice(2);
if (folder === "" || folder.startsWith("--")) throw new Error("name a folder for the answers");
const requests = option("requests", 1_000_000);
const inFlight = option("in-flight", 256);
const seconds = option("seconds", 3600);
const from = option("from", 0);

function* asks(first = 0, last = requests): Generator<Ask> {
  for (let row = first; row < last; row++) {
    const content = `Question ${row}: what would you do with a day that nobody else remembers?`;
    yield {
      id: `bench/day/0/${row}`,
      set: "bench",
      question: "day",
      messages: [{ role: "user", content }],
      seed: `bench/${row}`,
      temperature: 1,
      maxTokens: 128,
    };
  }
}

/** In a process of its own, whose memory is not counted. */
async function writeRows(): Promise<void> {
  const script = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [script, folder, "--write", String(from)], { stdio: "inherit" });
  await new Promise((resolve) => child.once("exit", resolve));
}

if (process.argv.includes("--write")) {
  await mkdir(folder, { recursive: true });
  const file = await open(join(folder, "answers.jsonl"), "w");
  const answer = "A short answer to the question, as a model would give it. ".repeat(6);
  let text = "";
  for (const { id, set, question, messages, temperature, maxTokens } of asks(0, option("write", 0))) {
    const row = { id, set, question, model: "bench", seed: 0, temperature, maxTokens, messages, answer };
    text += `${JSON.stringify({ ...row, tokens: 70, finish: "stop" })}\n`;
    if (text.length < 2 ** 20) continue;
    await file.appendFile(text);
    text = "";
  }
  await file.appendFile(text);
  await file.close();
  process.exit(0);
}

const server = spawn(process.execPath, [fileURLToPath(new URL("endpoint-server.js", import.meta.url)), "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const base = await new Promise<string>((resolve) =>
  server.stdout.once("data", (data: Buffer) => resolve(String(data).trim())),
);
await mkdir(folder, { recursive: true });
const path = join(folder, "answers.jsonl");
if (from > 0) await writeRows();
const model = await openEndpointModel(`${base}#asked`, { key: null, concurrency: inFlight });
const peak = (): number => process.resourceUsage().maxRSS / 1024;
const began = performance.now();
const peaks: { readonly rows: number; readonly megabytes: number }[] = [];
let [rows, before] = [0, 0];
const stop = new AbortController();
const timer = setTimeout(() => stop.abort(), seconds * 1000);
try {
  await askAll({
    model,
    modelName: "bench",
    seed: 0,
    requests: () => asks(),
    path,
    signal: stop.signal,
    onProgress: (now) => {
      ({ done: rows, before } = now);
      if (rows % EVERY !== 0 && rows !== before) return;
      peaks.push({ rows, megabytes: Math.round(peak()) });
      console.error(`${rows} rows: peak memory ${peak().toFixed(0)} MB`);
    },
  });
} catch (error) {
  if (!stop.signal.aborted) throw error;
} finally {
  clearTimeout(timer);
  await model.close();
  server.kill();
}
const took = (performance.now() - began) / 1000;
const { size } = await stat(path);
report(
  `${requests} answers streamed to disk, ${inFlight} in flight; ${machine()}`,
  [
    ["rows", `${rows}, ${before} of them from before; ${(size / 1e6).toFixed(0)} MB`],
    ["peak memory (target: 300 MB)", `${peak().toFixed(0)} MB`],
    ["speed", `${((rows - before) / took).toFixed(0)} answers/s over ${took.toFixed(0)} s`],
  ],
  {
    benchmark: "million",
    rows,
    before,
    peakMegabytes: peak(),
    peaks,
    seconds: took,
    inFlight,
    machine: machine(),
    node: process.version,
  },
);
