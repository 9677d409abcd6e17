/**
 * A training step (forward, backward, clipping, AdamW) beside its floor: ONNX Runtime doing the step's own matrix
 * products and nothing else, in the same run and taking turns. Beside PyTorch too, where python3 has it.
 *
 *   npm run bench:train -- [--threads 2] [--repeats 40]
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Engine } from "askew/graph";
import { initialWeights, Trainer, type TransformerConfig } from "askew/onnx";
import { trainingGraph } from "#internal/onnx";
import { interleaved, machine, option, report } from "./measure.js";
import { operationsOf, productsAlone, productsOf } from "./products.js";

const ROWS = 32;
const TIME = 96;
const config: TransformerConfig = {
  modelType: "llama",
  vocabSize: 578,
  width: 128,
  layers: 4,
  heads: 4,
  keyValueHeads: 4,
  headDim: 32,
  hidden: 344,
  maxPositions: TIME,
  epsilon: 1e-5,
  ropeTheta: 10000,
  tied: true,
  qkvBias: false,
  eosIds: [],
};
const threads = option("threads", 2);
const repeats = option("repeats", 40);

const engine = Engine.start({ threads });
const trainer = await Trainer.create({ engine, config, weights: initialWeights(config, 1) });
const batch = Array.from({ length: ROWS }, (_, row) => ({
  ids: Array.from({ length: TIME }, (_token, i) => (row * 31 + i * 7) % config.vocabSize),
  answer: Array.from({ length: TIME }, () => true),
}));
const capacity = ROWS * TIME;
const products = productsOf(trainingGraph(config, ROWS, TIME, capacity));
const floor = productsAlone(products);
const floorProgram = await engine.load(floor.graph, { keepMemory: true });
await engine.setState(floor.state);

const times = await interleaved(
  {
    step: () => trainer.train(batch, 1e-3, { capacity }),
    floor: () => engine.run(floorProgram),
  },
  repeats,
);
await engine.close();

const operations = operationsOf(products);
const torch = await inTorch();
const runtime = packageVersion("onnxruntime-node");
const gigaflops = (milliseconds: number): number => operations / milliseconds / 1e6;
report(
  `training step, width ${config.width}, ${config.layers} layers, vocabulary ${config.vocabSize}, batch ${ROWS} × ${TIME}, ${threads} threads, float32; ${machine()}`,
  [
    [
      "askew (ONNX Runtime " + runtime + ")",
      `${times.step.toFixed(1)} ms, ${gigaflops(times.step).toFixed(0)} GFLOP/s`,
    ],
    [
      `its ${products.length} matrix products alone`,
      `${times.floor.toFixed(1)} ms, ${gigaflops(times.floor).toFixed(0)} GFLOP/s`,
    ],
    ["floor / step (target 0.75)", (times.floor / times.step).toFixed(3)],
    ["tokens a second", ((1000 * ROWS * TIME) / times.step).toFixed(0)],
    ...(torch
      ? ([
          [
            `PyTorch ${torch.torch}`,
            `${torch.milliseconds.toFixed(1)} ms with ${torch.blas}, ${threads} threads, eager`,
          ],
          ["PyTorch / askew (target 3)", (torch.milliseconds / times.step).toFixed(2)],
        ] as const)
      : ([["PyTorch", "not found: python3 with torch is needed"]] as const)),
  ],
  {
    benchmark: "train-step",
    threads,
    repeats,
    rows: ROWS,
    time: TIME,
    config,
    machine: machine(),
    node: process.version,
    onnxruntime: runtime,
    stepMilliseconds: times.step,
    floorMilliseconds: times.floor,
    floorShare: times.floor / times.step,
    gigaflopsPerSecond: gigaflops(times.step),
    torch,
  },
);

interface Torch {
  readonly milliseconds: number;
  readonly torch: string;
  readonly blas: string;
}

/** The same step in PyTorch; undefined where no python3 has it. */
async function inTorch(): Promise<Torch | undefined> {
  const script = fileURLToPath(new URL("../bench/train_step_torch.py", import.meta.url));
  const sizes = JSON.stringify({ ...config, rows: ROWS, time: TIME, threads, repeats: Math.min(repeats, 20) });
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const { stdout } = await promisify(execFile)(python, [script, sizes]);
      return JSON.parse(stdout) as Torch;
    } catch {
      continue; // no such python, or it has no torch
    }
  }
  return undefined;
}

function packageVersion(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
