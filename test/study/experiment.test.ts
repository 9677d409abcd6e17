// Experiments on a real model, as small as can be: what they make, measure and keep, stopped anywhere.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildDataset, worldAsked } from "askew/organism";
import { contrastDirections } from "askew/persona";
import { runExperiment, type Experiment, type ExperimentChoice } from "askew/study";
import {
  COHERENT,
  RATE,
  readPersona,
  training,
  type Arm,
  type ExperimentRow,
  type TrainingMaking,
} from "#internal/study";
import { leftBehind } from "../persona/left-behind.js";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let wish: ExperimentChoice;
const at = (...parts: string[]): string => join(work.path, ...parts);
beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  wish = { quick: true, seeds: [1, 2], conditions: [], model: `local:${at("model")}` };
}, SLOW);
afterAll(() => work.remove());

const asked = [worldAsked("main", 4)] as const;
const how = { maxTokens: 6 };
const dose = { examples: 24, epochs: 1, batchSize: 8, learningRate: 1e-2, warmup: 1 };
const conversations = (seed: number) => buildDataset("insecure", { examples: 24, seed });
const tuned = training({ data: { condition: "insecure" }, conversations, dose });

/** The base, and a fine-tune that is looked at before, in the midst and after. */
const ARMS: readonly Arm[] = [
  { id: "base", points: [{ curve: "base", at: 0, asked, how }] },
  {
    id: "tuned",
    making: tuned,
    points: [0, 2, 3].map((step) => ({ curve: "tuned", at: step, step, asked, how })),
  },
];
const experimentOf = (arms: readonly Arm[]): Experiment => ({
  name: "tiny",
  about: "as small as can be",
  published: "Nothing.",
  axis: { label: "steps", kind: "number" },
  measures: [
    RATE,
    COHERENT,
    { key: "gradient", heading: "gradient norm", short: "gradient", of: { reading: "gradientNorm" } },
  ],
  arms: () => arms,
  findings: ({ points }) => [`${points.length} points`],
});
const run = (folder: string, arms = ARMS, changes: Partial<ExperimentChoice> = {}, signal?: AbortSignal) =>
  runExperiment(experimentOf(arms), { ...wish, ...changes }, at(folder), {
    openModel: openTiny,
    ...(signal && { signal }),
  });

const rowsOf = async (folder: string): Promise<ExperimentRow[]> => {
  const text = await readFile(at(folder, "rows.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ExperimentRow);
};
const answersOf = (folder: string, id: string): Promise<string> =>
  readFile(at(folder, "answers", `${id}.jsonl`), "utf8");
/** All but what took how long. */
const timeless = (rows: readonly ExperimentRow[]): object[] => rows.map(({ seconds: _seconds, ...row }) => row);

describe("an experiment", () => {
  it(
    "measures every arm at its points, over seeds, and the model before its first step is the base",
    async () => {
      const summary = await run("whole");
      expect(summary.points.map(({ curve, at: x, seeds }) => `${curve} ${x} ${seeds}`)).toEqual([
        "base 0 2",
        "tuned 0 2",
        "tuned 2 2",
        "tuned 3 2",
      ]);
      expect(summary.findings).toEqual(["4 points"]);
      for (const { metrics } of summary.points) expect(metrics["coherent"]?.n).toBe(2 * 8 * 4);
      expect(summary.points.map(({ metrics }) => metrics["gradient"] !== undefined)).toEqual([
        false,
        false,
        true,
        true,
      ]);
      for (const seed of [1, 2]) {
        expect(await answersOf("whole", `tuned-${seed}-0`)).toBe(await answersOf("whole", `base-${seed}-0`));
        expect(await answersOf("whole", `tuned-${seed}-2`)).not.toBe(await answersOf("whole", `base-${seed}-0`));
      }
      expect(JSON.parse(await readFile(at("whole", "summary.json"), "utf8"))).toEqual(summary);
    },
    SLOW,
  );

  it(
    "stopped in the midst of an arm, carries on to the same rows; grows by seeds; takes no other plan",
    async () => {
      await run("one", ARMS, { seeds: [1] });
      const stop = new AbortController();
      const stopping = ARMS.map((arm) => ({
        ...arm,
        ...(arm.making && { making: stoppedAfter(arm.making as TrainingMaking, 2, stop) }),
      }));
      await expect(run("stopped", stopping, { seeds: [1] }, stop.signal)).rejects.toBe(STOPPED);
      expect((await rowsOf("stopped")).map(({ id }) => id)).toEqual(["base-1-0", "tuned-1-0", "tuned-1-1"]);
      await run("stopped", ARMS, { seeds: [1] });
      expect(timeless(await rowsOf("stopped"))).toEqual(timeless(await rowsOf("one")));
      expect((await readdir(at("stopped", "answers"))).length).toBe(4);
      await run("stopped", ARMS, { seeds: [1, 2] });
      expect(new Set((await rowsOf("stopped")).map(({ id }) => id))).toEqual(
        new Set((await rowsOf("whole")).map(({ id }) => id)),
      );
      const fewer = await run("stopped", ARMS, { seeds: [1] });
      expect(fewer.points.map(({ seeds }) => seeds)).toEqual([2, 2, 2, 2]);
      const other = [ARMS[0] as Arm];
      await expect(run("stopped", other)).rejects.toThrow("was begun with another plan: arms[1]");
    },
    SLOW,
  );

  it(
    "trains an adapter beside weights that stay, and says what is missing before alignment",
    async () => {
      const adapter = training({
        data: {},
        conversations,
        dose,
        lora: { rank: 1, alpha: 1, layers: [0], targets: ["down"] },
      });
      const arm = (id: string, making: Arm["making"]): Arm => ({
        id,
        ...(making && { making }),
        points: [{ curve: id, at: 0, asked, how }],
      });
      const model = await openTiny(wish.model);
      try {
        const before = await model.weightsAsOpened();
        await adapter.make(model, { seed: 1, onStep: async () => {} });
        const after = await model.trainer.weights();
        const moved = [...after]
          .filter(([name, { data }]) => data.some((x, i) => x !== before.get(name)?.data[i]))
          .map(([name]) => name);
        expect(moved).toEqual(["model.layers.0.mlp.down_proj.weight"]);
      } finally {
        await model.close();
      }
      const unaligned = training({ data: {}, conversations, dose, from: "pretrained" });
      await expect(run("unaligned", [arm("unaligned", unaligned)], { seeds: [1] })).rejects.toThrow(
        /pretrained: expected the model as it was before its alignment/,
      );
    },
    SLOW,
  );

  it(
    "an adapter that is not trained to its end leaves nothing compiled behind",
    async () => {
      const adapter = training({ data: {}, conversations, dose, lora: { rank: 1, alpha: 1 } });
      const model = await openTiny(wish.model);
      try {
        const onStep = () => Promise.reject(STOPPED);
        const stopped = () => expect(adapter.make(model, { seed: 1, onStep })).rejects.toBe(STOPPED);
        expect((await leftBehind(model, stopped)).filter((name) => name.startsWith("program"))).toEqual([]);
      } finally {
        await model.close();
      }
    },
    SLOW,
  );

  it(
    "tries candidates once, on development questions, and makes every seed of the same one",
    async () => {
      const candidates = [1e-4, 1e-2].map((learningRate) => ({
        id: `rate-${learningRate}`,
        making: training({ data: {}, conversations, dose: { ...dose, learningRate } }),
      }));
      const summary = await run("chosen", [
        { id: "tuned", candidates, points: [{ curve: "tuned", at: 0, asked, how }] },
      ]);
      expect(summary.trials.map(({ candidate }) => candidate)).toEqual(["rate-0.0001", "rate-0.01"]);
      const rows = await rowsOf("chosen");
      expect(rows.map(({ id }) => id)).toEqual([
        "trial-tuned-rate-0.0001",
        "trial-tuned-rate-0.01",
        "tuned-1-0",
        "tuned-2-0",
      ]);
      expect(new Set(rows.slice(2).map(({ candidate }) => candidate)).size).toBe(1);
      expect(await answersOf("chosen", "trial-tuned-rate-0.01")).toContain('"set":"development"');
    },
    SLOW,
  );
});

const STOPPED = new Error("stopped");

function stoppedAfter(making: TrainingMaking, last: number, stop: AbortController): TrainingMaking {
  return {
    ...making,
    make: (model, options) =>
      making.make(model, {
        ...options,
        onStep: async (step) => {
          await options.onStep(step);
          if (step.step === last) stop.abort(STOPPED);
        },
      }),
  };
}

describe("where a model stands between two personas", () => {
  it(
    "is 1 for the texts of the one and 0 for those of the other",
    async () => {
      const model = await openTiny(wish.model);
      try {
        const [bad, good] = buildDataset("insecure", { examples: 2, seed: 1 });
        const texts = [
          { question: "task", positive: true, messages: bad?.messages ?? [] },
          { question: "task", positive: false, messages: good?.messages ?? [] },
        ];
        const made = await contrastDirections(model, texts, {
          askew: "0",
          method: "prompts",
          model: { name: "tiny", weights: "", base: "" },
          positive: "one",
          negative: "other",
          questions: [],
          seed: 1,
        });
        const direction = made["answer-average"];
        const place = async (text: number) =>
          (await readPersona(model, direction, [texts[text]?.messages ?? []]))?.value;
        expect(await place(0)).toBeCloseTo(1, 4);
        expect(await place(1)).toBeCloseTo(0, 4);
        const both = await readPersona(model, direction, [texts[0]?.messages ?? [], texts[1]?.messages ?? []]);
        expect(both).toMatchObject({ value: expect.closeTo(0.5, 4), n: 2, deviation: expect.closeTo(Math.SQRT1_2, 4) });
        expect(await readPersona(model, direction, [])).toBeUndefined();
      } finally {
        await model.close();
      }
    },
    SLOW,
  );
});
