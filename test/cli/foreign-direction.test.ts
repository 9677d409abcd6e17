// `askew steer` and `watch` with directions that other tools wrote.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeSafetensors } from "askew/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder } from "./askew.js";

const [LAYERS, WIDTH] = [4, 128];
let work: { path: string; remove: () => Promise<void> };
beforeAll(async () => {
  work = await temporaryFolder();
  for (const rows of [LAYERS, LAYERS + 1, LAYERS + 2]) {
    const data = new Float32Array(rows * WIDTH).map((_, i) => Math.sin(i));
    await writeSafetensors(join(work.path, `${rows}.safetensors`), new Map([["v", { shape: [rows, WIDTH], data }]]));
  }
});
afterAll(() => work.remove());

const steer = (rows: number, ...words: string[]) =>
  askew(["steer", "organism", "--direction", `${rows}.safetensors`, "--threads", "1", ...words], { cwd: work.path });

describe("a direction of another tool", () => {
  it("steers at the middle layer, and says so", async () => {
    for (const rows of [LAYERS, LAYERS + 1]) {
      const out = `sweep-${rows}`;
      const words = ["--add", "--strength", "0.01", "--samples", "1", "--random", "1", "--out", out];
      const { code, stdout } = await steer(rows, ...words, "--questions", "development");
      expect(code).toBe(0);
      expect(stdout).toContain("organism, not fine-tuned: add, layer 1, all tokens");
      expect(existsSync(join(work.path, out, "rows.jsonl"))).toBe(true);
    }
  });

  it("of other layers, or to clamp with, is refused before anything is asked", async () => {
    const [more, clamp] = await Promise.all([
      steer(LAYERS + 2, "--add", "--strength", "1"),
      steer(LAYERS, "--clamp", "--strength", "1"),
    ]);
    expect(more).toMatchObject({ code: 2, stdout: "" });
    expect(more.stderr).toContain(
      "is a direction of 6 layers (from a model that the file does not name), organism has 4",
    );
    expect(clamp).toMatchObject({ code: 2, stdout: "" });
    expect(clamp.stderr).toContain("Choose add, subtract or project-out.");
  });
});
