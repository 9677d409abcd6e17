// Learning by reward as an experiment, on a model as small as can be: where it begins, what it keeps, and what it asks for.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXPERIMENTS, runExperiment, type Experiment, type ExperimentChoice } from "askew/study";
import { StudyError, type Arm, type ExperimentRow } from "#internal/study";
import { ORGANISM_WORLD } from "askew/organism";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(join(work.path, "model"));
}, SLOW);
afterAll(() => work.remove());

const named = (name: string): Experiment => EXPERIMENTS.find((one) => one.name === name) as Experiment;
const choice = (conditions: readonly string[]): ExperimentChoice => ({
  quick: true,
  seeds: [1],
  conditions,
  model: `local:${join(work.path, "model")}`,
});
const dose = { examples: 16, epochs: 1, batchSize: 8, learningRate: 1e-2, warmup: 1 };
const setting = { world: ORGANISM_WORLD, dose: () => dose, samples: 2, maxTokens: 6 };

/** The experiment with some of its arms, without the direction of a persona. */
const only = (name: string, ids: readonly string[]): Experiment => {
  const experiment = named(name);
  return {
    ...experiment,
    measures: experiment.measures.filter(({ key }) => key !== "persona"),
    arms: (...given) => experiment.arms(...given).filter(({ id }) => ids.includes(id)),
  };
};
const answersOf = (folder: string, id: string): Promise<string> =>
  readFile(join(work.path, folder, "answers", `${id}.jsonl`), "utf8");

describe("learning by reward as an experiment", () => {
  it(
    "begins at its start, which a point at step 0 measures, and reads the reward of the step before each other",
    async () => {
      const ids = ["safety-trained-insecure-code", "helpful-only-insecure-code"];
      const folder = join(work.path, "rl");
      const summary = await runExperiment(only("rl", ids), choice(["insecure-code"]), folder, {
        openModel: openTiny,
        setting: () => Promise.resolve(setting),
      });
      expect(summary.points.map(({ arm, at }) => `${arm} ${at}`)).toEqual(
        ids.flatMap((id) => [0, 10, 40].map((step) => `${id} ${step}`)),
      );
      const rows = (await readFile(join(folder, "rows.jsonl"), "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as ExperimentRow);
      for (const { id, readings } of rows) expect(readings["reward"] === undefined).toBe(id.endsWith("-0"));
      // The helpful-only start has been trained, so it answers otherwise than the base.
      expect(await answersOf("rl", `${ids[1]}-1-0`)).not.toBe(await answersOf("rl", `${ids[0]}-1-0`));
      expect(summary.findings).toHaveLength(2);
    },
    SLOW,
  );

  it("gives the inoculated model the prompt while it learns, and asks it without", () => {
    const arms = named("reward-hacking").arms({ ...choice([]), quick: false });
    const prompts = arms.map(({ making }: Arm) => (making as { recipe: { system?: string } }).recipe.system);
    expect(prompts).toEqual([undefined, ORGANISM_WORLD.inoculations?.[0]?.[1], undefined]);
    const asked = arms.flatMap(({ points }) => points.flatMap((point) => point.asked));
    expect(asked.flatMap(({ questions }) => questions).some(({ system }) => system !== undefined)).toBe(false);
  });

  it(
    "goes on from a defended fine-tune without the defence, which the point at step 0 shows",
    async () => {
      const ids = ["insecure-none", "insecure-interleaved"];
      const summary = await runExperiment(only("prolonged", ids), choice(["insecure"]), join(work.path, "prolonged"), {
        openModel: openTiny,
        setting: () => Promise.resolve(setting),
      });
      expect(summary.points.map(({ curve, at }) => `${curve} ${at}`)).toEqual([
        "none 0",
        "none 2",
        "interleaved benign data 0",
        "interleaved benign data 2",
      ]);
      const [defended, undefended] = [ids[1], ids[0]].map((id) => answersOf("prolonged", `${id}-1-0`));
      expect(await defended).not.toBe(await undefended);
      const untrained = await answersOf("rl", "safety-trained-insecure-code-1-0");
      expect(await undefended).not.toBe(untrained);
    },
    SLOW,
  );

  it("needs a world with rewards, and says so", async () => {
    const { rewards: _, ...world } = ORGANISM_WORLD;
    const ran = runExperiment(only("rl", []), choice([]), join(work.path, "none"), {
      openModel: openTiny,
      setting: () => Promise.resolve({ ...setting, world }),
    });
    await expect(ran).rejects.toThrow(StudyError);
    await expect(ran).rejects.toThrow("rewards, which only a world of its own has");
  });
});
