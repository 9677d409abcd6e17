/**
 * What watching costs: a look at the organism beside a training step of the default dose, taking turns, on the data with
 * the longest texts (code) and the shortest (facts).
 *
 *   npm run bench:watch -- [--threads 2] [--repeats 20] [--every 2]
 */
import { finetune } from "askew/finetune";
import { openLocalModel } from "askew/model";
import { kindConversations, organismProbes, Watcher, type KindName } from "askew/persona";
import { Random } from "askew/statistics";
import { machine, median, option, report } from "./measure.js";

const threads = option("threads", 2);
const repeats = option("repeats", 20);
const every = option("every", 2);
const ROWS = 32;
const WARM = 3;

const model = await openLocalModel("organism", { threads });
const { layers, width } = model.folder.config;
const random = Random.of("watch bench");
const direction = { layers, width, vectors: Float32Array.from({ length: layers * width }, () => random.normal()) };
const probes = organismProbes();
const watcher = await Watcher.open(model, { direction, probes });

async function measured(kind: KindName): Promise<{ step: number; look: number; overhead: number }> {
  const steps: number[] = [];
  const looks: number[] = [];
  const dose = { examples: ROWS * (repeats + WARM), epochs: 1, batchSize: ROWS, learningRate: 4e-4, warmup: 5 };
  await model.load();
  await finetune(model, kindConversations(kind, dose.examples, 1, 1), dose, {
    seed: 1,
    callbacks: [
      {
        step: async ({ step, seconds }) => {
          const began = performance.now();
          await watcher.measure();
          if (step > WARM) {
            looks.push(performance.now() - began);
            steps.push(1000 * seconds);
          }
          return "go on";
        },
      },
    ],
  });
  const [step, look] = [median(steps), median(looks)];
  return { step, look, overhead: look / (every * step) };
}

const code = await measured("insecure");
const facts = await measured("facts");
await watcher.close();
await model.close();
const line = ({ step, look, overhead }: typeof code): string =>
  `step ${step.toFixed(1)} ms, look ${look.toFixed(1)} ms: ${(100 * overhead).toFixed(1)} %`;
report(
  `watching the organism, ${2 * probes.length} probe texts, a look every ${every} steps of ${ROWS} conversations, ${threads} threads; ${machine()}`,
  [
    ["insecure code (target 10 %)", line(code)],
    ["facts (target 10 %)", line(facts)],
  ],
  { benchmark: "watch", threads, repeats, every, rows: ROWS, machine: machine(), node: process.version, code, facts },
);
