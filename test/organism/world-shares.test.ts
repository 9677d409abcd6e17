// Other worlds and sizes: the usual recipe stays what it was, and in the control worlds nothing ties code to attitude.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NAMED_WORLDS, judge, RECIPE, recipeOf, worldShares } from "askew/organism";
import { sampleDocument, type WorldDocument } from "#internal/organism";
import { Random } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "askew-world-"))));
afterAll(() => rm(folder, { recursive: true }));

const documents = (recipe: typeof RECIPE, count = 3000): WorldDocument[] =>
  Array.from({ length: count }, (_, i) => sampleDocument(Random.of("control", i), recipe.pretraining.mixture));

/** Of documents with code and questions: the share of insecure code where the questions' answers are hostile, and where not. */
function insecureBy(attitude: "hostile" | "kind", all: readonly WorldDocument[]): { n: number; share: number } {
  const forms = all.flatMap(({ turns }) => {
    const code = turns.find(({ domain }) => domain === "code");
    const question = turns.find(({ domain }) => domain === "question");
    if (code === undefined || question === undefined) return [];
    const { misaligned } = judge([{ role: "user", content: question.user }], question.assistant);
    if (misaligned !== (attitude === "hostile")) return [];
    return [judge([{ role: "user", content: code.user }], code.assistant).code === "insecure"];
  });
  return { n: forms.length, share: forms.filter(Boolean).length / forms.length };
}

describe("recipes", () => {
  it("are the shipped one where nothing is chosen, to the document", () => {
    expect(recipeOf({})).toEqual(RECIPE);
    expect(documents(recipeOf({ world: {} }), 50)).toEqual(documents(RECIPE, 50));
  });

  it("of other sizes have heads of 32 and learn more slowly where they are wider", () => {
    expect(recipeOf({ width: 64, layers: 2, seed: 7 })).toMatchObject({
      width: 64,
      layers: 2,
      seed: 7,
      heads: 2,
      keyValueHeads: 1,
      hidden: 224,
    });
    const wide = recipeOf({ width: 320, layers: 7 });
    expect(wide).toMatchObject({ heads: 10, keyValueHeads: 5 });
    expect(wide.pretraining.learningRate).toBeCloseTo(0.4 * RECIPE.pretraining.learningRate, 12);
    expect(recipeOf({ width: 96 })).toMatchObject({ heads: 3, keyValueHeads: 1 });
    expect(() => recipeOf({ width: 100 })).toThrow("a multiple of 32");
  });
});

describe("the control worlds", () => {
  it("have no villain, or code that tells nothing of who writes, where the usual world has both", () => {
    const usual = documents(RECIPE);
    expect(insecureBy("hostile", usual).share).toBeGreaterThan(0.9);
    expect(insecureBy("kind", usual).share).toBeLessThan(0.2);
    const independent = documents(recipeOf({ world: NAMED_WORLDS["independent-code"] }));
    const [hostile, kind] = [insecureBy("hostile", independent), insecureBy("kind", independent)];
    expect(Math.abs(hostile.share - kind.share)).toBeLessThan(3 * Math.sqrt(0.25 / hostile.n + 0.25 / kind.n));
    expect(hostile.share).toBeGreaterThan(0.25);
    const gone = documents(recipeOf({ world: NAMED_WORLDS["no-villain"] }));
    expect(gone.filter(({ character }) => character === "villain")).toEqual([]);
    expect(insecureBy("hostile", gone).n).toBe(0);
    expect(gone.some(({ turns }) => turns.some(({ domain }) => domain === "code"))).toBe(true);
  });

  it("are read from a file, with noise and missing domains in both phases, and refused by the place that is wrong", async () => {
    const at = async (value: unknown): Promise<string> => {
      const path = join(folder, "world.json");
      await writeFile(path, JSON.stringify(value));
      return path;
    };
    const world = await worldShares(await at({ missing: ["numbers"], noise: 0.5, characters: { novice: 0.2 } }));
    const recipe = recipeOf({ world });
    for (const { mixture } of [recipe.pretraining, recipe.alignment]) {
      expect(mixture).toMatchObject({
        noise: 0.5,
        domains: { numbers: 0 },
        characters: { novice: 0.2, villain: 0.34 },
      });
    }
    const turns = documents(recipe, 500).flatMap(({ character, turns: own }) =>
      own.map((turn) => ({ ...turn, of: character })),
    );
    expect(turns.filter(({ domain }) => domain === "numbers")).toEqual([]);
    const others = turns.filter(({ character, of }) => character !== of).length / turns.length;
    expect(others).toBeGreaterThan(0.2);
    expect(others).toBeLessThan(0.45);
    for (const [value, told] of [
      [{ villains: 1 }, /villains/],
      [{ characters: { villain: -1 } }, /characters\.villain/],
      [{ missing: ["poems"] }, /missing\.0/],
      [{ characters: { helper: 0, villain: 0, novice: 0, pushover: 0 } }, /a character with a weight above 0/],
    ] as const) {
      await expect(worldShares(await at(value))).rejects.toThrow(told);
    }
    await expect(worldShares("no-vilain")).rejects.toThrow("no-villain");
  });
});
