// Archives that say what is not so are refused by the entry's name; large ones are read by their wide numbers.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { Archive } from "#internal/store";
import { strToU8, zipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "askew-archive-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(bytes: Uint8Array): Promise<Archive> {
  const path = join(folder, "log.eval");
  writeFileSync(path, bytes);
  return Archive.open(path);
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const read = open(bytes).then((archive) => archive.names.map((name) => archive.text(name)));
  return await read.then(
    () => "nothing was refused",
    (error: unknown) => String(error),
  );
}

const HEADER = '{"version":2}';
const SAMPLE = '{"id":"one","epoch":1}';

/** Two entries, packed; `edit` gets the place in the directory of the second. */
function edited(level: 0 | 6, edit: (view: DataView, entry: number, local: number) => void): Uint8Array {
  const bytes = zipSync({ "header.json": strToU8(HEADER), "samples/1.json": strToU8(SAMPLE) }, { level });
  const entry = Buffer.from(bytes).lastIndexOf("samples/1.json") - 46;
  const local = Buffer.from(bytes).indexOf("samples/1.json") - 30;
  edit(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), entry, local);
  return bytes;
}

describe("an archive", () => {
  it("is read whatever it is packed with", async () => {
    for (const level of [0, 6] as const) {
      const archive = await open(edited(level, () => undefined));
      expect(archive.names).toEqual(["header.json", "samples/1.json"]);
      expect(archive.text("samples/1.json")).toBe(SAMPLE);
    }
  });

  it("with another checksum than its content has is refused by the entry's name", async () => {
    const right = crc32(Buffer.from(SAMPLE)).toString(16).padStart(8, "0");
    for (const level of [0, 6] as const) {
      const wrong = edited(level, (view, entry) => view.setUint32(entry + 16, 1, true));
      expect(await refusal(wrong)).toMatch(
        new RegExp(`"samples/1.json" is damaged: expected the checksum 00000001, found ${right}. Copy the file again`),
      );
    }
    // One flipped letter in what is stored: still JSON, another answer.
    const flipped = edited(0, (view, _entry, local) => view.setUint8(local + 30 + 14 + 8, 0x58));
    expect(await refusal(flipped)).toMatch(/"samples\/1.json" is damaged: expected the checksum/);
  });

  it("that has a name twice is refused by the name", async () => {
    const twice = Buffer.from(zipSync({ "samples/1.json": strToU8(SAMPLE), "samples/2.json": strToU8("{}") }));
    for (let at = twice.indexOf("samples/2"); at !== -1; at = twice.indexOf("samples/2", at))
      twice.write("samples/1", at);
    expect(await refusal(twice)).toContain(
      "ArchiveError: " + join(folder, "log.eval") + ': "samples/1.json" is in the archive twice.',
    );
  });

  it.each([
    [42, 0x7fffffff, '"samples/1.json" begins at byte 2147483647, outside the archive'],
    [42, 5, '"samples/1.json" is not at byte 5, where the directory says'],
    [42, 0, '"samples/1.json" has another name ("header.json") at its place'],
    [20, 100_000, '"samples/1.json" ends at byte 100'],
  ])("whose entry lies in its directory (field %i says %i) is refused by the name", async (field, value, expected) => {
    expect(await refusal(edited(0, (view, entry) => view.setUint32(entry + field, value, true)))).toContain(expected);
  });

  it("whose entry is another size than it says, or encrypted, is refused by the name", async () => {
    for (const size of [SAMPLE.length - 1, SAMPLE.length + 1]) {
      const liar = edited(6, (view, entry) => view.setUint32(entry + 24, size, true));
      expect(await refusal(liar)).toMatch(/"samples\/1.json" is damaged \(it unpacks to/);
    }
    const locked = edited(6, (view, entry) => view.setUint16(entry + 8, 1, true));
    expect(await refusal(locked)).toContain('"samples/1.json" is encrypted. Unpack it with its password first.');
  });

  it("whose directory is outside or cut short is refused", async () => {
    const end = (view: DataView): number => view.byteLength - 22;
    const outside = edited(6, (view) => view.setUint32(end(view) + 16, 1_000_000, true));
    expect(await refusal(outside)).toContain("its directory begins at byte 1000000, outside the archive");
    const more = edited(6, (view) => view.setUint16(end(view) + 10, 3, true));
    expect(await refusal(more)).toContain("its directory is cut short or damaged at entry 3 of 3");
    const longName = edited(6, (view, entry) => view.setUint16(entry + 28, 60_000, true));
    expect(await refusal(longName)).toContain("its directory is cut short or damaged at entry 2 of 2");
    expect(await refusal(Buffer.from("PK\x05\x06"))).toContain("it has no directory at its end");
  });

  it("with wide numbers, as large ones have them, is read, and refused where they point outside", async () => {
    const archive = await open(wide({ size: BigInt(SAMPLE.length), at: 0n }));
    expect(archive.text("samples/1.json")).toBe(SAMPLE);
    expect(await refusal(wide({ size: BigInt(SAMPLE.length), at: 1n << 60n }))).toMatch(/begins at byte 11529215\d+/);
    expect(await refusal(wide({ size: 1n << 60n, at: 0n }))).toContain("unpacks to more than 256 MiB");
  });
});

/** One stored entry whose sizes and place stand in the extra field, with the wide end of the directory. */
function wide({ size, at }: { readonly size: bigint; readonly at: bigint }): Buffer {
  const name = Buffer.from("samples/1.json");
  const content = Buffer.from(SAMPLE);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt32LE(crc32(content), 16);
  for (const field of [20, 24, 42]) entry.writeUInt32LE(0xffffffff, field);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt16LE(28, 30);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(size, 4);
  extra.writeBigUInt64LE(BigInt(content.length), 12);
  extra.writeBigUInt64LE(at, 20);
  const start = local.length + name.length + content.length;
  const wideEnd = Buffer.alloc(56);
  wideEnd.writeUInt32LE(0x06064b50, 0);
  wideEnd.writeBigUInt64LE(1n, 32);
  wideEnd.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(start + entry.length + name.length + extra.length), 8);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(0xffff, 10);
  end.writeUInt32LE(0xffffffff, 16);
  return Buffer.concat([local, name, content, entry, name, extra, wideEnd, locator, end]);
}
