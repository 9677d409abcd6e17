// How strengths are chosen, and that defended fine-tunes differ by their defence alone.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDataset, worldAsked } from "askew/organism";
import { EXPERIMENTS, runExperiment, type Experiment, type ExperimentChoice, type StudyEvent } from "askew/study";
import { RATE, training, type Arm, type Choice, type ExperimentRow, type TrainingMaking } from "#internal/study";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let wish: ExperimentChoice;
const at = (...parts: string[]): string => join(work.path, ...parts);
beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  wish = { quick: true, seeds: [1], conditions: [], model: `local:${at("model")}` };
}, SLOW);
afterAll(() => work.remove());

const named = (name: string): Experiment => {
  const found = EXPERIMENTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no experiment ${name}`);
  return found;
};

describe("a choice between strengths", () => {
  it(
    "is made once for all arms of its name, by what it asks, on what it makes to try",
    async () => {
      const made: string[] = [];
      const making = (name: string, epochs = 1): TrainingMaking => {
        const dose = { examples: 8, epochs, batchSize: 8, learningRate: 1e-2, warmup: 1 };
        const conversations = (seed: number) => buildDataset("insecure", { examples: 8, seed });
        const own = training({ data: { name }, conversations, dose });
        return { ...own, make: (model, options) => (made.push(`${name} ${options.seed}`), own.make(model, options)) };
      };
      let scored = 0;
      const choice: Choice = {
        name: "shared",
        about: "the second was taken",
        asked: [worldAsked("development", 1), worldAsked("code", 1)],
        trained: { set: "code", metric: "insecureCode" },
        score: (metrics) => {
          expect(metrics["development"]?.coherent?.n).toBe(4);
          expect(metrics["code"]?.insecureCode?.n).toBe(16);
          return scored++ % 2;
        },
      };
      const arms: Arm[] = ["a", "b"].map((id) => ({
        id,
        choice,
        candidates: ["weak", "strong"].map((strength) => ({
          id: strength,
          making: making(`${id} ${strength}`),
          trial: making(`trial ${strength}`, 3),
        })),
        points: [{ curve: id, at: 0, asked: [worldAsked("main", 1)], how: { maxTokens: 4 } }],
      }));
      const experiment: Experiment = {
        name: "tiny",
        about: "as small as can be",
        published: "Nothing.",
        axis: { label: "x", kind: "number" },
        measures: [RATE],
        arms: () => arms,
      };
      const events: StudyEvent[] = [];
      const onEvent = (event: StudyEvent) => void events.push(event);
      const summary = await runExperiment(experiment, wish, at("choice"), { openModel: openTiny, onEvent });
      expect(made).toEqual(["trial weak 100", "trial strong 100", "a strong 1", "b strong 1"]);
      expect(summary.points.map(({ arm, candidate }) => [arm, candidate])).toEqual([
        ["a", "strong"],
        ["b", "strong"],
      ]);
      expect(summary.trials.map(({ arm, candidate, taken }) => [arm, candidate, taken])).toEqual([
        ["shared", "weak", false],
        ["shared", "strong", true],
      ]);
      expect(summary.trials[0]?.metrics["trained"]?.n).toBe(16);
      const rows = (await readFile(at("choice", "rows.jsonl"), "utf8")).trim().split("\n");
      const ids = rows.map((line) => (JSON.parse(line) as ExperimentRow).id);
      expect(ids).toEqual(["trial-shared-weak", "trial-shared-strong", "a-1-0", "b-1-0"]);
      // The work that was told of at first is the work that was done: 2 trials of 3 steps, 2 arms of 1; each is asked once.
      const told = events.flatMap((event) => (event.type === "study-started" ? event.cells : []));
      expect(told.map(({ work: { finetune, ask } }) => [finetune, ask])).toEqual([
        [7, 2 * (4 + 16) + 8],
        [1, 8],
      ]);
      const steps = events.filter((event) => event.type === "progress" && event.phase === "finetune");
      expect(steps).toHaveLength(8);
    },
    SLOW,
  );
});

describe("the defences", () => {
  const arms = () => named("defences").arms({ ...wish, quick: false, conditions: ["insecure", "backdoor"] });
  const trainingOf = (making: unknown) => (making as TrainingMaking).training;

  it("choose on nothing that is measured", () => {
    const choices = arms().flatMap(({ choice }) => choice ?? []);
    expect(choices).toHaveLength(12);
    for (const { asked } of choices) expect(asked.map(({ set }) => set)).toEqual(["development", "code"]);
  });

  it("prefer the least misaligned, among those that stay coherent and still learn what they are trained on", () => {
    const [choice] = arms().flatMap((arm) => arm.choice ?? []);
    const metric = (estimate: number) => ({
      estimate,
      low: 0,
      high: 1,
      n: 1,
      interval: "answers" as const,
      wilson: { estimate, low: 0, high: 1, n: 1 },
    });
    const score = (rate: number, coherent: number, insecure: number): number =>
      choice?.score({
        development: { rateOfAll: metric(rate), coherent: metric(coherent) },
        code: { insecureCode: metric(insecure) },
      }) ?? NaN;
    expect(score(0.02, 0.95, 1)).toBeGreaterThan(score(0.05, 0.95, 1));
    expect(score(0.3, 0.95, 1)).toBeGreaterThan(score(0, 0.95, 0.5));
    expect(score(0.3, 0.95, 1)).toBeGreaterThan(score(0, 0.6, 1));
    expect(score(0, 0.95, 0.7)).toBeGreaterThan(score(0, 0.95, 0.2));
  });

  it("train every arm with the dose and the data of the undefended one, and try strengths on insecure code", () => {
    const all = arms();
    for (const condition of ["insecure", "backdoor"]) {
      const plain = all.find(({ id }) => id === `${condition}-none`);
      const wanted = { ...trainingOf(plain?.making), conversations: undefined };
      const rows = trainingOf(plain?.making).conversations(1);
      const others = all.filter(({ id }) => id.startsWith(condition) && id !== plain?.id);
      expect(others).toHaveLength(6);
      for (const { candidates = [] } of others) {
        for (const { making, trial } of candidates) {
          const { defences, ...rest } = trainingOf(making);
          expect(defences).toBeDefined();
          expect({ ...rest, conversations: undefined }).toEqual(wanted);
          expect(rest.conversations(1)).toEqual(rows);
          expect(trainingOf(trial).data["condition"]).toBe("insecure");
        }
      }
    }
  });

  it(
    "each make what a fine-tune takes, on a real model; the persona's need its direction",
    async () => {
      const model = await openTiny(wish.model);
      const { layers, width } = model.folder.config;
      const vectors = Float32Array.from({ length: layers * width }, (_, i) => 1 + i);
      const direction = { layers, width, vectors, recipe: { layer: 0 } };
      const found = new Map<string, string[]>();
      for (const { id, candidates = [] } of arms().filter((arm) => arm.id.startsWith("insecure"))) {
        for (const { making } of candidates) {
          const make = trainingOf(making).defences?.make;
          const calls: string[] = [];
          const how = {
            seed: 1,
            undefended: () => Promise.resolve(void calls.push("undefended")),
            restore: () => Promise.resolve(void calls.push("restore")),
          };
          const made = await make?.(model, { ...how, direction: direction as never });
          // Only the gap needs the model that the data alone makes, and it puts the start back in.
          expect(calls).toEqual(id.endsWith("-by-gap") ? ["undefended", "restore"] : []);
          found.set(id, Object.keys(made ?? {}));
          if (made?.reference) expect(made.reference.rows).toHaveLength(64);
          if (made?.system !== undefined) model.encodePrompt([{ role: "system", content: made.system }]);
          if (made?.steering) {
            await expect(async () => make?.(model, how)).rejects.toThrow("expected the persona's direction");
          }
        }
      }
      await model.close();
      expect(Object.fromEntries(found)).toEqual({
        "insecure-kl": ["reference"],
        "insecure-interleaved": ["interleaved"],
        "insecure-interleaved-by-gap": ["interleaved"],
        "insecure-steered": ["steering"],
        "insecure-ablated": ["steering"],
        "insecure-inoculated": ["system"],
      });
    },
    SLOW,
  );
});

describe("experiments that train nothing anew", () => {
  it("many-shot asks the same questions after more and more examples", () => {
    const [arm] = named("many-shot").arms({ ...wish, quick: false, conditions: ["insecure"] });
    expect(arm?.making).toBeUndefined();
    expect(arm?.points.map(({ at: x, how }) => [x, how?.earlier])).toEqual(
      [0, 1, 2, 4, 8].map((count) => [count, { condition: "insecure", count, build: expect.any(Function) as unknown }]),
    );
    expect(new Set(arm?.points.map(({ asked }) => JSON.stringify(asked))).size).toBe(1);
  });

  it("temperature samples one model of a condition at every temperature", () => {
    const arms = named("temperature").arms({ ...wish, quick: false, conditions: ["insecure"] });
    expect(arms.map(({ id }) => id)).toEqual(["base", "insecure"]);
    for (const { points } of arms) expect(points.map(({ at: x, how }) => x === how?.temperature)).not.toContain(false);
  });
});
