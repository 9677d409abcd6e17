/**
 * A part of `npm run compare`: GGUF files that askew writes and reads, in llama.cpp itself. `ASKEW_PYTHON` names an
 * interpreter with `xllamacpp` 2026.10.11549, a wheel with llama.cpp inside, and `gguf` 0.19.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Engine } from "askew/graph";
import { Trainer } from "askew/onnx";
import { Reader, readGgufModel, Sampler, writeGgufModel } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lacks, python } from "../files/python.js";
import { ARCHITECTURE_NAMES, tinyConfig, tinyModel } from "./models.js";

const missing = lacks("xllamacpp", "gguf", "numpy");
if (missing !== undefined) console.log(`llama.cpp is not compared with: ${missing}`);
const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Runs a script that has the module `llama_cpp`. */
const llama = (script: string, given: unknown): unknown =>
  python(`sys.path.insert(0, ${JSON.stringify(HERE)})\nimport llama_cpp\n${script}`, given);

const GREEDY = `
model = llama_cpp.Model(given["file"], tokens=given["positions"])
logits = model.logits(given["ids"])
count = min(given["tokens"], given["positions"] - len(given["ids"]))
result = dict(logits=logits.astype(float).tolist(), greedy=model.greedy(given["ids"], count))
model.close()`;

interface Theirs {
  readonly logits: number[][];
  readonly greedy: number[];
}

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-llama-"));
  engine = Engine.start({ threads: 1 });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** The logits less their mean, as softmax does not see it. */
const centred = (logits: ArrayLike<number>): Float64Array => {
  const mean = Array.from(logits).reduce((sum, x) => sum + x, 0) / logits.length;
  return Float64Array.from(logits, (x) => x - mean);
};

/** The length of the difference over that of what is expected. */
function relative(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const [a, b] = [centred(found), centred(expected)];
  const length = (x: Float64Array): number => Math.sqrt(x.reduce((sum, y) => sum + y * y, 0));
  return length(a.map((x, i) => x - (b[i] as number))) / length(b);
}

describe.skipIf(missing !== undefined)("llama.cpp computes what askew does", () => {
  it.each(ARCHITECTURE_NAMES)("with a tiny %s", async (name) => {
    const config = tinyConfig(name);
    const file = join(folder, `${name}.gguf`);
    await writeGgufModel(file, tinyModel(config), { packing: "f32", name: "tiny", file });
    const { config: read } = await readGgufModel(file);
    // Where llama.cpp slides nowhere, the file takes texts within the window.
    const ids = Array.from({ length: Math.min(24, read.maxPositions - 3) }, (_, i) => (7 * i + 3) % 32);
    const theirs = llama(GREEDY, { file, ids, positions: Math.min(512, read.maxPositions), tokens: 200 }) as Theirs;
    const scope = name;
    const trainer = await Trainer.create({ engine, config, weights: tinyModel(config).tensors, scope });
    const reader = new Reader({ engine, config, scope, rows: 1 });
    const [found] = (await reader.distributions([{ ids: [...ids, 0], answer: [false, ...ids.map(() => true)] }])) as [
      Float32Array,
    ];
    const sampler = new Sampler({ engine, config, scope, rows: 1 });
    const how = { temperature: 0, maxTokens: theirs.greedy.length, stop: [] };
    const [row] = await sampler.sample([{ ids, seed: "0" }], how);
    const worst = Math.max(...theirs.logits.map((logits, i) => relative(found.subarray(32 * i, 32 * (i + 1)), logits)));
    console.log(`${name}: logits within ${worst.toExponential(1)}, ${theirs.greedy.length} greedy tokens`);
    expect(worst).toBeLessThan(1e-3);
    expect(row?.ids).toEqual(theirs.greedy);
    await Promise.all([reader.close(), sampler.close(), trainer.close()]);
  });
});
