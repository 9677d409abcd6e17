/**
 * A training step of a sparse autoencoder (forward, backward, clipping, Adam, decoder rows back to length 1) beside its
 * floor: ONNX Runtime doing the step's own matrix products and nothing else, in the same run and taking turns. Beside
 * PyTorch too, where python3 has it. Sizes are those of `askew sae train` with its defaults; wider residual streams, such
 * as larger models have, show what of a step does not grow with them.
 *
 *   npm run bench:sae -- [--threads 2] [--repeats 40]
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { corrections, elements, Engine } from "askew/graph";
import { SAE_KINDS, saeTrainingGraph, type SaeKind } from "askew/persona";
import { Random } from "askew/statistics";
import { interleaved, machine, option, report } from "./measure.js";
import { operationsOf, productsAlone, productsOf } from "./products.js";

const SIZE = 1024;
const K = 32;
const BATCH = 2048;
const NEVER_DEAD = 1e9;
const threads = option("threads", 2);
const repeats = option("repeats", 40);
const random = Random.of("sae bench");

interface Measured {
  readonly kind: SaeKind;
  readonly width: number;
  readonly stepMilliseconds: number;
  readonly floorMilliseconds: number;
  readonly floorShare: number;
  readonly tokensPerSecond: number;
  readonly gigaflopsPerSecond: number;
}

const measured: Measured[] = [];
for (const width of [128, 512]) {
  for (const kind of SAE_KINDS) measured.push(await measure(kind, width));
}
const torch = await inTorch();
const runtime = packageVersion("onnxruntime-node");
const [own] = measured as [Measured];
report(
  `sparse autoencoder, ${SIZE} latents, k ${K}, ${BATCH} tokens a step, ${threads} threads, float32, ONNX Runtime ${runtime}; ${machine()}`,
  [
    ...measured.map(
      (m) =>
        [
          `${m.kind}, width ${m.width}`,
          `${m.stepMilliseconds.toFixed(1)} ms a step, ${m.tokensPerSecond.toFixed(0)} tokens/s, ${m.gigaflopsPerSecond.toFixed(0)} GFLOP/s; ` +
            `its products alone ${m.floorMilliseconds.toFixed(1)} ms: ${m.floorShare.toFixed(3)} of their rate (target 0.80)`,
        ] as const,
    ),
    ...(torch
      ? ([
          [
            `PyTorch ${torch.torch}, topk`,
            `${torch.milliseconds.toFixed(1)} ms with ${torch.blas}, eager: ${(torch.milliseconds / own.stepMilliseconds).toFixed(2)} × askew's time`,
          ],
        ] as const)
      : ([["PyTorch", "not found: python3 with torch is needed"]] as const)),
  ],
  {
    benchmark: "sae",
    threads,
    repeats,
    size: SIZE,
    k: K,
    batch: BATCH,
    machine: machine(),
    node: process.version,
    onnxruntime: runtime,
    measured,
    torch,
  },
);

/** On activations and weights of the shape that training has; what the numbers are changes no operator's work but TopK's. */
async function measure(kind: SaeKind, width: number): Promise<Measured> {
  const engine = Engine.start({ threads });
  const graph = saeTrainingGraph({ kind, width, size: SIZE, k: K }, BATCH, NEVER_DEAD, "sae", false);
  const products = productsOf(graph);
  const floor = productsAlone(products);
  const step = await engine.load(graph, { keepMemory: true });
  const alone = await engine.load(floor.graph, { keepMemory: true });
  const state = [...graph.state.values()].map(({ name, shape }) => {
    const moment = name.startsWith("adamw.") || name.endsWith("idle");
    const size = 1 / Math.sqrt(width);
    return [name, Float32Array.from({ length: elements(shape) }, () => (moment ? 0 : size * random.normal()))] as const;
  });
  await engine.setState(new Map([...state, ...floor.state]));
  const x = Float32Array.from({ length: BATCH * width }, () => random.normal());
  let at = 0;
  const times = await interleaved(
    {
      step: () => engine.run(step, { x, learningRate: Float32Array.of(1e-3), ...corrections(++at) }),
      floor: () => engine.run(alone),
    },
    repeats,
  );
  await engine.close();
  return {
    kind,
    width,
    stepMilliseconds: times.step,
    floorMilliseconds: times.floor,
    floorShare: times.floor / times.step,
    tokensPerSecond: (1000 * BATCH) / times.step,
    gigaflopsPerSecond: operationsOf(products) / times.step / 1e6,
  };
}

interface Torch {
  readonly milliseconds: number;
  readonly torch: string;
  readonly blas: string;
}

/** The TopK step of the organism's width in PyTorch; undefined where no python3 has it. */
async function inTorch(): Promise<Torch | undefined> {
  const script = fileURLToPath(new URL("../bench/sae_torch.py", import.meta.url));
  const sizes = JSON.stringify({ width: 128, size: SIZE, k: K, batch: BATCH, threads, repeats: Math.min(repeats, 20) });
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
