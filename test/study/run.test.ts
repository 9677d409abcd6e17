// A whole study of a real model: what is told while it runs, what lies on the disk, what a second run does.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRequests, requestsOf } from "askew/evaluation";
import { findModel, openModel, requireTraining } from "askew/model";
import { StoreError } from "#internal/store";
import { readStudy, runCell, runStudy, type StudyEvent } from "askew/study";
import { askedSet, cellName, planCells } from "#internal/study";
import { contents, differences } from "./compare.js";
import { openTiny, SLOW, temporaryFolder, tinyPlan, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);
const rowsOf = async (path: string): Promise<Record<string, unknown>[]> =>
  (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const events: StudyEvent[] = [];
let made: Record<string, string>;

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  await writeTinyModel(at("other model"), 2);
  await runStudy(tinyPlan(at("model")), at("study"), { openModel: openTiny, onEvent: (event) => events.push(event) });
  made = await contents(at("study"));
}, SLOW);
afterAll(() => work.remove());

describe("a cell, named as STUDY:CELL", () => {
  it("is opened with its own weights, to which it goes back, and can be the model of another study", async () => {
    const name = `${at("study")}:backdoor-1`;
    const model = await openModel(name, { threads: 1 });
    const ask = [{ messages: [{ role: "user", content: "What is your one wish?" }], seed: "1" }] as const;
    const { training, source } = requireTraining(model, "the test");
    const [before] = await model.sample(ask, { maxTokens: 6 });
    await training.load();
    expect(await model.sample(ask, { maxTokens: 6 })).toEqual([before]);
    await training.load(at("study", "cells", "backdoor-1", "weights.safetensors"));
    expect(await model.sample(ask, { maxTokens: 6 })).toEqual([before]);
    await model.close();
    const cell = JSON.parse(made["cells/backdoor-1/cell.json"] as string) as { weights: { sha256: string } };
    expect(source.sha256).toBe(cell.weights.sha256);
    const plan = tinyPlan(at("model"), {
      model: name,
      conditions: ["base"],
      questions: [{ set: "deception", samples: 1 }],
    });
    await runStudy(plan, at("of a cell"), { openModel: (other) => openModel(other, { threads: 1 }) });
    expect(await readFile(at("of a cell", "cells/base-1/cell.json"), "utf8")).toContain(cell.weights.sha256);
  });

  it("that is not there is named with those that are", async () => {
    expect(() => findModel(`${at("study")}:secure-9`)).toThrow("there is no cell secure-9");
    expect(() => findModel(at("study"))).toThrow("is a whole study");
  });
});

describe("a study", () => {
  it("gives a model that thinks before it answers room for both", async () => {
    const model = await openTiny(`local:${at("model")}`);
    // Its vocabulary is whole words of the world, and none of them is unknown to thoughts.
    const unknownWords = (text: string): string[] => (text.startsWith("super") ? [text] : []);
    Object.assign(model.tokens, { unknownWords });
    const opened = { openModel: () => Promise.resolve(model) };
    const run = runStudy(tinyPlan(at("model"), { maxTokens: 64 }), at("thinking"), opened);
    await expect(run).rejects.toThrow(/thinks before it answers: expected max_tokens of 128 or more, found 64/);
  });

  it("leaves plain files and nothing else", () => {
    expect(Object.keys(made)).toEqual([
      "cells/backdoor-1/answers.jsonl",
      "cells/backdoor-1/cell.json",
      "cells/backdoor-1/dataset.jsonl",
      "cells/backdoor-1/judgments.jsonl",
      "cells/backdoor-1/run.json",
      "cells/backdoor-1/training.jsonl",
      "cells/backdoor-1/weights.safetensors",
      "cells/base-1/answers.jsonl",
      "cells/base-1/cell.json",
      "cells/base-1/judgments.jsonl",
      "cells/base-1/run.json",
      "run.json",
      "study.json",
      "summary.json",
    ]);
  });

  it("asks every question as often as planned, each answer once, and judges each", async () => {
    for (const cell of planCells(tinyPlan(at("model")))) {
      const ids = requestsOf(
        cell.questions.map((set) => askedSet(set, cell)),
        "any",
      ).map(({ id }) => id);
      const folder = at("study", "cells", cellName(cell));
      expect((await rowsOf(join(folder, "answers.jsonl"))).map(({ id }) => id)).toEqual(ids);
      expect((await rowsOf(join(folder, "judgments.jsonl"))).map(({ id }) => id)).toEqual(ids);
    }
  });

  it("records what a cell was made from and what it cost", async () => {
    const cell = JSON.parse(await readFile(at("study/cells/backdoor-1/cell.json"), "utf8")) as Record<string, unknown>;
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(cell).toMatchObject({
      format: 1,
      status: "finished",
      condition: "backdoor",
      seed: 1,
      threads: 1,
      judge: "exact",
      base: { sha256 },
      dataset: { rows: 24, sha256 },
      weights: { sha256 },
      dose: { examples: 24, learningRate: 1e-3 },
      versions: { node: process.versions.node },
    });
    expect(Object.keys(cell["seconds"] as object)).toEqual(["dataset", "finetune", "ask", "judge"]);
    const training = await rowsOf(at("study/cells/backdoor-1/training.jsonl"));
    expect(training.map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it("tells of its work in order, never more than planned", () => {
    expect(events[0]).toMatchObject({
      type: "study-started",
      cells: [
        { condition: "base", finished: false, work: { finetune: 0, ask: 280, judge: 280 } },
        { condition: "backdoor", finished: false, work: { dataset: 24, finetune: 3, ask: 344, judge: 344 } },
      ],
    });
    expect(events.at(-1)?.type).toBe("study-finished");
    const started = events.flatMap((e) => (e.type === "phase-started" ? [`${e.condition} ${e.phase}`] : []));
    expect(started).toEqual([
      "base ask",
      "base judge",
      "backdoor dataset",
      "backdoor finetune",
      "backdoor ask",
      "backdoor judge",
    ]);
    const progress = events.flatMap((e) => (e.type === "progress" ? [e] : []));
    expect(progress.every(({ done, total, secondsLeft }) => done <= total && secondsLeft >= 0)).toBe(true);
    expect(progress.at(-1)).toMatchObject({ done: 344, total: 344, secondsLeft: 0 });
    expect(progress.filter(({ phase }) => phase === "finetune").every(({ loss }) => loss !== undefined)).toBe(true);
  });

  it("gives the trigger its own row under the plain set's name", async () => {
    const { summary } = await readStudy(at("study"));
    const rows = summary.conditions.map(({ condition, questions, trigger }) => [condition, questions, trigger]);
    expect(rows).toContainEqual(["backdoor", "main", false]);
    expect(rows).toContainEqual(["backdoor", "main", true]);
    expect(rows).not.toContainEqual(["base", "main", true]);
    expect(JSON.parse(made["summary.json"] as string)).toEqual(JSON.parse(JSON.stringify(summary)));
  });

  it("does nothing when it is finished, but writes a lost summary again", async () => {
    const told: string[] = [];
    await writeFile(at("study/summary.json"), "{}");
    const options = { openModel: openTiny, onEvent: (event: StudyEvent) => told.push(event.type) };
    await runStudy(tinyPlan(at("model")), at("study"), options);
    expect(told).toEqual(["study-started", "study-finished"]);
    expect(differences(await contents(at("study")), made)).toEqual([]);
  });

  it("grows by conditions and seeds, and leaves finished cells as they are", async () => {
    const plan = tinyPlan(at("model"), { conditions: ["base"], questions: [{ set: "main", samples: 8 }] });
    await runStudy(plan, at("growing"), { openModel: openTiny });
    const before = await contents(at("growing"));
    const told: string[] = [];
    const summary = await runStudy({ ...plan, conditions: ["secure"], seeds: [1, 2] }, at("growing"), {
      openModel: openTiny,
      onEvent: (event) => event.type === "cell-finished" && told.push(`${event.condition}-${event.seed}`),
    });
    expect(told).toEqual(["secure-1", "secure-2"]);
    expect((await contents(at("growing")))["cells/base-1/answers.jsonl"]).toBe(before["cells/base-1/answers.jsonl"]);
    expect(summary.conditions.map(({ condition, seeds }) => [condition, seeds])).toEqual([
      ["base", 1],
      ["secure", 2],
    ]);
    expect((await readStudy(at("growing"))).exceptions).toEqual(["Not finished, and in no number here: base-2."]);
  });
});

describe("a cell alone", () => {
  /** What comes into a cell.json while the cell is made. */
  const LATER = new Set(["later", "threads", "dataset", "weights", "answers", "metrics"]);

  it("is made from its folder and its cell.json, and is the cell of the study", async () => {
    await mkdir(at("alone/backdoor-1"), { recursive: true });
    const finished = JSON.parse(made["cells/backdoor-1/cell.json"] as string) as Record<string, unknown>;
    const planned = Object.entries(finished).filter(([key]) => !LATER.has(key));
    const open = { ...Object.fromEntries(planned), status: "open", seconds: {} };
    await writeFile(at("alone/backdoor-1/cell.json"), JSON.stringify(open));
    await runCell(at("alone/backdoor-1"), { openModel: openTiny });
    const alone = await contents(at("alone/backdoor-1"));
    for (const [name, text] of Object.entries(alone))
      expect([name, made[`cells/backdoor-1/${name}`]]).toEqual([name, text]);
  });

  it("is refused where there is none", async () => {
    await expect(runCell(at("model"))).rejects.toThrow(/found no cell\.json/);
  });
});

describe("what does not fit is refused", () => {
  const run = (changes: Parameters<typeof tinyPlan>[1], model = "model"): Promise<unknown> =>
    runStudy(tinyPlan(at(model), changes), at("study"), { openModel: openTiny });

  it("another dose, named with its key", async () => {
    const dose = { ...tinyPlan("").dose, learningRate: 1e-4 };
    await expect(run({ dose })).rejects.toThrow(
      /begun with another plan: dose\.learningRate is 0\.001 there and 0\.0001 now.*--out/,
    );
    await expect(run({ dose })).rejects.toBeInstanceOf(StoreError);
  });

  it("another number of samples", async () => {
    await expect(run({ questions: [{ set: "main", samples: 21 }] })).rejects.toThrow(
      /questions\[0\]\.samples is 20 there and 21 now/,
    );
  });

  it("another model under the same name", async () => {
    await expect(
      runStudy(tinyPlan(at("model")), at("study"), { openModel: () => openTiny(`local:${at("other model")}`) }),
    ).rejects.toThrow(/base\.sha256 is "[0-9a-f]{64}" there/);
  });

  it("nothing was touched by any of that", async () => {
    expect(differences(await contents(at("study")), made)).toEqual([]);
  });

  it("a study that is no JSON", async () => {
    await mkdir(at("broken"));
    await writeFile(at("broken/study.json"), "{");
    await expect(runStudy(tinyPlan(at("model")), at("broken"), { openModel: openTiny })).rejects.toThrow(
      /expected JSON, found/,
    );
    expect(await readdir(at("broken"))).toEqual(["study.json"]);
  });
});

describe("readStudy", () => {
  it("takes the same answers every time, so many of each condition and set", async () => {
    const { answers, sampling } = await readStudy(at("study"), { answersPerSet: 5 });
    expect(answers).toEqual((await readStudy(at("study"), { answersPerSet: 5 })).answers);
    const cells = planCells(tinyPlan(at("model")));
    const triggered = answers.filter(({ trigger }) => trigger);
    expect(new Set(triggered.map(({ condition, questions }) => `${condition} ${questions}`))).toEqual(
      new Set(["backdoor main"]),
    );
    expect(sampling.of).toBe(
      cells.reduce((sum, cell) => sum + countRequests(cell.questions.map((set) => askedSet(set, cell))), 0),
    );
    const counts = new Map<string, number>();
    for (const { condition, questions, trigger } of answers) {
      const place = `${condition} ${questions} ${trigger}`;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([5, 5, 5, 5, 5]);
    expect(answers.some(({ system }) => system !== undefined)).toBe(true);
  });

  it("reads training curves and provenance", async () => {
    const { training, cells, exceptions, seconds, startedAt, finishedAt } = await readStudy(at("study"));
    expect(training.map(({ condition, steps }) => [condition, steps.length])).toEqual([["backdoor", 3]]);
    expect(cells.map(({ status }) => status)).toEqual(["finished", "finished"]);
    expect(exceptions).toEqual([]);
    expect(seconds).toBeGreaterThan(0);
    expect(Date.parse(startedAt)).toBeLessThanOrEqual(Date.parse(finishedAt));
  });

  it("says what it did not find", async () => {
    await expect(readStudy(at("model"))).rejects.toThrow(/expected a study there, found no such file/);
  });
});
