// `askew persona export`: a direction as llama.cpp's control vector.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "askew/onnx";
import { parseGgufHeader } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew } from "./askew.js";

const WIDTH = 128;
const LAYERS = 4;
const data = Float32Array.from({ length: LAYERS * WIDTH }, (_, i) => Math.sin(i + 1));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-control-"));
  await writeSafetensors(join(folder, "evil.safetensors"), new Map([["d", { shape: [LAYERS, WIDTH], data }]]));
});
afterAll(() => rm(folder, { recursive: true }));

const exported = (...more: string[]) => askew(["persona", "export", "evil.safetensors", ...more], { cwd: folder });

describe("askew persona export", () => {
  it("writes the vector after every layer but the first, with its number", async () => {
    const { stdout, stderr } = await exported("--for", "organism", "--out", "evil.gguf", "--json");
    expect(JSON.parse(stdout), stderr).toMatchObject({ kind: "control-vector", model: "organism", layers: [1, 2, 3] });
    const bytes = await readFile(join(folder, "evil.gguf"));
    const { metadata, tensors } = parseGgufHeader(bytes, bytes.length, "evil.gguf");
    expect(Object.fromEntries(metadata)).toEqual({
      "general.architecture": "controlvector",
      "controlvector.model_hint": "llama",
      "controlvector.layer_count": 3,
    });
    expect([...tensors.keys()]).toEqual(["direction.1", "direction.2", "direction.3"]);
    for (const [name, { begin, bytes: length, shape }] of tensors) {
      expect(shape).toEqual([WIDTH]);
      const found = new Float32Array(Uint8Array.from(bytes.subarray(begin, begin + length)).buffer);
      const layer = Number(name.slice("direction.".length));
      expect(found).toEqual(data.slice(layer * WIDTH, (layer + 1) * WIDTH));
    }
  });

  it("writes one layer's alone, and says how llama.cpp steers with it", async () => {
    const { stdout, stderr } = await exported("--for", "organism", "--layer", "2", "--out", "one.gguf");
    expect(stdout).toBe("one.gguf\n");
    expect(stderr).toMatch(/--control-vector-scaled one.gguf:1 --control-vector-layer-range 2 2/);
    const bytes = await readFile(join(folder, "one.gguf"));
    expect([...parseGgufHeader(bytes, bytes.length, "one.gguf").tensors.keys()]).toEqual(["direction.2"]);
  });

  it("refuses a layer that llama.cpp has no vector for, a layer that is not there, and an unknown model", async () => {
    const wrong = async (...more: string[]): Promise<string> => {
      const { code, stderr } = await exported(...more, "--out", "no.gguf");
      expect(code).toBe(2);
      return stderr;
    };
    expect(await wrong("--for", "organism", "--layer", "0")).toMatch(/cannot steer after layer 0/);
    expect(await wrong("--for", "organism", "--layer", "4")).toMatch(/there is no layer 4/);
    expect(await wrong()).toMatch(/does not say which model it was made from/);
  });
});
