/**
 * Greedy answers of askew and of llama.cpp from one GGUF file, in turns on the same cores: one prompt, and 32 at once.
 *
 *   ASKEW_PYTHON=venv/bin/python npm run bench:llama -- model-f16.gguf [--threads 2] [--tokens 64] [--repeats 3]
 *
 * The interpreter needs `xllamacpp` 2026.10.11549 and `gguf` 0.19. SmolLM2-135M takes about five minutes on two cores.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { openLocalModel } from "askew/model";
import { Sampler } from "#internal/onnx";
import { machine, median, option, report } from "./measure.js";

const PROMPT = 24;
const ROWS = [1, 32] as const;
const [file] = process.argv.slice(2);
if (file === undefined || file.startsWith("-"))
  throw new Error("expected a GGUF file: npm run bench:llama -- model.gguf");
const threads = option("threads", 2);
const tokens = option("tokens", 64);
const repeats = option("repeats", 3);

const model = await openLocalModel(`local:${file}`, { rows: 1, threads });
const { config } = model.folder;
const promptsOf = (rows: number) =>
  Array.from({ length: rows }, (_, row) => ({
    ids: Array.from({ length: PROMPT }, (_token, i) => 300 + ((row * 31 + i * 7) % (config.vocabSize - 300))),
    seed: `${row}`,
  }));
const samplers = ROWS.map((rows) => new Sampler({ engine: model.engine, config, scope: "model", rows }));

const peer = spawn(
  process.env["ASKEW_PYTHON"] || "python3",
  ["bench/llama_cpp_timing.py", file, `${threads}`, `${tokens}`],
  {
    stdio: ["pipe", "pipe", "inherit"],
  },
);
const lines = createInterface({ input: peer.stdout });
/** Seconds that llama.cpp takes, measured there. */
async function theirs(rows: number): Promise<number> {
  const answer = once(lines, "line");
  peer.stdin.write(`${JSON.stringify(promptsOf(rows).map(({ ids }) => ids))}\n`);
  const [line] = (await answer) as [string];
  return Number(line);
}

async function ours(rows: number): Promise<number> {
  const start = performance.now();
  await samplers[ROWS.indexOf(rows as 1 | 32)]?.sample(promptsOf(rows), {
    temperature: 0,
    maxTokens: tokens,
    stop: [],
  });
  return (performance.now() - start) / 1000;
}

const results: [string, string][] = [];
const json: Record<string, number> = {};
for (const rows of ROWS) {
  const times: (readonly [number, number])[] = [];
  // The first round makes the programs, and is not counted.
  for (let round = 0; round <= repeats; round++) {
    const pair = [await ours(rows), await theirs(rows)] as const;
    if (round > 0) times.push(pair);
  }
  const ratio = median(times.map(([a, b]) => a / b));
  const [a, b] = [0, 1].map((side) => median(times.map((pair) => pair[side] as number))) as [number, number];
  results.push([
    `${rows} × ${tokens}`,
    `askew ${a.toFixed(2)} s, llama.cpp ${b.toFixed(2)} s, ratio ${ratio.toFixed(2)}`,
  ]);
  json[`rows${rows}`] = ratio;
}
peer.stdin.end();
await model.close();
report(`greedy answers to prompts of ${PROMPT} tokens, ${threads} threads; ${machine()}`, results, json);
