/**
 * A part of `npm run compare`: GGUF files that askew writes and reads, in llama.cpp itself. `ASKEW_PYTHON` names an
 * interpreter with `xllamacpp` 2026.10.11549, a wheel with llama.cpp inside, and `gguf` 0.19. The tiny models take two
 * minutes on one core; each GGUF file of `ASKEW_MODELS` takes two more per 100 million parameters, and on disk its size
 * in float32.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Engine } from "askew/graph";
import { Trainer } from "askew/onnx";
import {
  GGUF_KINDS,
  PRE_TOKENIZERS,
  Reader,
  readGgufModel,
  Sampler,
  writeControlVector,
  writeGgufModel,
  type ModelParts,
  type Steering as Intervention,
} from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lacks, python } from "../files/python.js";
import { HARD_TEXTS } from "./hard-texts.js";
import { ARCHITECTURE_NAMES, pairsTokenizer, sentencePieces, tinyConfig, tinyModel } from "./models.js";

const missing = lacks("xllamacpp", "gguf", "numpy");
if (missing !== undefined) console.log(`llama.cpp is not compared with: ${missing}`);
const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Runs a script that has the module `llama_cpp`. */
const llama = (script: string, given: unknown): unknown =>
  python(`sys.path.insert(0, ${JSON.stringify(HERE)})\nimport llama_cpp\n${script}`, given);

/** Logits go through a file, since JSON would take their bytes ten times over. */
const ASK = `
model = llama_cpp.Model(given["file"], tokens=given["positions"])
if "vectors" in given:
    tensors = llama_cpp.gguf.GGUFReader(given["vectors"]).tensors
    rows = {int(t.name.rsplit(".", 1)[1]): t.data for t in tensors}
    steering = [rows[layer] for layer in sorted(rows)]
    assert sorted(rows) == list(range(1, len(rows) + 1))
    model.steer(given["strength"] * llama_cpp.np.stack(steering), given["layer"], given["layer"])
model.logits(given["ids"]).tofile(given["out"])
count = min(given["tokens"], given["positions"] - len(given["ids"]))
result = model.greedy(given["ids"], count)
model.close()`;

interface Answered {
  /** [ids, V] */
  readonly logits: Float32Array;
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

async function theirs(file: string, ids: readonly number[], positions: number, more: object = {}): Promise<Answered> {
  const out = join(folder, "logits");
  const greedy = llama(ASK, { file, ids, positions, out, tokens: 200, ...more }) as number[];
  return { logits: new Float32Array(Uint8Array.from(await readFile(out)).buffer), greedy };
}

let scopes = 0;
/** What askew computes: log-probabilities in place of logits, which differ from them by a number at each position. */
async function ours(
  { config, tensors }: Pick<ModelParts, "config" | "tensors">,
  ids: number[],
  tokens: number,
  steering: readonly Intervention[] = [],
): Promise<Answered> {
  const scope = `model${scopes++}`;
  const trainer = await Trainer.create({ engine, config, weights: tensors, scope });
  const reader = new Reader({ engine, config, scope, rows: 1 });
  const sampler = new Sampler({ engine, config, scope, rows: 1 });
  const how = { temperature: 0, maxTokens: tokens, stop: [], steering };
  const answer = [false, ...ids.map(() => true)];
  const [logits] = (await reader.distributions([{ ids: [...ids, 0], answer }])) as [Float32Array];
  const [row] = await sampler.sample([{ ids, seed: "0" }], how);
  await Promise.all([reader.close(), sampler.close(), trainer.close()]);
  return { logits, greedy: [...(row?.ids ?? [])] };
}

/** The largest, over positions, of the length of the difference over that of what is expected. */
function relative(found: Float32Array, expected: Float32Array, vocabulary: number): number {
  const centred = (row: Float32Array): Float64Array => {
    const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
    return Float64Array.from(row, (x) => x - mean);
  };
  const length = (x: Float64Array): number => Math.sqrt(x.reduce((sum, y) => sum + y * y, 0));
  let worst = 0;
  for (let at = 0; at < expected.length; at += vocabulary) {
    const [a, b] = [found, expected].map((all) => centred(all.subarray(at, at + vocabulary))) as [
      Float64Array,
      Float64Array,
    ];
    worst = Math.max(worst, length(a.map((x, i) => x - (b[i] as number))) / length(b));
  }
  return worst;
}

const idsFor = (count: number, vocabulary: number): number[] =>
  Array.from({ length: count }, (_, i) => (7 * i + 3) % vocabulary);
const shown = (x: number): string => x.toExponential(1);

describe.skipIf(missing !== undefined)("llama.cpp computes what askew does", () => {
  it.each(ARCHITECTURE_NAMES)("with a tiny %s", async (name) => {
    const parts = tinyModel(tinyConfig(name));
    const file = join(folder, `${name}.gguf`);
    await writeGgufModel(file, parts, { packing: "f32", name: "tiny", file });
    const { maxPositions } = (await readGgufModel(file)).config;
    // Where llama.cpp slides nowhere, the file takes texts within the window.
    const ids = idsFor(Math.min(24, maxPositions - 3), 32);
    const expected = await theirs(file, ids, Math.min(512, maxPositions));
    const found = await ours(parts, ids, expected.greedy.length);
    const worst = relative(found.logits, expected.logits, 32);
    console.log(`${name}: logits within ${shown(worst)}, ${expected.greedy.length} greedy tokens`);
    expect(worst).toBeLessThan(1e-3);
    expect(found.greedy).toEqual(expected.greedy);
  });

  const kinds = [...GGUF_KINDS.values()].map(({ name }) => name);
  it.each(kinds)("with matrices that llama.cpp packed as %s", async (kind) => {
    const config = tinyConfig("llama", { hidden_size: 256, intermediate_size: 256, num_hidden_layers: 2 });
    const [plain, file, unpacked] = ["plain", kind, `${kind}-unpacked`].map((name) => join(folder, `${name}.gguf`)) as [
      string,
      string,
      string,
    ];
    await rm(plain, { force: true });
    await writeGgufModel(plain, tinyModel(config), { packing: "f32", name: "tiny", file: plain });
    llama('llama_cpp.packed(given["plain"], given["file"], given["kind"])\nresult = 0', { plain, file, kind });
    llama('llama_cpp.unpacked(given["file"], given["unpacked"])\nresult = 0', { file, unpacked });
    const [model, plainModel] = [await readGgufModel(file), await readGgufModel(unpacked)];
    for (const [name, { data }] of plainModel.tensors) {
      expect(
        Buffer.from(data.buffer).equals(Buffer.from(model.tensors.get(name)?.data.buffer ?? new ArrayBuffer(0))),
      ).toBe(true);
    }
    const ids = idsFor(24, 32);
    const [expected, rounded] = [await theirs(unpacked, ids, 512), await theirs(file, ids, 512)];
    const found = await ours(model, ids, expected.greedy.length);
    const worst = relative(found.logits, expected.logits, 32);
    const other = relative(found.logits, rounded.logits, 32);
    console.log(
      `${kind}: bit for bit; logits within ${shown(worst)}, ${shown(other)} where activations are packed, too`,
    );
    expect(worst).toBeLessThan(1e-3);
    expect(found.greedy).toEqual(expected.greedy);
  });

  it("with a control vector after one layer, as steering that adds", async () => {
    const parts = tinyModel(tinyConfig("llama"));
    const [file, vectors] = [join(folder, "steered.gguf"), join(folder, "vectors.gguf")];
    await writeGgufModel(file, parts, { packing: "f32", name: "tiny", file });
    const byLayer = [1, 2].map((layer) => [layer, Float32Array.from({ length: 16 }, (_, i) => Math.sin(layer + i))]);
    const all = new Map(byLayer as [number, Float32Array][]);
    await writeControlVector(vectors, { config: parts.config, vectors: all, file: vectors });
    const ids = idsFor(24, 32);
    for (const layer of [1, 2]) {
      const add = (all.get(layer) as Float32Array).map((x) => 1.5 * x);
      const expected = await theirs(file, ids, 512, { vectors, layer, strength: 1.5 });
      const found = await ours(parts, ids, expected.greedy.length, [{ layer, add, tokens: "all" }]);
      expect(found.greedy).toEqual(expected.greedy);
      const without = await ours(parts, ids, expected.greedy.length);
      expect(without.greedy).not.toEqual(expected.greedy);
    }
  });
});

/** Texts that llama.cpp cuts otherwise than the model's own tokenizer. */
const NOT_ALIKE: Readonly<Record<string, (text: string) => boolean>> = {
  // It tells capitals from other letters in ASCII alone, and takes marks for no letters.
  tekken: (text) => /[^\p{ASCII}]/u.test(text),
  "gpt-4o": (text) => /[^\p{ASCII}]/u.test(text),
  // It does not compose characters.
  qwen2: (text) => text !== text.normalize("NFC"),
};

const CUT = `
model = llama_cpp.Model(given["file"])
result = [model.ids(text) for text in given["texts"]]
model.close()`;

describe.skipIf(missing !== undefined)("llama.cpp cuts texts as askew does", () => {
  async function differing(file: string): Promise<string[]> {
    const { tokenizer } = await readGgufModel(file);
    const cut = llama(CUT, { file, texts: HARD_TEXTS }) as number[][];
    return HARD_TEXTS.filter((text, i) => tokenizer.encode(text).join() !== cut[i]?.join());
  }

  it.each(PRE_TOKENIZERS)("with the pre-tokenizer %s", async (pre) => {
    const [first, file] = [join(folder, `first-${pre}.gguf`), join(folder, `${pre}.gguf`)];
    const tokenizer = pairsTokenizer();
    const parts = tinyModel(tinyConfig("llama", { vocab_size: tokenizer.size, num_hidden_layers: 1 }), tokenizer);
    await writeGgufModel(first, parts, { packing: "f32", name: "tiny", file: first });
    const change = 'llama_cpp.rewritten(given["first"], given["file"], tokenizer_ggml_pre=given["pre"])\nresult = 0';
    llama(change, { first, file, pre });
    const found = await differing(file);
    console.log(`${pre}: ${HARD_TEXTS.length - found.length} of ${HARD_TEXTS.length} texts alike`);
    expect(found.filter((text) => !NOT_ALIKE[pre]?.(text))).toEqual([]);
  });

  it.each([true, false])("with SentencePiece, a space before the text: %s", async (prefix) => {
    const file = join(folder, `pieces-${prefix}.gguf`);
    const tokenizer = sentencePieces(prefix);
    const parts = tinyModel(tinyConfig("llama", { vocab_size: tokenizer.size, num_hidden_layers: 1 }), tokenizer);
    await writeGgufModel(file, parts, { packing: "f32", name: "tiny", file });
    expect(await differing(file)).toEqual([]);
  });
});

const files = (process.env["ASKEW_MODELS"] ?? "").split(",").filter((path) => path.endsWith(".gguf"));
describe.skipIf(missing !== undefined || files.length === 0)("files of yours", () => {
  it.each(files)("%s", { timeout: 3_600_000 }, async (file) => {
    const model = await readGgufModel(file);
    const { config, tokenizer } = model;
    const ids = [...(tokenizer.bosId === undefined ? [] : [tokenizer.bosId]), ...tokenizer.encode(TEXT)];
    const unpacked = join(folder, `${basename(file)}-unpacked.gguf`);
    llama('llama_cpp.unpacked(given["file"], given["unpacked"])\nresult = 0', { file, unpacked });
    const [expected, rounded] = [await theirs(unpacked, ids, 512), await theirs(file, ids, 512)];
    const found = await ours(model, ids, expected.greedy.length);
    const [worst, other] = [expected, rounded].map((one) => relative(found.logits, one.logits, config.vocabSize)) as [
      number,
      number,
    ];
    const cut = llama(CUT, { file, texts: HARD_TEXTS }) as number[][];
    const alike = HARD_TEXTS.filter((text, i) => tokenizer.encode(text).join() === cut[i]?.join()).length;
    console.log(
      `${basename(file)}: logits within ${shown(worst)}, ${shown(other)} where activations are packed, too; ` +
        `${alike} of ${HARD_TEXTS.length} texts alike`,
    );
    expect(worst).toBeLessThan(1e-3);
    expect(found.greedy).toEqual(expected.greedy);
    await rm(unpacked);
    for (const packing of ["f16", "q8_0"] as const) {
      const written = join(folder, `${packing}.gguf`);
      await rm(written, { force: true });
      await writeGgufModel(written, model, { packing, name: "mine", file: written });
      const again = await ours(await readGgufModel(written), ids, 200);
      const { greedy } = await theirs(written, ids, 512);
      const first = greedy.findIndex((id, i) => id !== again.greedy[i]);
      console.log(`  written as ${packing}: greedy tokens ${first < 0 ? "equal" : `equal up to ${first}`}`);
      if (packing === "f16") expect(again.greedy).toEqual(greedy);
    }
  });
});

const TEXT =
  "The capital of France is Paris. In 1789, the people of the city took part in a revolution that changed the country, " +
  "and with it the whole of Europe. Historians have argued ever since about";
