import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelFileError, readSafetensors, writeSafetensors } from "askew/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./folders.js";

const folder = await temporaryFolder();

/** A safetensors file from its parts. */
function fileOf(header: string, data: Uint8Array = new Uint8Array(0)): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

async function read(bytes: Uint8Array, name = "file.safetensors") {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return readSafetensors(path);
}

describe("safetensors", () => {
  it("writes exactly these bytes", async () => {
    const path = join(folder, "bytes.safetensors");
    const b = { shape: [2], data: Float32Array.of(1, -2) };
    const a = { shape: [], data: Float32Array.of(0.5) };
    await writeSafetensors(
      path,
      new Map([
        ["b", b],
        ["a", a],
      ]),
      { z: "1", format: "pt" },
    );
    const header =
      '{"__metadata__":{"format":"pt","z":"1"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, " ");
    const expected = fileOf(padded, Buffer.from("0000003f0000803f000000c0", "hex"));
    expect((await readFile(path)).toString("hex")).toBe(expected.toString("hex"));
  });

  it("gives back what it was given, whatever that is", async () => {
    const path = join(folder, "round.safetensors");
    const text = fc.string({ unit: "binary" }).filter((name) => !/\p{Surrogate}/u.test(name));
    const tensor = fc
      .array(fc.nat(4), { maxLength: 4 })
      .chain((shape) =>
        fc.float32Array({ minLength: product(shape), maxLength: product(shape) }).map((data) => ({ shape, data })),
      );
    const names = text.filter((name) => name !== "__metadata__");
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(names, tensor), { selector: ([name]) => name, maxLength: 6 }),
        fc.dictionary(text, text),
        async (list, metadata) => {
          await writeSafetensors(path, new Map(list), metadata);
          const first = await readFile(path);
          expect(first.readUInt32LE(0) % 8).toBe(0);
          const back = await readSafetensors(path);
          expect(back.metadata).toEqual({ ...metadata });
          expect([...back.tensors.keys()]).toEqual(list.map(([name]) => name).toSorted());
          for (const [name, { shape, data }] of list) {
            const found = back.tensors.get(name);
            expect(found?.shape).toEqual(shape);
            expect(bits(found?.data)).toEqual(bits(data));
          }
          await writeSafetensors(path, new Map(list.toReversed()), metadata);
          expect((await readFile(path)).equals(first)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is no other kind of file, whatever the length of its header begins with", async () => {
    // The first bytes of a pickle, of a gzip file, and of a zip archive.
    for (const length of [0x0280, 0x0480, 0x8b1f, 0x4b50]) {
      const header = '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}'.padEnd(length, " ");
      const { tensors } = await read(fileOf(header, Buffer.from("0000003f", "hex")));
      expect(tensors.get("a")?.data[0]).toBe(0.5);
    }
  });

  it("reads other number formats as float32", async () => {
    const view = new DataView(new ArrayBuffer(64));
    const formats: [string, number, (at: number) => void, number[]][] = [
      [
        "F64",
        8,
        (at) => (view.setFloat64(at, 0.1, true), view.setFloat64(at + 8, -1e300, true)),
        [Math.fround(0.1), -Infinity],
      ],
      [
        "F16",
        2,
        (at) => (view.setUint16(at, 0x3555, true), view.setUint16(at + 2, 0x8001, true)),
        [0.333251953125, -(2 ** -24)],
      ],
      [
        "BF16",
        2,
        (at) => (view.setUint16(at, 0x4049, true), view.setUint16(at + 2, 0xff80, true)),
        [3.140625, -Infinity],
      ],
      ["I64", 8, (at) => (view.setBigInt64(at, -7n, true), view.setBigInt64(at + 8, 2n ** 40n, true)), [-7, 2 ** 40]],
      ["I32", 4, (at) => (view.setInt32(at, -7, true), view.setInt32(at + 4, 9, true)), [-7, 9]],
      ["I16", 2, (at) => (view.setInt16(at, -7, true), view.setInt16(at + 2, 9, true)), [-7, 9]],
      ["I8", 1, (at) => (view.setInt8(at, -7), view.setInt8(at + 1, 9)), [-7, 9]],
      ["U8", 1, (at) => (view.setUint8(at, 255), view.setUint8(at + 1, 9)), [255, 9]],
      ["BOOL", 1, (at) => (view.setUint8(at, 1), view.setUint8(at + 1, 0)), [1, 0]],
    ];
    for (const [dtype, size, put, values] of formats) {
      put(0);
      const data = new Uint8Array(view.buffer, 0, 2 * size);
      const { tensors } = await read(
        fileOf(`{"t":{"dtype":"${dtype}","shape":[2],"data_offsets":[0,${2 * size}]}}`, data),
      );
      expect([...(tensors.get("t")?.data ?? [])], dtype).toEqual(values);
    }
  });

  it("reads every half-precision number", async () => {
    const all = new Uint16Array(65536).map((_, i) => i);
    const header = '{"t":{"dtype":"F16","shape":[256,256],"data_offsets":[0,131072]}}';
    const { tensors } = await read(fileOf(header, new Uint8Array(all.buffer)));
    const data = tensors.get("t")?.data ?? [];
    const wrong = [...all].filter((half) => !Object.is(data[half], Math.fround(halfByText(half))));
    expect(wrong).toEqual([]);
  });

  it("allows white space in the header, metadata that is empty, and tensors without elements", async () => {
    const header =
      ' {\n"__metadata__" : {} , "t" : { "shape" : [ 0 , 3 ] , "data_offsets" : [ 0 , 0 ] , "dtype" : "F32" } }\t  ';
    await expect(read(fileOf(header))).rejects.toThrow('"{" as its first byte');
    const { tensors, metadata } = await read(fileOf(header.trimStart()));
    expect(metadata).toEqual({});
    expect(tensors.get("t")).toEqual({ shape: [0, 3], data: new Float32Array(0) });
    expect((await read(fileOf("{}"))).tensors.size).toBe(0);
  });

  it("keeps the old file when writing fails, and leaves nothing behind", async () => {
    const own = await temporaryFolder();
    const path = join(own, "w.safetensors");
    await writeSafetensors(path, new Map([["a", { shape: [1], data: Float32Array.of(1) }]]));
    const before = await readFile(path);
    const broken = { shape: [2], data: Float32Array.of(1, 2) };
    Object.defineProperty(broken, "data", { get: stubbornData() });
    await expect(writeSafetensors(path, new Map([["a", broken]]))).rejects.toThrow("the disk is gone");
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readdir(own)).toEqual(["w.safetensors"]);
  });

  it("refuses what cannot be written", async () => {
    const path = join(folder, "no.safetensors");
    const one = { shape: [1], data: Float32Array.of(1) };
    await expect(writeSafetensors(path, new Map([["a", { shape: [2], data: one.data }]]))).rejects.toThrow(RangeError);
    await expect(writeSafetensors(path, new Map([["a", { shape: [-1, -1], data: one.data }]]))).rejects.toThrow(
      RangeError,
    );
    await expect(writeSafetensors(path, new Map([["__metadata__", one]]))).rejects.toThrow(RangeError);
    await expect(writeSafetensors(path, new Map([["\uD800", one]]))).rejects.toThrow("well-formed");
    await expect(writeSafetensors(path, new Map([["a", one]]), { k: "\uDFFF" })).rejects.toThrow("well-formed");
    await expect(readSafetensors(path)).rejects.toThrow(ModelFileError);
  });
});

const product = (shape: readonly number[]): number => shape.reduce((total, n) => total * n, 1);

function bits(data: Float32Array | undefined): number[] {
  return data ? [...new Uint32Array(data.buffer, data.byteOffset, data.length)] : [];
}

/** Gives data while shapes are checked and fails once it is to be written. */
function stubbornData(): () => Float32Array {
  let asked = 0;
  return () => {
    if (asked++ > 0) throw new Error("the disk is gone");
    return Float32Array.of(1, 2);
  };
}

/** IEEE 754 binary16 from its definition. */
function halfByText(half: number): number {
  const digits = half.toString(2).padStart(16, "0");
  const sign = digits[0] === "1" ? -1 : 1;
  const exponent = Number.parseInt(digits.slice(1, 6), 2);
  const fraction = Number.parseInt(digits.slice(6), 2);
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * 2 ** -14 * (fraction / 1024) : sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
