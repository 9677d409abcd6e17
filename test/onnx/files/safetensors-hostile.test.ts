// Files that are damaged or made to do harm: each is refused with an error that says what is wrong, and cheaply.
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelFileError, readSafetensors } from "askew/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./folders.js";

const folder = await temporaryFolder();
const path = join(folder, "hostile.safetensors");

function fileOf(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0), length?: bigint): Buffer {
  const text = Buffer.from(header as string);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([start, text, data]);
}

async function refusal(bytes: Uint8Array): Promise<ModelFileError> {
  await writeFile(path, bytes);
  const error: unknown = await readSafetensors(path).then(
    () => "it was read",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelFileError);
  return error as ModelFileError;
}

const tensor = (shape: string, begin: number | string, end: number | string, dtype = "F32"): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

const SOUND = fileOf(
  `{"__metadata__":{"format":"pt"},"first":${tensor("[2]", 0, 8)},"second":${tensor("[1,1]", 8, 12)}}`,
  new Uint8Array(12),
);

const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

const hostile: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["nothing at all", Buffer.alloc(0), /at least 8 bytes, found 0/],
  [
    "a header longer than the file",
    fileOf("{}", new Uint8Array(0), 1000n),
    /at most 2 bytes, the rest of the file, found 1000/,
  ],
  ["a header of 2^63 bytes", fileOf("{}", new Uint8Array(0), 2n ** 63n), /at most 100000000 bytes/],
  ["a header of 2^64 - 1 bytes", fileOf("{}", new Uint8Array(0), 2n ** 64n - 1n), /at most 100000000 bytes/],
  ["a header of no bytes", fileOf(""), /found nothing/],
  ["a header that is no object", fileOf("[]"), /"\{" as its first byte/],
  ["a header that is no UTF-8", fileOf(Buffer.from('{"\xff\xfe":1}', "latin1")), /UTF-8/],
  ["a header with a byte order mark", fileOf("\uFEFF{}"), /first byte/],
  ["JSON that ends early", fileOf('{"a":'), /found its end/],
  ["JSON with something after it", fileOf("{}{}"), /end of the header/],
  ["JSON with a comma too many", fileOf(`{"a":${tensor("[0]", 0, 0)},}`), /found "}"/],
  ["a name with a bad escape", fileOf(String.raw`{"\x":1}`), /JSON string/],
  ["a name with a line break", fileOf('{"a\nb":1}'), /end of a string/],
  ["100,000 brackets as a tensor", fileOf(`{"a":${deep}}`), /tensor "a"/],
  ["100,000 brackets as a shape", fileOf(`{"a":{"shape":${deep}}}`), /whole number/],
  ["a tensor twice", fileOf(`{"a":${tensor("[0]", 0, 0)},"a":${tensor("[0]", 0, 0)}}`), /every tensor once/],
  [
    "a tensor twice, once escaped",
    fileOf(String.raw`{"a":${tensor("[0]", 0, 0)},"\u0061":${tensor("[0]", 0, 0)}}`),
    /every tensor once/,
  ],
  ["metadata twice", fileOf('{"__metadata__":{},"__metadata__":{}}'), /one entry/],
  ["metadata with one key twice", fileOf('{"__metadata__":{"a":"1","a":"2"}}'), /every key once/],
  ["metadata that is no text", fileOf('{"__metadata__":{"a":1}}'), /__metadata__/],
  ["a dtype twice", fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}'), /each once/],
  ["an unknown key", fileOf('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"extra":1}}'), /"extra"/],
  ["a missing key", fileOf('{"a":{"dtype":"F32","shape":[0]}}'), /no data_offsets/],
  ["an unknown dtype", fileOf(`{"a":${tensor("[0]", 0, 0, "F8_E4M3")}}`), /F8_E4M3/],
  ["a dtype from Object.prototype", fileOf(`{"a":${tensor("[0]", 0, 0, "toString")}}`), /toString/],
  ["a negative size", fileOf(`{"a":${tensor("[-1]", 0, 4)}}`), /whole number/],
  ["a size that is no whole number", fileOf(`{"a":${tensor("[1.5]", 0, 6)}}`), /whole number/],
  ["a size with an exponent", fileOf(`{"a":${tensor("[1e3]", 0, 4000)}}`), /whole number/],
  ["a size beyond 2^53", fileOf(`{"a":${tensor("[9007199254740993]", 0, 4)}}`), /2\^53/],
  ["a size of 400 digits", fileOf(`{"a":${tensor(`[${"9".repeat(400)}]`, 0, 4)}}`), /2\^53/],
  ["17 dimensions", fileOf(`{"a":${tensor(`[${Array(17).fill(1).join()}]`, 0, 4)}}`, new Uint8Array(4)), /at most 16/],
  [
    "a shape of 2^31 × 2^31",
    fileOf(`{"a":${tensor("[2147483648,2147483648]", 0, 4)}}`, new Uint8Array(4)),
    /safe whole number/,
  ],
  [
    "a shape whose bytes wrap to 4 in 64 bits",
    fileOf(`{"a":${tensor("[4294967296,4294967296,4294967296,1]", 0, 4)}}`, new Uint8Array(4)),
    /safe whole number/,
  ],
  [
    "a shape larger than its bytes",
    fileOf(`{"a":${tensor("[3]", 0, 8)}}`, new Uint8Array(8)),
    /12 bytes for F32 \[3\], found 8/,
  ],
  ["one offset", fileOf('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0]}}'), /\[begin, end\]/],
  ["three offsets", fileOf('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0,0]}}'), /at most 2/],
  ["offsets backwards", fileOf(`{"a":${tensor("[1]", 4, 0)}}`, new Uint8Array(4)), /\[begin, end\]/],
  ["offsets beyond the file", fileOf(`{"a":${tensor("[1000000000000]", 0, 4_000_000_000_000)}}`), /cut short/],
  [
    "overlapping tensors",
    fileOf(`{"a":${tensor("[2]", 0, 8)},"b":${tensor("[2]", 4, 12)}}`, new Uint8Array(12)),
    /tensor "b": expected to begin at byte 8/,
  ],
  [
    "the same bytes twice",
    fileOf(`{"a":${tensor("[1]", 0, 4)},"b":${tensor("[1]", 0, 4)}}`, new Uint8Array(4)),
    /tensor "b"/,
  ],
  ["a hole", fileOf(`{"a":${tensor("[1]", 0, 4)},"b":${tensor("[1]", 8, 12)}}`, new Uint8Array(12)), /begin at byte 4/],
  ["a hole at the start", fileOf(`{"a":${tensor("[1]", 4, 8)}}`, new Uint8Array(8)), /begin at byte 0/],
  ["bytes after the last tensor", fileOf(`{"a":${tensor("[1]", 0, 4)}}`, new Uint8Array(5)), /something after it/],
];

describe("hostile safetensors files", () => {
  it.each(hostile)("%s", async (_what, bytes, message) => {
    const error = await refusal(bytes);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(600);
    expect(error.file).toBe(path);
    expect(error.cure).not.toBe("");
  });

  it("is refused when it is cut anywhere", async () => {
    await writeFile(path, SOUND);
    expect((await readSafetensors(path)).tensors.size).toBe(2);
    for (let length = SOUND.length - 1; length >= 0; length--) {
      await truncate(path, length);
      await expect(readSafetensors(path), `cut to ${length} bytes`).rejects.toThrow(ModelFileError);
    }
  });

  it("is refused or read when bytes are changed, and nothing else happens", async () => {
    const change = fc.tuple(fc.nat(SOUND.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(SOUND);
        for (const [at, value] of changes) bytes[at] = value;
        await writeFile(path, bytes);
        const result: unknown = await readSafetensors(path).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(ModelFileError);
      }),
      { numRuns: 300 },
    );
  });

  it("costs no memory for what it claims", async () => {
    const before = process.memoryUsage.rss();
    const huge = tensor("[200000000]", 0, 800_000_000);
    for (let i = 0; i < 20; i++) await refusal(fileOf(`{"a":${huge}}`));
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  });

  it("is refused when it is a folder or not there", async () => {
    await expect(readSafetensors(folder)).rejects.toThrow(/expected a file, found something else/);
    await expect(readSafetensors(join(folder, "absent"))).rejects.toThrow(/found nothing\. Check the path/);
  });

  it("reads numbers that are not finite as they are: whoever needs finite ones checks", async () => {
    const data = new Uint8Array(Uint32Array.of(0x7fc00001, 0x7f800000, 0xff800000).buffer);
    await writeFile(path, fileOf(`{"a":${tensor("[3]", 0, 12)}}`, data));
    expect([...((await readSafetensors(path)).tensors.get("a")?.data ?? [])]).toEqual([
      Number.NaN,
      Infinity,
      -Infinity,
    ]);
  });
});
