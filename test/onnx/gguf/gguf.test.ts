// GGUF files: packed blocks as Python's `gguf` unpacks them, a tiny Llama that it wrote, and files that lie.
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalModel } from "askew/model";
import { ModelFileError } from "askew/onnx";
import { dequantize, encodeChat, GGUF_KINDS, readGgufModel } from "#internal/onnx";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { weightsOf } from "../architectures/weights.js";

const TINY = new URL("tiny-llama.gguf", import.meta.url);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-gguf-"));
  await copyFile(TINY, join(folder, "tiny.gguf"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("packed blocks", async () => {
  const text = await readFile(new URL("blocks.json", import.meta.url), "utf8");
  const blocks = JSON.parse(text) as Record<string, { bytes: string; numbers: string }>;

  it("are there for every kind that askew unpacks", () => {
    expect(Object.keys(blocks).toSorted()).toEqual([...GGUF_KINDS.values()].map(({ name }) => name).toSorted());
  });

  it.each([...GGUF_KINDS.values()])("of $name are unpacked bit for bit", (kind) => {
    const { bytes, numbers } = blocks[kind.name] as { bytes: string; numbers: string };
    const packed = Uint8Array.from(Buffer.from(bytes, "base64"));
    const expected = new Int32Array(Uint8Array.from(Buffer.from(numbers, "base64")).buffer);
    const found = new Float32Array((packed.length / kind.bytes) * kind.block);
    dequantize(kind, packed, found);
    expect(new Int32Array(found.buffer)).toEqual(expected);
  });
});

describe("a tiny Llama that Python wrote", () => {
  it("has the config, tensors, tokenizer and template of the same model elsewhere", async () => {
    const { config, tensors, tokenizer, template, files } = await readGgufModel(join(folder, "tiny.gguf"));
    expect(config).toEqual({
      modelType: "llama",
      vocabSize: 32,
      width: 16,
      layers: 3,
      heads: 4,
      keyValueHeads: 2,
      headDim: 4,
      hidden: 20,
      maxPositions: 512,
      epsilon: 1e-5,
      ropeTheta: 10000,
      tied: true,
      qkvBias: false,
      eosIds: [0],
    });
    // Queries and keys lie in another order in the file.
    for (const [name, { data }] of weightsOf(config)) expect(tensors.get(name)?.data, name).toEqual(data);
    expect(tensors.size).toBe(weightsOf(config).size);
    expect(tokenizer.encode("ab a")).toEqual([28, 29]);
    expect(
      encodeChat(tokenizer, template, [{ role: "user", content: "ab" }], { addGenerationPrompt: true }).ids,
    ).toEqual([31, 28, 0, 31]);
    expect(files.map(({ name }) => name)).toEqual(["tiny.gguf"]);
  });

  it("is asked by its file's name", async () => {
    const model = await openLocalModel(`local:${join(folder, "tiny.gguf")}`, { threads: 1 });
    const [answer] = await model.sample([{ messages: [{ role: "user", content: "ab" }], seed: "1" }], { maxTokens: 8 });
    expect(answer?.text.length).toBeGreaterThan(0);
    expect(model.source.sha256).toMatch(/^[0-9a-f]{64}$/);
    await model.close();
  });
});

describe("files that lie", () => {
  const broken = async (change: (bytes: Buffer) => Buffer | void): Promise<Error> => {
    const bytes = await readFile(TINY);
    const path = join(folder, "broken.gguf");
    await writeFile(path, change(bytes) ?? bytes);
    return readGgufModel(path).then(
      () => new Error("it opened"),
      (error: unknown) => error as Error,
    );
  };
  const cases: readonly (readonly [string, (bytes: Buffer) => Buffer | void, RegExp])[] = [
    ["another kind of file", (b) => void b.write("GGML"), /the first 4 bytes: expected "GGUF"/],
    ["an empty file", () => Buffer.alloc(0), /the first 4 bytes/],
    ["the other byte order", (b) => void b.writeUInt32BE(3, 4), /little-endian, found a big-endian file/],
    ["a version of tomorrow", (b) => void b.writeUInt32LE(4, 4), /expected 2 or 3, found 4/],
    [
      "2^40 tensors",
      (b) => void b.writeBigUInt64LE(2n ** 40n, 8),
      /the number of tensors: expected at most \d+, found 1099511627776/,
    ],
    ["2^63 keys", (b) => void b.writeBigUInt64LE(2n ** 63n, 16), /the number of keys: expected a size below 2\^53/],
    [
      "a key longer than the file",
      (b) => void b.writeBigUInt64LE(60_000n, 24),
      /a key: expected at most \d+, found 60000/,
    ],
    ["an end in its tensors", (b) => b.subarray(0, -1), /an end within the file's \d+ bytes/],
    ["an end in its header", (b) => b.subarray(0, 700), /expected .*found/],
  ];

  it.each(cases)("%s is refused", async (_what, change, message) => {
    const error = await broken(change);
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error.message).toMatch(message);
  });

  it("a tensor that has another's bytes is refused", async () => {
    const error = await broken((bytes) => {
      const at = bytes.indexOf("blk.0.attn_norm.weight") + "blk.0.attn_norm.weight".length + 4 + 8 + 4;
      bytes.writeBigUInt64LE(0n, at);
    });
    expect(error.message).toMatch(/bytes of its own, found bytes that another tensor has, too/);
  });

  it("another architecture, tokenizer, key or packing is refused by name", async () => {
    const replace = (from: string, to: string) => (bytes: Buffer) => void bytes.write(to, bytes.indexOf(from));
    expect((await broken(replace("llama\u0011", "bloom"))).message).toMatch(/expected one of llama, .*found "bloom"/);
    expect((await broken(replace("gpt2", "bert"))).message).toMatch(
      /tokenizer.ggml.model: expected "gpt2".* found "bert"/,
    );
    expect((await broken(replace("llama.rope.freq_base", "llama.rope.freq_cake"))).message).toMatch(
      /llama.rope.freq_cake: expected only keys that askew knows, found 10000/,
    );
    const kind = (bytes: Buffer): void => {
      const name = "blk.0.attn_norm.weight";
      bytes.writeUInt32LE(19, bytes.indexOf(name) + name.length + 4 + 8);
    };
    expect((await broken(kind)).message).toMatch(/packed as F32, .*found IQ1_S/);
  });

  it("throws nothing but ModelFileError, whatever bytes are changed", async () => {
    const sound = await readFile(TINY);
    const path = join(folder, "changed.gguf");
    const change = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        const bytes = Buffer.from(sound);
        for (const [at, byte] of changes) bytes[at] = byte;
        await writeFile(path, bytes);
        const error: unknown = await readGgufModel(path).catch((reason: unknown) => reason);
        if (error instanceof Error) expect(error).toHaveProperty("kind");
      }),
      { numRuns: 200 },
    );
  });
});
