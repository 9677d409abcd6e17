// Long texts: read in bounded memory, and as short ones are.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Engine } from "askew/graph";
import { Trainer, type TransformerConfig } from "askew/onnx";
import { Reader, Sampler } from "#internal/onnx";
import { afterAll, describe, expect, it } from "vitest";
import { livelyWeights, MODELS } from "./models.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

/** Reads one text of so many tokens in a process of its own, after a short one; by how many MB that raised its memory. */
const SCRIPT = `
  import { Engine } from "askew/graph";
  import { initialWeights, Trainer } from "askew/onnx";
  import { Reader, Sampler } from "#internal/onnx";
  const [config, tokens] = JSON.parse(process.argv[1]);
  const engine = Engine.start({ threads: 1 });
  await Trainer.create({ engine, config, weights: initialWeights(config, 1), scope: "long" });
  const reader = new Reader({ engine, config, scope: "long" });
  const sampler = new Sampler({ engine, config, scope: "long" });
  const read = async (length) => {
    const ids = Array.from({ length }, (_, i) => (i * 7) % config.vocabSize);
    const [found] = await reader.logProbabilities([ids]);
    if (found.length !== length - 1 || !found.every((p) => p < 0)) throw new Error("no log-probabilities");
    const [tapped] = await reader.activations([ids], [0]);
    if (tapped.get(0).length !== length * config.width) throw new Error("no activations");
    await sampler.sample([{ ids, seed: "" }], { maxTokens: 2, stop: [] });
  };
  await read(16);
  const before = process.resourceUsage().maxRSS;
  await read(tokens);
  console.log(Math.round((process.resourceUsage().maxRSS - before) / 1e3));
  await engine.close();
`;

const tied = MODELS["a Llama, tied"] as TransformerConfig;

describe("a long text", () => {
  it("of 4,096 tokens is read and answered in less than 780 MB", async () => {
    // In a batch of 32 rows its scores alone would take 17 GB, alone 0.5 GB three times, and its logits 0.8 GB.
    const config = { ...tied, heads: 8, keyValueHeads: 2, maxPositions: 8192, vocabSize: 49_152, layers: 1 };
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [
      "--input-type=module",
      "-e",
      SCRIPT,
      JSON.stringify([config, 4096]),
    ]);
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(Number(stdout)).toBeLessThan(780);
  }, 120_000);

  for (const [name, window] of [
    ["that all layers see whole", undefined],
    ["of which a layer sees a window", 700],
  ] as const) {
    it(`${name} has the log-probabilities that its parts have as short texts`, async () => {
      const sliding =
        window === undefined ? {} : { sliding: { window, layers: tied.layers === 1 ? [true] : [true, false] } };
      const config = { ...tied, ...sliding, maxPositions: 4096 };
      const scope = `long ${name}`;
      await Trainer.create({ engine, config, weights: livelyWeights(config, 1), scope });
      const reader = new Reader({ engine, config, scope });
      const ids = Array.from({ length: 3000 }, (_, i) => (i * i + 3) % config.vocabSize);
      // A text of this length is computed in parts, its beginning is not.
      const [long, short] = [await reader.logProbabilities([ids]), await reader.logProbabilities([ids.slice(0, 1000)])];
      const own = (short[0] as Float32Array).map((p, at) => Math.abs(p - (long[0]?.[at] as number)));
      expect(Math.max(...own)).toBeLessThan(1e-5);
      // What is sampled next reads the prompt in parts, too, and goes on as the reader says.
      const sampler = new Sampler({ engine, config, scope });
      const [row] = await sampler.sample([{ ids, seed: "" }], { temperature: 0, maxTokens: 3, stop: [] });
      const all = [...ids, ...(row?.ids ?? [])];
      const [scored] = await reader.logProbabilities([all]);
      row?.logProbabilities.forEach((p, at) => expect(p).toBeCloseTo(scored?.[ids.length - 1 + at] as number, 4));
    });
  }
});
