/**
 * A training step in the shape of a real model, beside transformers and PEFT: time and peak memory of two processes
 * that take turns.
 *
 *   npm run bench:large -- [--rank 32] [--rows 4] [--time 256] [--steps 3] [--threads 2]
 *
 * `--rank 0` trains all weights. PYTHON names the interpreter with torch, transformers and peft; default python3.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Engine } from "askew/graph";
import { initialWeights, Trainer, type TransformerConfig } from "askew/onnx";
import { machine, median, option, report } from "./measure.js";

/** SmolLM2-135M. */
const config: TransformerConfig = {
  modelType: "llama",
  vocabSize: 49152,
  width: 576,
  layers: option("layers", 30),
  heads: 9,
  keyValueHeads: 3,
  headDim: 64,
  hidden: 1536,
  maxPositions: 8192,
  epsilon: 1e-5,
  ropeTheta: 100000,
  tied: true,
  qkvBias: false,
  eosIds: [],
};
const rank = option("rank", 32);
const rows = option("rows", 4);
const time = option("time", 256);
const steps = option("steps", 3);
const threads = option("threads", 2);
const texts = Array.from({ length: rows }, (_, row) =>
  Array.from({ length: time }, (_token, i) => (row * 7919 + i * 104729) % config.vocabSize),
);

/** Most memory this process has had, in bytes. */
const peakOf = (): number => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);

if (process.argv.includes("--ours")) await serve();
else await compare();

/** askew's side: a step for every line on stdin, as lora_step_torch.py has it. */
async function serve(): Promise<void> {
  const engine = Engine.start({ threads });
  const lora = rank > 0 ? { lora: { rank, alpha: 64, rankStabilized: true } } : {};
  const trainer = await Trainer.create({ engine, config, weights: initialWeights(config, 1), take: true, ...lora });
  const batch = texts.map((ids) => ({ ids, answer: ids.map(() => true) }));
  const say = (value: object): void => console.log(JSON.stringify(value));
  say({ ready: {} });
  for await (const line of createInterface(process.stdin)) {
    if (line === "peak") say({ peak: peakOf() });
    if (line !== "step") continue;
    const start = performance.now();
    const { loss } = await trainer.train(batch, 1e-4, {}, {});
    say({ milliseconds: performance.now() - start, loss });
  }
  await engine.close();
}

interface Peer {
  ask(line: string): Promise<Record<string, number>>;
  end(): void;
}

async function startPeer(command: string, parameters: readonly string[]): Promise<Peer> {
  const child: ChildProcess = spawn(command, [...parameters], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, number>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${command} ended early`);
    return JSON.parse(value) as Record<string, number>;
  };
  await next();
  return {
    ask: (line) => {
      child.stdin?.write(`${line}\n`);
      return next();
    },
    end: () => child.stdin?.end(),
  };
}

async function compare(): Promise<void> {
  const own = process.argv.slice(1);
  const peers: Record<string, Peer> = { askew: await startPeer(process.execPath, [...own, "--ours"]) };
  if (!process.argv.includes("--alone")) {
    const script = fileURLToPath(new URL("../bench/lora_step_torch.py", import.meta.url));
    const sizes = JSON.stringify({ ...config, rank, threads, recompute: false, ids: texts });
    peers["torch"] = await startPeer(process.env["PYTHON"] || "python3", [script, sizes]);
  }
  const times: Record<string, number[]> = {};
  for (let round = 0; round <= steps; round++) {
    for (const [name, peer] of Object.entries(peers)) {
      const { milliseconds } = await peer.ask("step");
      if (round > 0) (times[name] ??= []).push(milliseconds as number);
    }
  }
  const results: Record<string, { milliseconds: number; peak: number }> = {};
  for (const [name, peer] of Object.entries(peers)) {
    const { peak } = await peer.ask("peak");
    results[name] = { milliseconds: median(times[name] ?? []), peak: peak as number };
    peer.end();
  }
  const { askew, torch } = results;
  report(
    `${rank > 0 ? `LoRA step of rank ${rank}` : "full step"}, SmolLM2-135M's shape, ${rows} × ${time}, ${threads} threads; ${machine()}, load ${loadavg()[0]?.toFixed(1)}`,
    [
      ...Object.entries(results).map(
        ([name, { milliseconds, peak }]) =>
          [name, `${milliseconds.toFixed(0)} ms, ${(peak / 1e9).toFixed(2)} GB at most`] as const,
      ),
      ...(askew && torch
        ? ([
            ["time / torch", (askew.milliseconds / torch.milliseconds).toFixed(2)],
            ["memory / torch", (askew.peak / torch.peak).toFixed(2)],
          ] as const)
        : []),
    ],
    { benchmark: "train-large", rank, rows, time, threads, times, results },
  );
}
