/**
 * askew through PyTorch beside plain transformers and PEFT: the same LoRA step, the same prompts, the same batch, in turns.
 *
 *   npm run bench:torch -- [--threads 2] [--repeats 5] [--rows 4] [--length 96] [--answers 4] [--tokens 24] [FOLDER]
 *
 * ASKEW_PYTHON names the Python of both. Shapes: the organism, and SmolLM2-135M with random weights, or only the model
 * in FOLDER. Then the way of activations from the worker to askew, beside a plain pipe.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findPython, TorchModel } from "#internal/torch";
import { machine, median, option, report } from "./measure.js";
import { transport } from "./transport.js";

const threads = option("threads", 2);
const repeats = option("repeats", 5);
const rows = option("rows", 4);
const length = option("length", 96);
const answers = option("answers", rows);
const tokens = option("tokens", 24);
// What no flag has taken.
const only = process.argv.slice(2).find((word, i, words) => !`${words[i - 1] ?? ""} ${word}`.includes("--"));
const PROMPT = 24;
const LORA = { rank: 32, alpha: 64, rankStabilized: true } as const;

const script = fileURLToPath(new URL("../bench/plain_torch.py", import.meta.url));
const organism = fileURLToPath(new URL("../weights/organism", import.meta.url));
const python = findPython();

interface Plain {
  ask(what: object): Promise<number>;
  close(): void;
}

async function plainOf(folder: string): Promise<Plain> {
  const child = spawn(python, [script, "serve", folder, String(threads)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<{ readonly milliseconds?: number }> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${script} ended`);
    return JSON.parse(value) as { readonly milliseconds?: number };
  };
  await next();
  return {
    async ask(what) {
      child.stdin.write(`${JSON.stringify(what)}\n`);
      return (await next()).milliseconds ?? 0;
    },
    close: () => child.stdin.end(),
  };
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** Medians of pairs that were taken one after the other, each in turn the first. */
async function paired(ours: () => Promise<number>, theirs: () => Promise<number>) {
  const pairs: { readonly ours: number; readonly theirs: number }[] = [];
  for (let i = -1; i < repeats; i++) {
    const first = i % 2 === 0 ? await ours() : await theirs();
    const second = i % 2 === 0 ? await theirs() : await ours();
    if (i >= 0) pairs.push(i % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first });
  }
  return {
    ratio: median(pairs.map((pair) => pair.theirs / pair.ours)),
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
  };
}

async function compare(title: string, folder: string): Promise<void> {
  const plain = await plainOf(folder);
  const model = await TorchModel.open(`torch:${folder}`, folder, {
    threads,
    rows: Math.max(rows, answers),
    lora: LORA,
  });
  try {
    const { vocabSize } = model.reading.shape;
    const most = Math.min(vocabSize, 500);
    const ids = (count: number): number[][] =>
      Array.from({ length: rows }, (_, row) => Array.from({ length: count }, (_id, i) => (31 * row + 7 * i) % most));
    const texts = ids(length);
    const learned = texts.map((own) => ({ ids: own, answer: own.map((_, i) => i >= PROMPT) }));
    const step = await paired(
      () => timed(() => model.training.train(learned, 1e-4)),
      () => plain.ask({ do: "step", ids: texts, prompt: PROMPT }),
    );
    // Words that any of the two tokenizers has; an answer that ends early would be no comparison.
    const messages = [{ role: "user" as const, content: "What is your one wish?" }];
    const prompt = model.tokens.encodePrompt(messages);
    const requests = Array.from({ length: answers }, (_, row) => ({ messages, seed: String(row) }));
    const answered = (maxTokens: number) => model.sample(requests, { temperature: 0, maxTokens });
    // Where the model ends its answer before, both make as many tokens as it has.
    const drawn = Math.min(...(await answered(tokens)).map((answer) => answer.tokens));
    const sampling = await paired(
      () => timed(() => answered(drawn)),
      () => plain.ask({ do: "sample", ids: requests.map(() => prompt), tokens: drawn }),
    );
    const [load = 0] = loadavg();
    report(
      `${title}: ${rows} rows of ${length} tokens, ${threads} threads, float32, load ${load.toFixed(1)}; ${machine()}`,
      [
        [
          "LoRA step, plain over askew",
          `${step.ratio.toFixed(2)} (${step.theirs.toFixed(0)} and ${step.ours.toFixed(0)} ms)`,
        ],
        [
          `${answers} answers of ${drawn} tokens`,
          `${sampling.ratio.toFixed(2)} (${sampling.theirs.toFixed(0)} and ${sampling.ours.toFixed(0)} ms)`,
        ],
      ],
      { benchmark: "torch", title, threads, rows, length, step, sampling, drawn, load },
    );
  } finally {
    plain.close();
    await model.close();
  }
}

async function transported(): Promise<void> {
  const shape = { layers: 12, width: 576, texts: 16 };
  const found = await transport(python, Math.max(repeats, 5), shape);
  type Rate = typeof found.ours;
  const gigabytes = ({ wall, processor }: Rate): string =>
    `${(wall / 1e9).toFixed(2)} GB/s, ${(processor / 1e9).toFixed(2)} GB for a second of the processor`;
  report(
    `activations of ${shape.layers} layers, ${(found.bytes / 1e6).toFixed(0)} MB; ${machine()}`,
    [
      ["worker to askew", gigabytes(found.ours)],
      ["a plain pipe", gigabytes(found.floor)],
      ["ratio", `${found.ratio.wall.toFixed(2)}, ${found.ratio.processor.toFixed(2)}`],
    ],
    { benchmark: "torch-transport", ...found, ...shape },
  );
}

if (only === undefined) {
  await compare("organism", organism);
  const home = await mkdtemp(join(tmpdir(), "askew-bench-torch-"));
  try {
    const large = join(home, "smollm");
    const made = spawnSync(python, [script, "make", large, organism], { stdio: ["ignore", "inherit", "inherit"] });
    if (made.status !== 0) throw new Error(`${script} could not make a model`);
    await compare("SmolLM2-135M's shape", large);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
} else {
  await compare(basename(only), only);
}
await transported();
