// Stopped or killed anywhere, a study carries on and ends with the bytes of one that was never stopped.
import { execFile } from "node:child_process";
import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scoreFiles } from "askew/evaluation";
import { Random } from "askew/statistics";
import { readStudy, runCell, runStudy, type StudyEvent } from "askew/study";
import { readSafetensors, writeSafetensors } from "askew/onnx";
import { contents, differences } from "./compare.js";
import { openTiny, openTwo, SLOW, temporaryFolder, tinyPlan, writeTinyModel } from "./tiny.js";

const random = Random.of("resume", process.env["ASKEW_TEST_SEED"] ?? 0);
let work: { path: string; remove: () => Promise<void> };
let whole: Record<string, string>;
const at = (...parts: string[]): string => join(work.path, ...parts);
const run = (folder: string, options = {}): Promise<unknown> =>
  runStudy(tinyPlan(at("model")), folder, { openModel: openTiny, ...options });

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  await writeFile(at("plan.json"), JSON.stringify(tinyPlan(at("model"))));
  await run(at("whole"));
  whole = await contents(at("whole"));
}, SLOW);
afterAll(() => work.remove());

describe("a study that is stopped between steps", () => {
  it(
    "carries on to the same bytes, wherever it was stopped",
    async () => {
      for (let round = 0; round < 3; round++) {
        const folder = at(`stopped-${round}`);
        let stops = 0;
        for (let finished = false; !finished;) {
          const controller = new AbortController();
          let left = 2 + random.integer(9); // up to the end of a phase, so that each run can get on
          const onEvent = (): void => {
            if (--left === 0) controller.abort(new Error("stopped by the test"));
          };
          const openModel = round === 0 ? openTiny : openTwo;
          finished = await run(folder, { signal: controller.signal, onEvent, openModel }).then(
            () => true,
            (error: unknown) => {
              expect((error as Error).message).toBe("stopped by the test");
              return false;
            },
          );
          stops++;
          // Between two runs nobody holds the folder.
          expect(Object.keys(await contents(folder)).filter((path) => path.includes("lock"))).toEqual([]);
        }
        expect(stops).toBeGreaterThan(1);
        expect(differences(await contents(folder), whole)).toEqual([]);
      }
    },
    SLOW,
  );
});

describe("a fine-tune that is stopped", () => {
  const training = (folder: string): string => join(folder, "cells/backdoor-1/training.jsonl");
  const checkpoint = (folder: string): string => join(folder, "cells/backdoor-1/checkpoint.safetensors");

  /** Stops after two of three steps. */
  async function stopped(folder: string): Promise<void> {
    const controller = new AbortController();
    const onEvent = (event: StudyEvent): void => {
      if (event.type === "progress" && event.phase === "finetune" && event.done === 2) controller.abort();
    };
    await expect(run(folder, { signal: controller.signal, onEvent })).rejects.toThrow(/abort/);
  }

  /** How many steps were there when the fine-tune went on. */
  async function carryOn(folder: string): Promise<number> {
    let done = Number.NaN;
    const onEvent = (event: StudyEvent): void => {
      if (event.type === "phase-started" && event.phase === "finetune") ({ done } = event);
    };
    await run(folder, { onEvent });
    expect(differences(await contents(folder), whole)).toEqual([]);
    return done;
  }

  it("carries on from where it was", async () => {
    await stopped(at("fine-tune"));
    expect(await carryOn(at("fine-tune"))).toBe(2);
  });

  it("has each step once, also when steps came after the last checkpoint", async () => {
    await stopped(at("later-steps"));
    await appendFile(training(at("later-steps")), '{"step":3,"loss":9}\n{"step":4,"lo');
    expect(await carryOn(at("later-steps"))).toBe(2);
  });

  it.each([
    ["the checkpoint is damaged", async (folder: string) => truncate(checkpoint(folder), 1000)],
    ["the checkpoint is another cell's", async (folder: string) => retag(checkpoint(folder))],
    ["its steps are gone", async (folder: string) => rm(training(folder))],
  ])("begins again where %s", async (name, damage) => {
    await stopped(at(name));
    await damage(at(name));
    expect(await carryOn(at(name))).toBe(0);
  });

  async function retag(path: string): Promise<void> {
    const { metadata, tensors } = await readSafetensors(path);
    await writeSafetensors(path, tensors, { ...metadata, of: "another" });
  }
});

describe("a study whose process is killed", () => {
  /** Ends with `SIGKILL`, or with what the process said. */
  const start = (folder: string, operation: number): Promise<string> =>
    new Promise((resolve) => {
      const script = fileURLToPath(new URL("./crash.mjs", import.meta.url));
      const args = [script, folder, at("plan.json"), String(operation)];
      execFile(process.execPath, args, (error, stdout, stderr) => {
        if (error?.signal === "SIGKILL") resolve("SIGKILL");
        else resolve(error === null ? stdout.trim() : `exit code ${error.code}: ${stderr}`);
      });
    });

  it(
    "carries on to the same bytes after kills in the middle of its writes",
    async () => {
      const folder = at("killed");
      let kills = 0;
      while (kills < 12) {
        // Each run gets a little further than the last one did, or finishes.
        const ending = await start(folder, 4 + random.integer(60));
        expect(ending).toMatch(/^(SIGKILL|finished)$/);
        if (ending === "SIGKILL") kills++;
        else {
          expect(differences(withoutLeftovers(await contents(folder)), whole)).toEqual([]);
          await rm(folder, { recursive: true });
        }
      }
      await run(folder);
      expect(differences(withoutLeftovers(await contents(folder)), whole)).toEqual([]);
    },
    3 * SLOW,
  );

  /** A kill after a cell is finished and before its folder is given back leaves a claim, which nobody minds. */
  const withoutLeftovers = (files: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(files).filter(([path]) => !/^cells\/[^/]+\/lock\//.test(path)));
});

describe("torn and lost files", () => {
  const cell = "cells/backdoor-1";
  const reopen = async (folder: string): Promise<void> => {
    const path = join(folder, cell, "cell.json");
    const record = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    const { metrics: _, finishedAt: __, ...open } = record;
    await writeFile(path, JSON.stringify({ ...open, status: "open" }));
  };

  it("a line cut anywhere is dropped and made again, alone", async () => {
    const folder = at("torn");
    await run(folder);
    for (let round = 0; round < 4; round++) {
      // Also of a cell that was finished: a machine's crash can take the end of its files.
      if (round % 2 === 0) await reopen(folder);
      for (const name of ["answers.jsonl", "judgments.jsonl"]) {
        const { length } = await readFile(join(folder, cell, name));
        await truncate(join(folder, cell, name), random.integer(length));
      }
      await run(folder);
      expect(differences(await contents(folder), whole)).toEqual([]);
    }
    await reopen(folder);
    await appendFile(join(folder, cell, "judgments.jsonl"), "\0".repeat(100));
    await run(folder);
    expect(differences(await contents(folder), whole)).toEqual([]);
    await appendFile(join(folder, cell, "answers.jsonl"), '{"id":"main/');
    await run(folder);
    expect(differences(await contents(folder), whole)).toEqual([]);
  });

  it("a finished cell with half a line is read by nobody as if it were whole", async () => {
    const folder = at("half");
    await run(folder);
    const [answers, judgments] = ["answers", "judgments"].map((name) => join(folder, cell, `${name}.jsonl`)) as [
      string,
      string,
    ];
    const { length } = await readFile(answers);
    await truncate(answers, length - 20);
    await expect(readStudy(folder)).rejects.toThrow(
      /answers\.jsonl: expected 344 answers, found 343: .* Run the study again/,
    );
    await truncate(judgments, (await readFile(judgments)).length - 20);
    await expect(readStudy(folder)).rejects.toThrow(/judgments\.jsonl: expected 344 judgments, found 343/);
    await expect(scoreFiles([folder])).rejects.toThrow(
      /judgments\.jsonl, line 344: half a line in a cell that was finished/,
    );
    await runCell(join(folder, cell), { openModel: openTiny });
    expect(differences(await contents(folder), whole)).toEqual([]);
  });

  it("lost weights are trained again to the same bytes", async () => {
    const folder = at("lost");
    await run(folder);
    await reopen(folder);
    await rm(join(folder, cell, "weights.safetensors"));
    await run(folder);
    expect(differences(await contents(folder), whole)).toEqual([]);
  });

  it("damage in the middle is named with its line and touched by nobody", async () => {
    const folder = at("damaged");
    await run(folder);
    await reopen(folder);
    const path = join(folder, cell, "answers.jsonl");
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, lines.with(6, "{]").join("\n"));
    await expect(run(folder)).rejects.toThrow(/answers\.jsonl, line 7: expected a JSON object, found "\{\]"/);
    await writeFile(path, lines.with(6, lines[5] as string).join("\n"));
    await expect(run(folder)).rejects.toThrow(/answers\.jsonl, line 7: a second answer/);
    await writeFile(path, lines.join("\n"));
    await writeFile(join(folder, cell, "weights.safetensors"), "x");
    await expect(run(folder)).rejects.toThrow(/weights\.safetensors was changed/);
  });
});
