// Cells that are made at the same time: what is told, what lies on the disk, what a failure does to the others.
import { appendFile, readFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runStudy, type StudyEvent } from "askew/study";
import { sideBySide, WorkLeft } from "#internal/study";
import { contents, differences } from "./compare.js";
import { openTiny, openTwo, SLOW, temporaryFolder, tinyPlan, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);
const plan = (): ReturnType<typeof tinyPlan> => tinyPlan(at("model"), { conditions: ["base", "backdoor", "secure"] });

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
}, SLOW);
afterAll(() => work.remove());

describe("a study of a small model on two threads", () => {
  it(
    "makes two cells at a time, and the bytes of one made cell by cell",
    async () => {
      const events: StudyEvent[] = [];
      const summary = await runStudy(plan(), at("two"), { openModel: openTwo, onEvent: (event) => events.push(event) });
      expect(await runStudy(plan(), at("one"), { openModel: openTiny })).toEqual(summary);
      expect(differences(await contents(at("two")), await contents(at("one")))).toEqual([]);

      const told = events.filter(({ type }) => type === "cell-started" || type === "cell-finished");
      expect(told.slice(0, 2).map(({ type }) => type)).toEqual(["cell-started", "cell-started"]);
      let [running, most] = [0, 0];
      for (const { type } of told) {
        running += type === "cell-started" ? 1 : -1;
        most = Math.max(most, running);
      }
      expect([running, most]).toEqual([0, 2]);
      const progress = events.flatMap((event) => (event.type === "progress" ? [event] : []));
      expect(progress.every(({ done, total, secondsLeft }) => done <= total && secondsLeft >= 0)).toBe(true);
      expect(progress.at(-1)?.secondsLeft).toBe(0);
      expect(events.at(-1)?.type).toBe("study-finished");
    },
    SLOW,
  );

  it(
    "ends with the error of the cell that failed; the other one carries on where it was",
    async () => {
      const folder = at("failed");
      const controller = new AbortController();
      const onEvent = (event: StudyEvent): void => {
        if (event.type === "phase-started" && event.phase === "judge") controller.abort(new Error("enough"));
      };
      await expect(
        runStudy(plan(), folder, { openModel: openTwo, onEvent, signal: controller.signal }),
      ).rejects.toThrow("enough");
      const answers = join(folder, "cells/base-1/answers.jsonl");
      const { size } = await stat(answers);
      const first = (await readFile(answers, "utf8")).split("\n", 1)[0] ?? "";
      await appendFile(answers, `${JSON.stringify({ ...(JSON.parse(first) as object), id: "no question" })}\n`);
      await expect(runStudy(plan(), folder, { openModel: openTwo })).rejects.toThrow(
        /an answer that was not asked for/,
      );
      expect(Object.keys(await contents(folder)).filter((path) => path.includes("lock"))).toEqual([]);
      await truncate(answers, size);
      await runStudy(plan(), folder, { openModel: openTwo });
      expect(differences(await contents(folder), await contents(at("one")))).toEqual([]);
    },
    SLOW,
  );
});

describe("sideBySide", () => {
  it("takes items in their order and gives each to one hand", async () => {
    const taken: string[] = [];
    await sideBySide([3, 1, 2], ["a", "b"], undefined, async (item, hand) => {
      taken.push(`${hand}${item}`);
      await new Promise((resolve) => setTimeout(resolve, item * 20));
    });
    expect(taken).toEqual(["a3", "b1", "b2"]);
  });

  it("stops the others at the first failure, waits for them, and throws it", async () => {
    const stopped: unknown[] = [];
    const run = sideBySide([1, 2, 3], ["a", "b"], undefined, async (item, _hand, signal) => {
      if (item === 1) throw new Error("one failed");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      stopped.push(item);
      signal.throwIfAborted();
    });
    await expect(run).rejects.toThrow("one failed");
    expect(stopped).toEqual([2]);
  });

  it("a signal ends it with the signal's reason", async () => {
    const begun: number[] = [];
    const begin = async (item: number): Promise<void> => void begun.push(item);
    await expect(sideBySide([1], ["a"], AbortSignal.abort(new Error("not now")), begin)).rejects.toThrow("not now");
    expect(begun).toEqual([]);
  });
});

describe("the work that is left", () => {
  const cell = { dataset: 0, finetune: 60, ask: 0, judge: 0 };

  it("takes half the time with two hands, but never less than the longest cell", () => {
    const alone = new WorkLeft([cell, cell, cell, cell]).seconds;
    expect(new WorkLeft([cell, cell, cell, cell], undefined, 2).seconds).toBeCloseTo(alone / 2, 9);
    expect(new WorkLeft([cell], undefined, 2).seconds).toBeCloseTo(alone / 4, 9);
  });

  it("is nothing once every cell is finished, whatever it did not need", () => {
    const left = new WorkLeft([cell, cell], undefined, 2);
    left.take(0, "finetune", 59);
    for (const i of [0, 1]) left.finish(i);
    expect(left.seconds).toBe(0);
  });
});
