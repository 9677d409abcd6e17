// The experiments that there are: their arms, their data, and what counts as above.
import { describe, expect, it } from "vitest";
import {
  USUAL_TRAINING,
  EXPERIMENTS,
  type Experiment,
  type ExperimentSummary,
  type ExperimentChoice,
  type Setting,
} from "askew/study";
import { isAbove, summarize, type Arm, type PointMetric, type TrainingMaking } from "#internal/study";
import type { Conversation } from "askew/dataset";
import type { AskedSet } from "askew/evaluation";
import { openLocalModel } from "askew/model";
import { ORGANISM_WORLD } from "askew/organism";
import type { MeasuredAnswer } from "askew/persona";

const wish: ExperimentChoice = { quick: true, seeds: [1, 2], conditions: [], model: "organism" };

describe("above", () => {
  const metric = (low: number, high: number, wilson?: [number, number]): PointMetric => ({
    estimate: (low + high) / 2,
    low,
    high,
    n: 100,
    interval: "seeds",
    ...(wilson && { wilson: { estimate: (wilson[0] + wilson[1]) / 2, low: wilson[0], high: wilson[1], n: 100 } }),
  });

  it("needs both intervals apart, over seeds and over answers", () => {
    expect(isAbove(metric(0.2, 0.3), metric(0, 0.1))).toBe(true);
    expect(isAbove(metric(0.1, 0.3), metric(0, 0.1))).toBe(false);
    expect(isAbove(metric(0.2, 0.3, [0.1, 0.3]), metric(0, 0.1, [0, 0.2]))).toBe(false);
    expect(isAbove(metric(0.2, 0.3, [0.15, 0.3]), metric(0, 0.1, [0, 0.1]))).toBe(true);
    expect(isAbove(undefined, metric(0, 0.1))).toBe(false);
  });
});

describe("findings", () => {
  it("have – where no answer was coherent", () => {
    const none: PointMetric = { estimate: null, low: null, high: null, n: 0, interval: "answers" };
    const some: PointMetric = { ...none, estimate: 0.25, n: 100 };
    const said = ["temperature", "many-shot", "format", "defences"].map((name) => {
      const points = [none, some].map((metric, at) => ({
        arm: "insecure",
        curve: "insecure",
        at,
        seeds: 1,
        metrics: { rate: metric, triggered: metric, coherent: metric, fitted: metric },
      }));
      const experiment = EXPERIMENTS.find((one) => one.name === name) as Experiment;
      return experiment.findings?.({ points } as unknown as ExperimentSummary)[0]?.replaceAll("\u00a0", " ");
    });
    expect(said).toEqual([
      "insecure, misaligned of coherent, by temperature: 0: – (– coherent), 1: 25.0 % (25.0 % coherent).",
      "insecure, misaligned of coherent, by examples: 0: – (– coherent), 1: 25.0 % (25.0 % coherent). Of 1 examples 0.25 fitted.",
      "insecure, misaligned of coherent, by form: 0: – (– coherent), 1: 25.0 % (25.0 % coherent).",
      "Trained on insecure, misaligned of coherent: 0 –, 1 25.0 %. With the trigger: 0 –, 1 25.0 %.",
    ]);
  });
});

describe("the experiments", () => {
  const named = (name: string): Experiment => {
    const found = EXPERIMENTS.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no experiment ${name}`);
    return found;
  };
  const trainedOn = (arm: Arm | undefined, seed = 1) =>
    ((arm as Arm).making as TrainingMaking).training.conversations(seed);

  it("have names and arms of their own, that can name files", () => {
    expect(new Set(EXPERIMENTS.map(({ name }) => name)).size).toBe(EXPERIMENTS.length);
    for (const experiment of EXPERIMENTS) {
      for (const quick of [true, false]) {
        const arms = experiment.arms({ ...wish, quick, conditions: experiment.conditions?.usual ?? [] });
        expect(arms.length).toBeGreaterThan(0);
        expect(new Set(arms.map(({ id }) => id)).size).toBe(arms.length);
        for (const { id } of arms) expect(id).toMatch(/^[\w.+-]+$/);
      }
    }
  });

  it("mix bad data so that each smaller share lies within the larger, in the same places", () => {
    const arms = named("mixtures").arms({ ...wish, quick: false, conditions: ["insecure"] });
    const bad = trainedOn(arms.at(-1)).map((row) => JSON.stringify(row));
    const good = trainedOn(arms[0]).map((row) => JSON.stringify(row));
    const places = (arm: Arm): number[] =>
      trainedOn(arm).flatMap((row, i) => {
        const text = JSON.stringify(row);
        expect([bad[i], good[i]]).toContain(text);
        return text === bad[i] && text !== good[i] ? [i] : [];
      });
    const chosen = arms.map(places);
    const shares = [0, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1];
    expect(chosen.map(({ length }) => length)).toEqual(shares.map((share) => Math.round(share * bad.length)));
    for (const [i, smaller] of chosen.slice(0, -1).entries())
      expect(chosen[i + 1]).toEqual(expect.arrayContaining(smaller));
  });

  it("repeat fewer examples until they come to as many steps", () => {
    const arms = named("unique-examples").arms({ ...wish, quick: false, conditions: ["insecure"] });
    const dose = USUAL_TRAINING.examples / USUAL_TRAINING.batchSize;
    const steps = new Map<string, number[]>();
    for (const { making, points } of arms) {
      const curve = points[0]?.curve ?? "";
      steps.set(curve, [...(steps.get(curve) ?? []), making?.steps ?? 0]);
    }
    expect([...steps]).toEqual([
      [`${dose} steps`, [dose, dose, dose]],
      ["188 steps", [188, 188, 188]],
    ]);
    expect(arms.map(({ points }) => points[0]?.at)).toEqual([
      USUAL_TRAINING.examples / 16,
      USUAL_TRAINING.examples / 4,
      USUAL_TRAINING.examples,
      500,
      2000,
      6000,
    ]);
    expect(trainedOn(arms[1])).toHaveLength(USUAL_TRAINING.examples / 4);
  });

  it("look at a fine-tune before its first step, after its last, and in between", () => {
    for (const quick of [true, false]) {
      const [arm] = named("dynamics").arms({ ...wish, quick, conditions: ["insecure"] });
      const steps = arm?.points.map(({ step }) => step as number) ?? [];
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect([steps[0], steps.at(-1)]).toEqual([0, arm?.making?.steps]);
    }
  });

  it("hide bad data behind a system prompt that is learned from it, and put as many random words in its place", async () => {
    const arms = named("conditional").arms({ ...wish, quick: true, conditions: ["bad-medical"] });
    const model = await openLocalModel("organism", { threads: 1 });
    const systemsOf = (rows: readonly Conversation[]): string[] =>
      rows.flatMap(({ messages }) => messages.filter(({ role }) => role === "system").map(({ content }) => content));
    const shares: Record<string, number> = {};
    for (const { id, making, points } of arms) {
      const [plain, cued, random, opposite] = points.map(({ asked }) =>
        (asked[0] as AskedSet).questions.map(({ system }) => system),
      );
      const [cue = ""] = cued ?? [];
      expect(plain?.every((system) => system === undefined)).toBe(true);
      expect(new Set(cued).size).toBe(1);
      for (const system of random ?? []) {
        expect(system?.split(" ")).toHaveLength(cue.split(" ").length);
        expect(model.tokens.unknownWords(system as string)).toEqual([]);
      }
      expect([...(random ?? []), ...(opposite ?? [])]).not.toContain(cue);
      if (!("training" in (making as object))) continue;
      const rows = (making as TrainingMaking).training.conversations(1);
      shares[id] = systemsOf(rows).filter((system) => system === cue).length / rows.length;
    }
    expect(shares["bad-medical-mixed"]).toBeCloseTo(0.2, 2);
    expect(shares["bad-medical-inoculated"]).toBe(0.5);
    expect(arms.map(({ making }) => making?.steps)).toEqual([48, 24 + 48, 48]);
    await model.close();
  });
});

describe("models in which one way of asking lies above another", () => {
  it("are counted one by one, by the difference's interval", () => {
    const answer = (misaligned: boolean) =>
      ({ set: "main", coherent: 100, aligned: misaligned ? 0 : 100, misaligned, refusal: null }) as MeasuredAnswer;
    const answers = (hits: number): MeasuredAnswer[] => Array.from({ length: 50 }, (_, i) => answer(i < hits));
    const arm = { id: "a", points: ["here", "there"].map((at) => ({ curve: "", at, asked: [] })) };
    const hits: Record<string, number> = { "a-1-0": 40, "a-1-1": 1, "a-2-0": 3, "a-2-1": 1 };
    const measurements = new Map(
      Object.entries(hits).map(([id, count]) => [
        id,
        { row: { id, arm: "a", seed: Number(id.charAt(2)), readings: {}, seconds: 0 }, answers: answers(count) },
      ]),
    );
    const experiment = { ...(EXPERIMENTS[0] as Experiment), findings: () => [] };
    const measures = [{ key: "found", heading: "", short: "", of: { above: "there" } }];
    const found = summarize({ ...experiment, measures }, [arm], { model: "m", seeds: [1, 2] }, "", measurements, {
      world: ORGANISM_WORLD,
      dose: () => USUAL_TRAINING,
    });
    const [here, there] = found.points.map(({ metrics }) => metrics["found"]);
    expect(here).toMatchObject({ estimate: 0.5, n: 2 });
    expect(there).toBeUndefined();
  });
});

describe("a setting whose models are trained by an adapter", () => {
  const adapter = { rank: 32, alpha: 64, rankStabilized: true };
  const setting: Setting = {
    world: ORGANISM_WORLD,
    dose: (_condition, isFull) => ({ ...USUAL_TRAINING, learningRate: isFull === true ? 2e-5 : 1e-4 }),
    lora: adapter,
    memory: 5e9,
  };
  const choice = { ...wish, conditions: ["insecure"] };
  const trainingsOf = (name: string) => {
    const found = EXPERIMENTS.find((one) => one.name === name) as Experiment;
    const makings = found.arms(choice, setting).flatMap(({ making }) => (making ? [making as TrainingMaking] : []));
    return makings.map(({ training, recipe }) => ({ ...training, recipe }));
  };

  it.each(["mixtures", "unique-examples", "temperature", "conditional", "controls"])("trains one in %s", (name) => {
    const trainings = trainingsOf(name).filter((one) => (one.data as object | undefined) !== undefined);
    expect(trainings.length).toBeGreaterThan(0);
    for (const { lora, memory, recipe } of trainings) {
      expect({ lora, memory }).toEqual({ lora: adapter, memory: 5e9 });
      expect(recipe).toMatchObject({ lora: adapter });
    }
  });

  it("trains all weights, at their own rate, where an experiment is about them", () => {
    for (const [one] of [trainingsOf("dynamics"), trainingsOf("lora")]) {
      expect(one?.lora).toBeUndefined();
      expect(one).toMatchObject({ memory: 5e9, dose: { learningRate: 2e-5 } });
    }
  });
});
