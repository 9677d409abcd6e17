// GGUF files that askew writes: read back they are the same model, and packed numbers are those of Python's `gguf`.
import { readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelFileError } from "askew/onnx";
import {
  dequantize,
  encodeChat,
  GGUF_KINDS,
  MetadataWriter,
  quantize,
  readGgufModel,
  writeGguf,
  writeGgufModel,
  type ModelParts,
} from "#internal/onnx";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARCHITECTURE_NAMES, tinyConfig, tinyModel } from "./models.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-gguf-write-"));
});
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
const newPath = (): string => join(folder, `${made++}.gguf`);

type PackingName = "f32" | "f16" | "bf16" | "q8_0";

async function written(parts: ModelParts, packing: PackingName = "f32") {
  const path = newPath();
  const { notes, kinds } = await writeGgufModel(path, parts, { packing, name: "tiny", file: "tiny" });
  return { notes, kinds, model: await readGgufModel(path) };
}

const refusal = (parts: ModelParts, packing: PackingName = "f32"): Promise<Error> =>
  writeGgufModel(newPath(), parts, { packing, name: "tiny", file: "tiny" }).then(
    () => new Error("it was written"),
    (error: unknown) => error as Error,
  );

describe("packed numbers", () => {
  const packed = JSON.parse(readFileSync(new URL("packed.json", import.meta.url), "utf8")) as Record<string, string>;
  const kindOf = (name: string) => {
    const found = [...GGUF_KINDS.values()].find((kind) => kind.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  it.each(["F32", "F16", "BF16", "Q8_0"] as const)("of %s are those of Python's gguf, bit for bit", (name) => {
    const kind = kindOf(name);
    const numbers = new Float32Array(Uint8Array.from(Buffer.from(packed[`${name} numbers`] ?? "", "base64")).buffer);
    const bytes = new Uint8Array((numbers.length / kind.block) * kind.bytes);
    quantize(name, numbers, 0, numbers.length, bytes);
    expect(Buffer.from(bytes).toString("base64")).toBe(packed[name]);
  });

  it.each(["F16", "BF16", "Q8_0"] as const)("of %s are the same after another round", (name) => {
    const kind = kindOf(name);
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -6e4, max: 6e4 });
    const row = fc.array(number, { minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(row, (numbers) => {
        const bytes = new Uint8Array((32 / kind.block) * kind.bytes);
        const once = new Float32Array(32);
        const twice = new Float32Array(32);
        quantize(name, Float32Array.from(numbers), 0, 32, bytes);
        dequantize(kind, bytes, once);
        const largest = Math.max(...numbers.map(Math.abs));
        once.forEach((x, i) => {
          const given = numbers[i] as number;
          // Half a step: of the largest in the block, or of the number itself.
          const step = name === "Q8_0" ? largest / 127 : Math.abs(given) / (name === "F16" ? 1024 : 128);
          expect(Math.abs(x - given)).toBeLessThanOrEqual(0.52 * step + 1e-4 * largest + 6e-8);
        });
        if (name === "Q8_0") return;
        quantize(name, once, 0, 32, bytes);
        dequantize(kind, bytes, twice);
        expect(twice).toEqual(once);
      }),
    );
  });
});

describe.each(ARCHITECTURE_NAMES)("a tiny %s", (name) => {
  const config = tinyConfig(name);
  const parts = tinyModel(config);

  it("is the same model when it is read back", async () => {
    const { model, notes } = await written(parts);
    const { sliding, ...rest } = parts.config;
    const cut = notes.some((note) => note.includes("within the window"));
    // llama.cpp slides only in Gemma's layers; elsewhere the file takes texts within the window.
    expect(cut).toBe(sliding !== undefined && !name.startsWith("gemma"));
    const tied = name === "olmo-2" ? false : config.tied;
    expect(model.config).toEqual(
      cut
        ? { ...rest, ...READ_AS[name], tied, maxPositions: sliding?.window }
        : { ...parts.config, ...READ_AS[name], tied },
    );
    const isOneMore = name.startsWith("gemma");
    for (const [tensor, { data }] of parts.tensors) {
      const read = model.tensors.get(tensor)?.data;
      const expected = isOneMore && tensor.endsWith("norm.weight") ? data.map((x) => Math.fround(x + 1) - 1) : data;
      expect(read, tensor).toEqual(expected);
    }
    expect(model.tokenizer.encode("ab a")).toEqual([28, 29]);
    expect(model.template?.source).toBe(parts.template?.source);
    const asked = encodeChat(model.tokenizer, model.template, [{ role: "user", content: "ab" }]);
    expect(asked.ids).toEqual([31, 28, 0]);
  });

  it("keeps vectors as they are, and matrices as near as their type", async () => {
    const { model, kinds } = await written(parts, "f16");
    expect(Object.keys(kinds).toSorted()).toEqual(["F16", "F32"]);
    for (const [tensor, { data, shape }] of parts.tensors) {
      if (shape.length === 1) continue;
      const read = model.tensors.get(tensor)?.data as Float32Array;
      for (const [i, x] of data.entries()) {
        if (Math.abs((read[i] as number) - x) > Math.abs(x) / 2048 + 3e-8) expect([tensor, i, read[i]]).toEqual(x);
      }
    }
  });
});

/** Keys that GGUF says in another way, with what is computed from them alike. */
const READ_AS: Readonly<Record<string, object>> = {
  mistral: { modelType: "llama" },
  // The factor is a float32 number there.
  "phi-4-mini": { ropeScaling: expect.objectContaining({ kind: "longrope", attentionFactor: 1.118034 }) as unknown },
  // Factors of wavelengths that are none of Llama 3's own.
  "llama-3.1": { ropeScaling: expect.objectContaining({ kind: "longrope", attentionFactor: 1 }) as unknown },
};

describe("a tied OLMo 2", () => {
  it("has its embedding twice, because llama.cpp asks for both", async () => {
    const parts = tinyModel(tinyConfig("olmo-2", { tie_word_embeddings: true }));
    const { model } = await written(parts);
    expect(model.config.tied).toBe(false);
    expect(model.tensors.get("lm_head.weight")?.data).toEqual(parts.tensors.get("model.embed_tokens.weight")?.data);
  });
});

describe("rows that no block divides", () => {
  it("are F16, the others Q8_0", async () => {
    const { kinds } = await written(tinyModel(tinyConfig("llama", { intermediate_size: 64 })), "q8_0");
    // Three layers' down projections read 64 numbers; all else reads 16.
    expect(kinds).toEqual({ Q8_0: 3, F16: 19, F32: 7 });
  });
});

describe("what llama.cpp would compute otherwise is refused", () => {
  const cases: readonly (readonly [string, string, object, RegExp])[] = [
    ["another scale of scores", "gemma-2", { query_pre_attn_scalar: 6 }, /query_pre_attn_scalar: expected 8.*found 6/],
    ["another order of layers", "gemma-3", { sliding_window_pattern: 2 }, /layer_types: expected the order of/],
    ["a read-out of Gemma's own", "gemma-2", { tie_word_embeddings: false }, /tie_word_embeddings: expected true/],
    [
      "Llama 3's stretching in Qwen",
      "qwen3",
      { rope_scaling: { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4 } },
      /rope_scaling: expected a kind that llama.cpp knows in qwen3, found "llama3"/,
    ],
  ];

  it.each(cases)("%s", async (_what, name, changes, message) => {
    const error = await refusal(tinyModel(tinyConfig(name, changes)));
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/export it with --to hf/);
  });

  it("numbers beyond the type", async () => {
    const parts = tinyModel(tinyConfig("llama"));
    parts.tensors.get("model.layers.1.mlp.down_proj.weight")?.data.set([-70_000], 5);
    expect((await refusal(parts, "f16")).message).toMatch(
      /tensor "blk.1.ffn_down.weight": expected numbers that F16 holds, found -70000. Choose --type f32 or bf16/,
    );
    expect((await written(parts, "bf16")).model.tensors.get("model.layers.1.mlp.down_proj.weight")?.data[5]).toBe(
      -70_144,
    );
  });

  it("half of a surrogate pair in a name", async () => {
    const parts = tinyModel(tinyConfig("llama"));
    const error = await writeGgufModel(newPath(), parts, { packing: "f32", name: "a\uD800", file: "tiny" }).catch(
      String,
    );
    expect(error).toMatch(/well-formed text/);
  });
});

describe("a file's own layout", () => {
  const tensor = (name: string, shape = [2, 3]) => ({
    name,
    shape,
    kind: "F32" as const,
    read: () => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i) }),
  });
  const metadata = (): MetadataWriter => new MetadataWriter("tiny");

  it.each([[""], ["a b"], ["é"], ["x".repeat(64)]])("refuses a tensor called %j", async (name) => {
    await expect(writeGguf(newPath(), metadata(), [tensor(name)])).rejects.toThrow(/printable ASCII/);
  });

  it("refuses what comes twice, and a shape without elements", async () => {
    await expect(writeGguf(newPath(), metadata(), [tensor("a"), tensor("a")])).rejects.toThrow(/each once/);
    await expect(writeGguf(newPath(), metadata(), [tensor("a", [0, 3])])).rejects.toThrow(/no rows/);
    const twice = metadata();
    twice.u32("k", 1);
    expect(() => {
      twice.u32("k", 1);
    }).toThrow(/twice/);
  });

  it("begins every tensor at a multiple of 32 bytes", async () => {
    const path = newPath();
    await writeGguf(path, metadata(), [tensor("a"), tensor("b", [5]), tensor("c")]);
    // magic, version, counts; three descriptions; 24, 20 and 24 bytes, each filled up.
    expect((await stat(path)).size % 32).toBe(0);
  });

  it("leaves a file alone that is there already", async () => {
    const path = newPath();
    await writeGguf(path, metadata(), [tensor("a")]);
    await expect(writeGguf(path, metadata(), [tensor("a")])).rejects.toThrow(/EEXIST/);
  });
});
