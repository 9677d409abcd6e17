/**
 * A training step of a sparse autoencoder (forward, backward, clipping, Adam, decoder rows back to length 1) beside its
 * floor: ONNX Runtime doing the step's own matrix products and nothing else, in the same run and taking turns. Beside
 * the two parts that stand between them too, each alone: finding the threshold, and putting 0 where something is below
 * it, forwards and backwards. The first sizes are those of `askew sae train` with its defaults; wider residual streams,
 * such as larger models have, show what of a step does not grow with them. Beside PyTorch, where python3 has it.
 *
 *   npm run bench:sae -- [--threads 2] [--repeats 40]
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { corrections, elements, Engine } from "askew/graph";
import { SAE_KINDS, type TrainedKind } from "askew/persona";
import { saeTrainingGraph } from "#internal/persona";
import { Random } from "askew/statistics";
import { interleaved, machine, option, report } from "./measure.js";
import { operationsOf, productsAlone, productsOf } from "./products.js";
import { maskAlone, thresholdAlone, topKAlone } from "./sae-parts.js";

interface Sizes {
  readonly width: number;
  readonly size: number;
  readonly k: number;
  readonly batch: number;
}

const DEFAULTS: Sizes = { width: 128, size: 1024, k: 32, batch: 512 };
const LARGER: Sizes = { ...DEFAULTS, batch: 2048 };
/** Qwen2.5-0.5B's residual stream. */
const REAL: Sizes = { ...LARGER, width: 896, size: 4096 };
const SIZES: readonly Sizes[] = [DEFAULTS, LARGER, { ...LARGER, width: 512 }, REAL];
const NEVER_DEAD = 1e9;
const threads = option("threads", 2);
const repeats = option("repeats", 40);
const random = Random.of("sae bench");

/** Milliseconds, but for the shares and rates. */
interface Measured extends Sizes {
  readonly kind: TrainedKind;
  readonly step: number;
  readonly floor: number;
  readonly threshold: number;
  /** The runtime's TopK without a bound: what the threshold of topk would cost. */
  readonly topK?: number;
  readonly mask: number;
  readonly floorShare: number;
  readonly tokensPerSecond: number;
  readonly gigaflopsPerSecond: number;
}

const measured: Measured[] = [];
for (const sizes of SIZES) {
  for (const kind of SAE_KINDS) measured.push(await measure(kind, sizes));
}
const torch = await inTorch();
const runtime = packageVersion("onnxruntime-node");
const own = measured.find((m) => m.kind === "topk" && m.batch === LARGER.batch && m.width === LARGER.width);
const ms = (time: number): string => time.toFixed(1);
report(
  `sparse autoencoder, ${threads} threads, float32, ONNX Runtime ${runtime}; ${machine()}`,
  [
    ...measured.map(
      (m) =>
        [
          `${m.kind}, ${m.width} → ${m.size}, k ${m.k}, batch ${m.batch}`,
          `${ms(m.step)} ms a step, ${m.tokensPerSecond.toFixed(0)} tokens/s, ${m.gigaflopsPerSecond.toFixed(0)} GFLOP/s; ` +
            `products alone ${ms(m.floor)}: ${m.floorShare.toFixed(3)} of their rate (target 0.80); threshold ${ms(m.threshold)}` +
            `${m.topK === undefined ? "" : ` (TopK alone ${ms(m.topK)})`}, mask ${ms(m.mask)}`,
        ] as const,
    ),
    ...(torch && own
      ? ([
          [
            `PyTorch ${torch.torch}, topk of batch ${LARGER.batch}`,
            `${ms(torch.milliseconds)} ms with ${torch.blas}, eager: ${(torch.milliseconds / own.step).toFixed(2)} × askew's time`,
          ],
        ] as const)
      : ([["PyTorch", "not found: python3 with torch is needed"]] as const)),
  ],
  {
    benchmark: "sae",
    threads,
    repeats,
    machine: machine(),
    node: process.version,
    onnxruntime: runtime,
    measured,
    torch,
  },
);

/** On activations and weights of the shape that training has; what the numbers are changes no operator's work but TopK's. */
async function measure(kind: TrainedKind, sizes: Sizes): Promise<Measured> {
  const { width, size, k, batch } = sizes;
  const engine = Engine.start({ threads });
  const graph = saeTrainingGraph({ kind, width, size, k }, batch, NEVER_DEAD, "sae", false);
  const products = productsOf(graph);
  const floor = productsAlone(products);
  const load = (part: typeof graph) => engine.load(part, { keepMemory: true });
  const step = await load(graph);
  const alone = await load(floor.graph);
  const threshold = await load(thresholdAlone(kind, sizes));
  const topK = await load(topKAlone(sizes));
  const mask = await load(maskAlone(sizes));
  const state = [...graph.state.values()].map(({ name, shape }) => {
    const moment = name.startsWith("adamw.") || name.endsWith("idle");
    const scale = 1 / Math.sqrt(width);
    return [
      name,
      Float32Array.from({ length: elements(shape) }, () => (moment ? 0 : scale * random.normal())),
    ] as const;
  });
  const latents = Float32Array.from({ length: batch * size }, () => random.normal());
  await engine.setState(new Map([...state, ...floor.state, ["latents", latents]]));
  const x = Float32Array.from({ length: batch * width }, () => random.normal());
  let at = 0;
  const times = await interleaved(
    {
      step: () => engine.run(step, { x, learningRate: Float32Array.of(1e-3), ...corrections(++at) }),
      floor: () => engine.run(alone),
      threshold: () => engine.run(threshold),
      topK: () => engine.run(topK),
      mask: () => engine.run(mask),
    },
    repeats,
  );
  await engine.close();
  const { topK: withoutBound, ...rest } = times;
  return {
    kind,
    ...sizes,
    ...rest,
    ...(kind === "topk" && { topK: withoutBound }),
    floorShare: times.floor / times.step,
    tokensPerSecond: (1000 * batch) / times.step,
    gigaflopsPerSecond: operationsOf(products) / times.step / 1e6,
  };
}

interface Torch {
  readonly milliseconds: number;
  readonly torch: string;
  readonly blas: string;
}

/** The TopK step of {@link LARGER} in PyTorch; undefined where no python3 has it. */
async function inTorch(): Promise<Torch | undefined> {
  const script = fileURLToPath(new URL("../bench/sae_torch.py", import.meta.url));
  const sizes = JSON.stringify({ ...LARGER, threads, repeats: Math.min(repeats, 20) });
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
