// Directions that other tools wrote: which row is which layer, and what of a pickle is read.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors, writeSafetensors } from "askew/onnx";
import {
  DirectionError,
  randomLike,
  readDirection,
  requireFit,
  steeringOf,
  vectorAt,
  writeDirection,
} from "askew/persona";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "../shared-data.js";
import { LAYERS, temporaryFolder, WIDTH } from "./tiny.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/directions/${name}`, import.meta.url));
const EVIL = fixture("evil_response_avg_diff.pt");

let work: { path: string; remove: () => Promise<void> };
beforeAll(async () => void (work = await temporaryFolder()));
afterAll(() => work.remove());
const at = (name: string): string => join(work.path, name);

/** Row r of the fixtures is 100 r, 100 r + 1, … */
const row = (r: number): number[] => Array.from({ length: WIDTH }, (_, i) => 100 * r + i);
const shape = { layers: LAYERS, width: WIDTH };
const model = { name: "tiny", weights: "a".repeat(64), base: "a".repeat(64) };

async function plain(name: string, rows: readonly number[][], tensor = "vector"): Promise<string> {
  await writeSafetensors(
    at(name),
    new Map([[tensor, { shape: [rows.length, WIDTH], data: Float32Array.from(rows.flat()) }]]),
  );
  return at(name);
}

describe("a direction of persona vectors", () => {
  it("has the embeddings first: its row L + 1 is the residual stream after layer L", async () => {
    const direction = await readDirection(EVIL, shape);
    expect(direction).toMatchObject({ layers: LAYERS, width: WIDTH });
    for (let layer = 0; layer < LAYERS; layer++) expect([...vectorAt(direction, layer)]).toEqual(row(layer + 1));
    expect(direction.recipe).toMatchObject({
      method: "file",
      variant: "answer-average",
      positive: "evil",
      layer: Math.floor((LAYERS - 1) / 2),
    });
    requireFit(EVIL, direction, shape, model);
    // Where nobody says how many layers there are, every row is one.
    const all = await readDirection(EVIL);
    expect(() => requireFit(EVIL, all, shape, model)).toThrow(
      `has ${LAYERS + 1} rows, and tiny has ${LAYERS} layers: the first row seems to be the embeddings`,
    );
    expect(() => requireFit(EVIL, direction, { layers: LAYERS + 2, width: WIDTH }, model)).toThrow(DirectionError);
    expect(() => requireFit(EVIL, direction, { layers: LAYERS, width: 8 }, model)).toThrow(/direction of width 16/);
  });

  it("steers, projects out and has random controls, but neither clamps nor caps", async () => {
    const direction = await readDirection(EVIL, shape);
    expect(steeringOf(direction, { mode: "subtract", layers: [1], strength: 2 })).toEqual([
      { layer: 1, add: Float32Array.from(row(2), (x) => -2 * x), tokens: "all" },
    ]);
    expect(steeringOf(direction, { mode: "project-out", layers: [0], strength: 1 })[0]).toMatchObject({ layer: 0 });
    expect(randomLike(direction, 1).vectors).toHaveLength(LAYERS * WIDTH);
    for (const mode of ["clamp", "cap"] as const) {
      expect(() => steeringOf(direction, { mode, layers: [1], strength: 1 })).toThrow(
        /needs to know where the negative texts lie .* Choose add, subtract or project-out/,
      );
    }
  });

  it("is the same once askew has written it again", async () => {
    const direction = await readDirection(EVIL, shape);
    await writeDirection(at("again.safetensors"), direction);
    expect(await readDirection(at("again.safetensors"))).toEqual(direction);
  });

  it("is read from a dictionary with a vector for each layer as well", async () => {
    const direction = await readDirection(fixture("by-layer.pt"), shape);
    expect(direction.layers).toBe(LAYERS);
    // bfloat16 keeps eight bits.
    expect(vectorAt(direction, 0)[1]).toBe(101);
    expect(vectorAt(direction, 2)[3]).toBe(304);
  });
});

describe("a plain safetensors file", () => {
  it("with as many rows as layers has row L after layer L; with one more, the embeddings first", async () => {
    const three = await readDirection(await plain("three.safetensors", [row(1), row(2), row(3)]), shape);
    const four = await readDirection(await plain("four.safetensors", [row(0), row(1), row(2), row(3)], "x"), shape);
    expect([...three.vectors]).toEqual([...four.vectors]);
    expect([...vectorAt(three, 2)]).toEqual(row(3));
    expect(three.recipe).toMatchObject({ method: "file", variant: "unknown", positive: "three" });
  });

  const published = sharedData("formats/vector_qwen2.5-7b.safetensors");
  it.skipIf(published.missing)("as published is read row by row", async () => {
    const direction = await readDirection(published.path, { layers: 28 });
    const raw = (await readSafetensors(published.path)).tensors.get("vector");
    expect(direction).toMatchObject({ layers: 28, width: 3584 });
    expect(direction.vectors).toEqual(raw?.data);
  });

  it("that holds something else is refused by what it holds", async () => {
    const tensor = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
    await writeSafetensors(
      at("two.safetensors"),
      new Map([
        ["W_enc", tensor],
        ["W_dec", tensor],
      ]),
    );
    await expect(readDirection(at("two.safetensors"), shape)).rejects.toThrow(
      /expected a direction: one tensor \[layers, width\], .* found "W_dec" \[2, 2\], "W_enc" \[2, 2\]\. Make one/,
    );
    await expect(readDirection(await plain("zero.safetensors", [row(1), row(2).map(() => 0), row(3)]))).rejects.toThrow(
      "found zeros for layer 1",
    );
    await expect(
      readDirection(await plain("nan.safetensors", [row(1), row(2).map(() => Number.NaN), row(3)])),
    ).rejects.toThrow("expected finite numbers");
  });
});

describe("a file of torch.save", () => {
  /** The fixture with its pickle, or another entry, changed. */
  async function changed(edit: (entries: Record<string, Uint8Array>) => void): Promise<string> {
    const entries = unzipSync(await readFile(EVIL));
    edit(entries);
    await writeFile(at("changed.pt"), zipSync(entries, { level: 0 }));
    return at("changed.pt");
  }
  const replaced = (from: string, to: string) => (entries: Record<string, Uint8Array>) => {
    const [name] = Object.keys(entries).filter((key) => key.endsWith("data.pkl")) as [string];
    entries[name] = strToU8(strFromU8(entries[name] as Uint8Array, true).replace(from, to), true);
  };

  it.each([
    [
      "names a function",
      replaced("torch._utils\n_rebuild_tensor_v2", "builtins\nprint"),
      /"builtins\.print", which is not read because it could run code/,
    ],
    ["names a storage of whole numbers", replaced("FloatStorage", "LongStorage"), /numbers of a LongStorage/],
    [
      "is cut short",
      (entries: Record<string, Uint8Array>) => {
        for (const [name, bytes] of Object.entries(entries))
          if (name.endsWith("data.pkl")) entries[name] = bytes.subarray(0, 80);
      },
      /found one that is cut short/,
    ],
    ["has an instruction that no tensor needs", replaced("\x89c", "\x81c"), /an instruction that no tensor needs/],
    ["reaches outside its numbers", replaced("K\x04K\x10", "K\x05K\x10"), /reaches outside its 256 bytes/],
    [
      "is of the other byte order",
      (entries: Record<string, Uint8Array>) => {
        for (const name of Object.keys(entries)) if (name.endsWith("byteorder")) entries[name] = strToU8("big");
      },
      /in the other order/,
    ],
  ])("that %s is refused", async (_, edit, said) => {
    await expect(readDirection(await changed(edit), shape)).rejects.toThrow(said);
  });

  it("from before PyTorch 1.6, or that is none, is refused with the cure", async () => {
    await writeFile(at("old.pt"), Buffer.from("\x80\x02\x8a\x0a", "latin1"));
    await expect(readDirection(at("old.pt"))).rejects.toThrow(
      /before PyTorch 1\.6\. Save the tensor alone, as safetensors/,
    );
    await writeFile(at("text.pt"), "hello");
    await expect(readDirection(at("text.pt"))).rejects.toThrow(/found another kind of file/);
    await expect(readDirection(at("gone.pt"))).rejects.toThrow(/found nothing there/);
    const torn = (await readFile(EVIL)).subarray(0, 900);
    await writeFile(at("torn.pt"), torn);
    await expect(readDirection(at("torn.pt"))).rejects.toThrow(/cut short or damaged/);
  });
});
