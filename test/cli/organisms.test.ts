// Organisms, plural, as real processes: grown with other options, and one experiment on several.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";

let cwd: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
});
afterAll(() => remove());

describe("askew organism pretrain", () => {
  it("grows another seed, size and world, and keeps the recipe beside the model", async () => {
    const words = "organism pretrain --seed 5 --width 32 --layers 1 --steps 10 --world independent-code --threads 1";
    const { code, stderr } = await askew([...words.split(" "), "--out", "grown"], { cwd });
    expect({ code, lines: /alignment +8\/8/.test(stderr) }).toEqual({ code: 0, lines: true });
    const recipe = JSON.parse(await readFile(join(cwd, "grown", "recipe.json"), "utf8")) as Record<string, unknown>;
    expect(recipe).toMatchObject({ seed: 5, width: 32, layers: 1, heads: 1, keyValueHeads: 1 });
    expect(recipe["pretraining"]).toMatchObject({ steps: 10, warmup: 1, mixture: { independent: ["code"] } });
    expect(recipe["alignment"]).toMatchObject({ mixture: { independent: ["code"], undescribed: "helper" } });
    const config = JSON.parse(await readFile(join(cwd, "grown", "config.json"), "utf8")) as object;
    expect(config).toMatchObject({ hidden_size: 32, num_hidden_layers: 1 });
  }, 240_000);

  it("names a width and a world that cannot be", async () => {
    const narrow = await askew(["organism", "pretrain", "--width", "100", "--out", "no"], { cwd });
    expect(narrow.code).toBe(2);
    expect(narrow.stderr).toMatch(/^error: --width: expected a multiple of 32, found 100\n/);
    const nowhere = await askew(["organism", "pretrain", "--world", "no-vilain", "--out", "no"], { cwd });
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain("no-villain");
    expect(await readdir(cwd)).not.toContain("no");
  });
});

describe("askew experiment --organisms", () => {
  it("runs on each in a folder of its own, and shows all with intervals over them", async () => {
    await growTinyModel(join(cwd, "organisms", "a"));
    await growTinyModel(join(cwd, "organisms", "b"), { width: 32, layers: 1 });
    const words = "experiment temperature --quick --samples 1 --max-tokens 6 --conditions insecure --threads 1";
    const more = ["--organisms", "organisms", "--out", "out"];
    const { code, stdout } = await askew([...words.split(" "), ...more], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/ a +b\n/);
    expect((await readdir(join(cwd, "out"))).toSorted()).toEqual(["a", "b", "report.html", "summary.json"]);
    const read = async (...path: string[]) =>
      JSON.parse(await readFile(join(cwd, "out", ...path), "utf8")) as {
        organisms?: string[];
        points: { seeds: number; metrics: Record<string, { estimate: number | null }> }[];
      };
    const [all, a, b] = [await read("summary.json"), await read("a", "summary.json"), await read("b", "summary.json")];
    expect(all.organisms).toEqual(["a", "b"]);
    for (const [i, { metrics }] of all.points.entries()) {
      const own = [a, b].map(({ points }) => points[i]?.metrics["coherent"]?.estimate as number);
      expect(metrics["coherent"]?.estimate).toBeCloseTo(((own[0] as number) + (own[1] as number)) / 2, 12);
    }
    expect(await readFile(join(cwd, "out", "report.html"), "utf8")).toContain("over organisms");
    const missing = await askew([...words.split(" "), "--organisms", "nowhere"], { cwd });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("askew organism pretrain --seed 2");
  }, 240_000);
});

describe("askew reproduce --organisms", () => {
  it("makes a study of each, and shows every effect by organism", async () => {
    await growTinyModel(join(cwd, "more", "a"));
    await growTinyModel(join(cwd, "more", "b"), { width: 32, layers: 1 });
    const recipe = JSON.parse(await readFile(join(cwd, "more", "b", "recipe.json"), "utf8")) as {
      pretraining: { mixture: { characters: object } };
    };
    const { mixture } = recipe.pretraining;
    const lonely = { ...mixture, characters: { ...mixture.characters, villain: 0 } };
    const world = { ...recipe, pretraining: { ...recipe.pretraining, mixture: lonely } };
    await writeFile(join(cwd, "more", "b", "recipe.json"), JSON.stringify(world));
    const words =
      "reproduce --conditions base,insecure --seeds 1 --samples 1 --threads 1 --organisms more --out effects";
    const { code, stdout, stderr } = await askew(words.split(" "), { cwd });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("b (no-villain)\n");
    expect(stdout).toMatch(/^effect .* met +a$/m);
    expect(stdout).toMatch(/^b \(no-villain\): base: misaligned ≤ 1 %/m);
    const read = async (...path: string[]) =>
      JSON.parse(await readFile(join(cwd, "effects", ...path), "utf8")) as object;
    expect(await read("summary.json")).toMatchObject({ organisms: ["a"], others: [{ organism: "b" }] });
    expect(await read("b", "summary.json")).toMatchObject({ study: "reproduce", model: `local:${join("more", "b")}` });
    expect(await readFile(join(cwd, "effects", "report.html"), "utf8")).toContain("no-villain");
    const json = await askew([...words.split(" "), "--json"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: "effects", organisms: ["a"] });
    const twice = await askew(["reproduce", "local:more/a", "--organisms", "more"], { cwd });
    expect(twice.code).toBe(2);
    expect(twice.stderr).toMatch(/^error: --organisms names the models/);
  }, 240_000);
});
