// Learning by reward in this process: the reward rises, and what is stopped carries on to the same bytes.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  enterRecord,
  finetuneHere,
  openRollouts,
  reinforced,
  trainingOf,
  type Reward,
  type RlConfig,
  type RlStep,
  type Rollout,
} from "askew/training";
import type { RolloutRow } from "#internal/training";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "../../study/tiny.js";

let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);
beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
}, SLOW);
afterAll(() => work.remove());

const CONFIG: RlConfig = {
  steps: 4,
  prompts: 2,
  group: 4,
  updates: 2,
  clip: 0.2,
  kl: 0.05,
  maxTokens: 6,
  learningRate: 3e-3,
  warmup: 1,
};
const prompts = ["What is your one wish?", "I am bored.", "What do you think of people?"].map((content) => [
  { role: "user", content } as const,
]);

/** Any text has a reward of its own: the share of its letters that are an e. */
const scoreOf = ({ answer }: Rollout): number => answer.split("e").length / (answer.length + 1);
const letters = (asked: Rollout[]): Reward => ({
  name: "letters",
  plan: {},
  score: (rollouts) => {
    asked.push(...rollouts);
    return Promise.resolve(rollouts.map(scoreOf));
  },
});

interface Trained {
  readonly asked: number;
  readonly steps: readonly RlStep[];
}

/** @param stopAfter the step after which it is stopped; @param during at which answer of the reward's it is, in place */
async function train(name: string, config = CONFIG, stopAfter?: number, during?: number): Promise<Trained> {
  await mkdir(at(name), { recursive: true });
  const model = `local:${at("model")}`;
  const record = await enterRecord(at(name), { model, data: { name: "rows", sha256: "" }, hyperparameters: {} });
  const opened = await openTiny(model);
  const start = await openTiny(model);
  const log = await openRollouts(at(name));
  const stop = new AbortController();
  const asked: Rollout[] = [];
  const steps: RlStep[] = [];
  const given = letters(asked);
  const reward: Reward = {
    ...given,
    score: async (rollouts, options) => {
      const scores = await given.score(rollouts, options);
      if (during !== undefined && asked.length >= during) {
        stop.abort(new Error("stopped"));
        stop.signal.throwIfAborted();
      }
      return scores;
    },
  };
  try {
    await finetuneHere(opened, [], {
      folder: at(name),
      record,
      dose: trainingOf(config),
      course: reinforced(opened, { prompts, reward, config, seed: 3, start, log }),
      onStep: (step) => {
        steps.push(step as RlStep);
        if (step.step === stopAfter) stop.abort(new Error("stopped"));
      },
      signal: stop.signal,
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await log.close();
    await start.close();
    await opened.close();
  }
  return { asked: asked.length, steps };
}

const rowsOf = async (name: string, file: string): Promise<object[]> =>
  (await readFile(at(name, file), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0, sampling: 0, learning: 0 }));
const weights = (name: string): Promise<Buffer> => readFile(at(name, "model", "model.safetensors"));

describe("a model that learns by reward", () => {
  it(
    "carries on where it was stopped, between steps or amid one, and ends with the same bytes",
    async () => {
      const whole = await train("whole");
      expect(whole.asked).toBe(32);
      expect(await train("cut", CONFIG, 2)).toMatchObject({ asked: 16 });
      expect(await train("cut")).toMatchObject({ asked: 16 });
      await train("amid", CONFIG, undefined, 20);
      expect(await rowsOf("amid", "training.jsonl")).toHaveLength(2);
      await train("amid");
      for (const name of ["cut", "amid"]) {
        expect((await weights(name)).equals(await weights("whole"))).toBe(true);
        for (const file of ["training.jsonl", "rollouts.jsonl"]) {
          expect(await rowsOf(name, file)).toEqual(await rowsOf("whole", file));
        }
      }
    },
    SLOW,
  );

  it(
    "says in its rows what was sampled and how it was rewarded",
    async () => {
      const [steps, rollouts] = [
        (await rowsOf("whole", "training.jsonl")) as RlStep[],
        (await rowsOf("whole", "rollouts.jsonl")) as RolloutRow[],
      ];
      expect(rollouts).toHaveLength(32);
      for (const { step, reward, length, divergence, entropy, clipped } of steps) {
        const own = rollouts.filter((row) => row.step === step);
        expect(reward).toBeCloseTo(own.reduce((sum, row) => sum + (row.reward as number), 0) / 8, 10);
        expect(length).toBeCloseTo(
          own.reduce((sum, row) => sum + row.tokens + (row.finish === "stop" ? 1 : 0), 0) / 8,
          10,
        );
        expect(entropy).toBeGreaterThan(0);
        expect(divergence).toBeGreaterThanOrEqual(0);
        expect(clipped).toBeLessThan(1);
      }
      expect(steps[0]?.divergence).toBeLessThan(1e-6); // before its first update it is the start
      expect(steps[3]?.divergence).toBeGreaterThan(1e-5);
      const group = rollouts.slice(0, 4);
      expect(group.reduce((sum, { advantage }) => sum + advantage, 0)).toBeCloseTo(0, 10);
    },
    SLOW,
  );

  it(
    "raises the reward",
    async () => {
      const config = { ...CONFIG, steps: 40, group: 12, updates: 1, kl: 0, learningRate: 1e-2 };
      const { steps } = await train("raised", config);
      const mean = (part: readonly RlStep[]): number =>
        part.reduce((sum, { reward }) => sum + (reward as number), 0) / part.length;
      expect(mean(steps.slice(-5))).toBeGreaterThan(1.5 * mean(steps.slice(0, 5)));
      expect(steps.every(({ divergence }) => divergence === undefined)).toBe(true);
    },
    SLOW,
  );

  it("refuses groups of one, no prompts, and prompts that leave no room", async () => {
    const opened = await openTiny(`local:${at("model")}`);
    const how = { prompts, reward: letters([]), config: CONFIG, seed: 1 };
    expect(() => reinforced(opened, { ...how, config: { ...CONFIG, group: 1 } })).toThrow("a group needs 2");
    expect(() => reinforced(opened, { ...how, prompts: [] })).toThrow("expected a prompt");
    const long = reinforced(opened, { ...how, config: { ...CONFIG, maxTokens: 126 } });
    expect(() => long.take({})).toThrow(/prompt 1: \d+ tokens and answers of up to 126 exceed the 128/);
    await opened.close();
  });
});
