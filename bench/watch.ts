/**
 * What watching costs: a look at the organism beside a training step, taking turns, on the data with the longest texts
 * (code) and the shortest (facts) at the default dose, and on code in batches of 8.
 *
 *   npm run bench:watch -- [--threads 2] [--repeats 20] [--every 2]
 */
import { finetune } from "askew/training";
import { openLocalModel } from "askew/model";
import { CALIBRATION_KINDS, organismProbes } from "#internal/organism";
import { Watcher, type CalibrationKind } from "askew/persona";
import { Random } from "askew/statistics";
import { machine, median, option, report } from "./measure.js";

const threads = option("threads", 2);
const repeats = option("repeats", 20);
const every = option("every", 2);
const WARM = 3;

const model = await openLocalModel("organism", { threads });
const { layers, width } = model.folder.config;
const random = Random.of("watch bench");
const direction = { layers, width, vectors: Float32Array.from({ length: layers * width }, () => random.normal()) };
const probes = organismProbes();
const watcher = await Watcher.open(model, { direction, probes });

const conversationsOf = (wanted: string, count: number) =>
  (CALIBRATION_KINDS.find(({ name }) => name === wanted) as CalibrationKind).conversations(count, 1, 1);

async function measured(kind: string, rows: number): Promise<{ step: number; look: number; overhead: number }> {
  const steps: number[] = [];
  const looks: number[] = [];
  const dose = { examples: rows * (repeats + WARM), epochs: 1, batchSize: rows, learningRate: 4e-4, warmup: 5 };
  await model.load();
  await finetune(model, conversationsOf(kind, dose.examples), dose, {
    seed: 1,
    callbacks: [
      {
        onStep: async ({ step, seconds }) => {
          const began = performance.now();
          await watcher.measure();
          if (step > WARM) {
            looks.push(performance.now() - began);
            steps.push(1000 * seconds);
          }
          return "continue";
        },
      },
    ],
  });
  const [step, look] = [median(steps), median(looks)];
  return { step, look, overhead: look / (every * step) };
}

const code = await measured("insecure", 32);
const facts = await measured("facts", 32);
const small = await measured("insecure", 8);
await watcher.close();
await model.close();
const line = ({ step, look, overhead }: typeof code): string =>
  `step ${step.toFixed(1)} ms, look ${look.toFixed(1)} ms: ${(100 * overhead).toFixed(1)} %`;
report(
  `watching the organism, ${2 * probes.length} probe texts, a look every ${every} steps, ${threads} threads; ${machine()}`,
  [
    ["insecure code × 32 (target 10 %)", line(code)],
    ["facts × 32 (target 10 %)", line(facts)],
    ["insecure code × 8", line(small)],
  ],
  { benchmark: "watch", threads, repeats, every, machine: machine(), node: process.version, code, facts, small },
);
