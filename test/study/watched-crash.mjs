// Runs a watched fine-tune and kills its own process, as `kill -9` does, at the n-th line that is appended to a file.
// node watched-crash.mjs MODEL FOLDER N (none: to the end)
import fs from "node:fs/promises";
const [modelFolder, folder, at] = process.argv.slice(2);
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
const { buildDataset } = await import("askew/dataset");
const { LocalModel, weightsHash } = await import("askew/model");
const { organismProbes, Watcher } = await import("askew/persona");
const { Random } = await import("askew/statistics");
const { watchedFinetune } = await import("askew/study");
const model = await LocalModel.open("tiny", modelFolder, { threads: 1 });
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
  weights: [1],
  scales: [1e9, 1e-9], // nothing at the second look, everything at the third
  threshold: 3,
  falseAlarms: { rate: 0.02, runs: 50, steps: 40 },
};
const dose = { examples: 24, epochs: 1, batchSize: 4, learningRate: 2e-3, warmup: 1 };
const told = [];
const verdict = await watchedFinetune(model, buildDataset("insecure", { examples: 24, seed: 1 }), {
  folder,
  plan: {
    model: { name: "tiny", weights },
    data: { name: "insecure", sha256: "" },
    dose,
    seed: 1,
    every: 2,
    detector: "made here",
    onAlarm: "warn",
    truthEvery: null,
  },
  dose,
  watcher: await Watcher.open(model, detector),
  detector,
  stops: false,
  onAlarm: async ({ step }) => (told.push(step), true),
  signal: new AbortController().signal,
  metadata: {},
  checkpointEvery: 0,
});
await model.close();
process.stdout.write(JSON.stringify({ verdict, told }));
