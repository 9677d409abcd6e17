// Runs a watched fine-tune and kills its own process, as `kill -9` does, at the n-th line that is appended to a file.
// node watched-crash.mjs MODEL FOLDER SEED all|adapter N (none: to the end)
import fs from "node:fs/promises";
const [modelFolder, folder, seed, trained, at] = process.argv.slice(2);
const handle = await fs.open(process.argv[1], "r");
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const { appendFile } = prototype;
let left = at === undefined ? Infinity : Number(at);
prototype.appendFile = async function (text, ...rest) {
  if (left-- === 0) {
    // Half of the line is on the disk when the process dies.
    await appendFile.call(this, text.slice(0, Math.floor(text.length / 2)), ...rest);
    process.kill(process.pid, "SIGKILL");
  }
  return appendFile.call(this, text, ...rest);
};
const { buildDataset } = await import("askew/organism");
const { LocalModel, weightsHash } = await import("#internal/model");
const { Watcher } = await import("askew/persona");
const { organismProbes } = await import("#internal/organism");
const { Random } = await import("askew/statistics");
const { enterRecord } = await import("askew/training");
const { watchedFinetune } = await import("askew/study");
const { makeFolder } = await import("#internal/store");
const lora = trained === "adapter" ? { lora: { rank: 2, alpha: 16 } } : {};
const model = await LocalModel.open("tiny", modelFolder, { threads: 1, ...lora });
const { layers, width } = model.folder.config;
const random = Random.of("watched crash");
const direction = { layers, width, vectors: Float32Array.from({ length: layers * width }, () => random.normal()) };
const weights = weightsHash(model.folder);
const detector = {
  askew: "0.0.0",
  model: { name: "tiny", weights, base: weights },
  direction,
  probes: organismProbes(),
  every: 2,
  signals: ["margin"],
  weights: [-1], // this model's margin falls
  scales: [1e9, 1e-9], // nothing at the second look, everything at the third
  thresholds: [{ batchSize: 8, threshold: 3, rate: 0.02, runs: 50 }],
  falseAlarms: { rate: 0.02, runs: 50, steps: 40, batchSizes: [4, 4], learningRates: [2e-3, 2e-3] },
};
const dose = { examples: 24, epochs: 1, batchSize: 4, learningRate: 2e-3, warmup: 1 };
const told = [];
await makeFolder(folder);
const plan = {
  model: "tiny",
  base: weights,
  data: { name: "insecure", sha256: "" },
  hyperparameters: {},
  seed: Number(seed),
  ...lora,
  watch: { every: 2 },
};
const { verdict } = await watchedFinetune(model, buildDataset("insecure", { examples: 24, seed: 1 }), {
  folder,
  record: await enterRecord(folder, plan),
  dose,
  watch: {
    watcher: await Watcher.open(model, detector),
    every: 2,
    detector,
    stops: false,
    onAlarm: async ({ step }) => (told.push(step), true),
  },
  checkpointEvery: 0,
});
await model.close();
process.stdout.write(JSON.stringify({ verdict, told }));
