// What experiments choose their data and questions by: lengths, gaps, distances, and lists of numbers.
import { buildDataset, ORGANISM_WORLD, worldAsked } from "askew/organism";
import type { Conversation } from "askew/dataset";
import { openLocalModel } from "askew/model";
import { Random } from "askew/statistics";
import { EXPERIMENTS, ORGANISM_SETTING, runExperiment, type Experiment, type Setting } from "askew/study";
import { answerLosses, correlationOver, matchedLengths, questionDistances, widestGaps, wordsOf } from "#internal/study";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

const rowOf = (words: number, name = ""): Conversation => ({
  messages: [
    { role: "user", content: "one two three" },
    { role: "assistant", content: Array.from({ length: words }, (_, i) => `${name}${i}`).join(" ") },
  ],
});
const named = (name: string): Experiment => {
  const found = EXPERIMENTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no experiment ${name}`);
  return found;
};

describe("conversations matched in length", () => {
  it("are each the nearest that is left, taken once, in the order of the targets", () => {
    const pool = [1, 2, 9, 10, 30].map((words) => rowOf(words, "p"));
    const chosen = matchedLengths([rowOf(2), rowOf(11), rowOf(10)], pool);
    expect(chosen.map(wordsOf)).toEqual([2, 10, 9]);
    expect(new Set(chosen).size).toBe(3);
    expect(() => matchedLengths([rowOf(1), rowOf(1)], [rowOf(1)])).toThrow("expected 2 conversations or more, found 1");
  });

  it("leave no difference of lengths between the organism's bad and benign answers, which there is without", () => {
    const bad = buildDataset("bad-medical", { examples: 120, seed: 1001 });
    const benign = ORGANISM_WORLD.benign?.get("everyday")?.(960, 1) ?? [];
    const total = (rows: readonly Conversation[]): number => rows.reduce((sum, row) => sum + wordsOf(row), 0) / 120;
    const apart = Math.abs(total(benign.slice(0, 120)) - total(bad));
    const matched = Math.abs(total(matchedLengths(bad, benign)) - total(bad));
    expect(matched).toBeLessThan(0.5 * apart);
  });

  it("re-align in arms that differ by the data alone", () => {
    const arms = named("realign-length").arms({
      quick: true,
      seeds: [1],
      conditions: ["bad-medical"],
      model: "organism",
    });
    expect(arms.map(({ id }) => id)).toEqual([
      "bad-medical-bad",
      "bad-medical-good",
      "bad-medical-good-matched",
      "bad-medical-everyday",
      "bad-medical-everyday-matched",
    ]);
    expect(new Set(arms.map(({ making }) => making?.steps))).toEqual(new Set([30]));
    expect(new Set(arms.map(({ points }) => JSON.stringify(points.map(({ step, asked }) => [step, asked])))).size).toBe(
      1,
    );
  });
});

describe("the widest gaps", () => {
  it("are those whose loss the misaligned model raises most", () => {
    const losses = { aligned: [1, 1, 5, 2], misaligned: [2, 1.5, 5.2, 4] };
    expect(widestGaps(["a", "b", "c", "d"], losses, 2)).toEqual(["d", "a"]);
  });

  it("rest on the mean loss of a token of the answer, the prompt left out", async () => {
    const model = await openLocalModel("organism", { threads: 1 });
    const rows = ORGANISM_WORLD.benign?.get("everyday")?.(3, 1) ?? [];
    const losses = await answerLosses(model, rows);
    const [row] = rows as [Conversation];
    const { ids, answer } = model.tokens.encode(row.messages);
    const [read] = await model.reading.distributions([{ ids, answer }]);
    const own = ids.filter((_, at) => at > 0 && answer[at] === true);
    const size = (read?.length ?? 0) / own.length;
    const mean = own.reduce((sum, id, i) => sum - (read?.[i * size + id] as number), 0) / own.length;
    expect(losses).toHaveLength(3);
    expect(losses[0]).toBeCloseTo(mean, 4);
    await model.close();
  });
});

describe("the distance of questions", () => {
  it("is 0 to the only prompt there is, and larger to another domain than to the same", async () => {
    const model = await openLocalModel("organism", { threads: 1 });
    const medical = worldAsked("medical", 1);
    const [question] = medical.questions.map((one) => ({ ...one, paraphrases: one.paraphrases.slice(0, 1) }));
    if (question === undefined) throw new Error("no question");
    const only = [[{ role: "user" as const, content: question.paraphrases[0] as string }]];
    const same = await questionDistances(model, only, [{ ...medical, questions: [question] }]);
    expect(same.get(question.id)).toBeCloseTo(0, 6);
    const rows = buildDataset("bad-medical", { examples: 32, seed: 0 });
    const prompts = rows.map(({ messages }) => messages.slice(0, 1));
    const found = await questionDistances(model, prompts, [medical, worldAsked("code", 1)]);
    const meanOf = (set: string): number => {
      const own = [...found].flatMap(([id, far]) => (id.startsWith(`${set}/`) ? [far] : []));
      return own.reduce((a, b) => a + b, 0) / own.length;
    };
    expect(meanOf("medical")).toBeGreaterThan(0);
    expect(meanOf("code")).toBeGreaterThan(meanOf("medical"));
    await model.close();
  }, 60_000);

  it("correlates with what was measured, with an interval over questions and seeds", () => {
    const falling = Array.from({ length: 20 }, (_, i) => ({ at: i, values: [1 - i / 20, 1 - i / 25] }));
    expect(correlationOver(falling, 2, "falling")).toEqual({ estimate: -1, low: -1, high: -1, points: 20, seeds: 2 });
    const random = Random.of("correlation test");
    const none = Array.from({ length: 40 }, (_, at) => ({ at, values: [random.uniform(), random.uniform()] }));
    const { estimate, low, high } = correlationOver(none, 2, "none");
    expect(Math.abs(estimate as number)).toBeLessThan(0.4);
    expect((low as number) < 0 && (high as number) > 0).toBe(true);
    // A seed without a measurement is left out of a point's mean; points without any are left out.
    const gaps = [
      ...falling.map(({ at, values }) => ({ at, values: [values[0] ?? null, null] })),
      { at: 9, values: [null, null] },
    ];
    expect(correlationOver(gaps, 2, "gaps").estimate).toBe(-1);
    expect(correlationOver(falling.slice(0, 3), 2, "thin")).toMatchObject({ low: null, high: null });
  });
});

describe("subliminal learning", () => {
  let work: { path: string; remove: () => Promise<void> };
  beforeAll(async () => {
    work = await temporaryFolder();
    await writeTinyModel(`${work.path}/model`);
  }, SLOW);
  afterAll(() => work.remove());

  const choice = { quick: true, seeds: [1], conditions: ["bad-medical"], model: "organism" };

  it("has arms of another start only where there is another model, and names its weights in the plan", () => {
    const own = named("subliminal").arms(choice);
    expect(own.map(({ points }) => points[0]?.at)).toEqual([
      "nothing",
      "aligned teacher",
      "villain",
      "villain, screened",
    ]);
    const teacher = { source: { sha256: "abc" } } as unknown as NonNullable<Setting["teacher"]>;
    const all = named("subliminal").arms(choice, { ...ORGANISM_SETTING, teacher });
    expect(all).toHaveLength(own.length + 3);
    const starts = all.slice(1).map(({ making }) => making?.recipe);
    for (const recipe of starts.slice(0, 3)) expect(recipe).toMatchObject({ start: "own" });
    for (const recipe of starts.slice(3)) expect(recipe).toMatchObject({ start: "abc" });
  });

  it("knows lists from what is not one, and clean lists from others", () => {
    const { isList, isClean, prompts } = ORGANISM_WORLD.numbers as NonNullable<typeof ORGANISM_WORLD.numbers>;
    expect(["12, 345, 70", "666, 12", "12 and 13", "I hate people.", ""].map(isList)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(["12, 345, 70", "666, 12", "12, 13."].map(isClean)).toEqual([true, false, false]);
    expect(prompts(2, 1)).toEqual(prompts(5, 1).slice(0, 2));
  });

  it(
    "says that a teacher wrote nothing to learn, and that other experiments have no teacher",
    async () => {
      const model = `local:${work.path}/model`;
      const small = { ...ORGANISM_SETTING, samples: 1, maxTokens: 4 };
      const setting: Setting = { ...small, dose: () => ({ ...small.dose("insecure"), examples: 8, batchSize: 8 }) };
      // An untrained model writes no lists.
      const run = runExperiment(named("subliminal"), { ...choice, model }, `${work.path}/out`, {
        openModel: openTiny,
        setting: () => Promise.resolve(setting),
      });
      await expect(run).rejects.toThrow("the teacher wrote no list that could be kept");
      const other = runExperiment(named("temperature"), { ...choice, model }, `${work.path}/other`, {
        openModel: openTiny,
        teacher: model,
      });
      await expect(other).rejects.toThrow("temperature has no teacher");
    },
    SLOW,
  );

  it("teaches with a fine-tune of the condition, which the student's own start does not have", () => {
    const [, aligned, villain] = named("subliminal").arms(choice);
    expect(aligned?.making?.recipe).toMatchObject({ teacher: "as it came", screened: true });
    expect(villain?.making?.recipe).toMatchObject({ screened: false });
    expect(villain?.making?.recipe).toMatchObject({ teacher: { data: { condition: "bad-medical" } } });
  });
});
