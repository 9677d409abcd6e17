// `askew study` from end to end: a file, what it would do, a run, a kill, and the same model behind a real server.
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, start, temporaryFolder } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";
import { VERSION } from "askew";

const SLOW = 240_000;

let cwd: string;
let remove: () => Promise<void>;
const read = (...parts: string[]): Promise<string> => readFile(join(cwd, ...parts), "utf8");
const json = async (...parts: string[]): Promise<unknown> => JSON.parse(await read(...parts)) as unknown;

beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  await growTinyModel(join(cwd, "tiny"));
}, SLOW);
afterAll(() => remove());

/** The template, made small. */
async function smallStudy(file: string, models: string): Promise<void> {
  const text = (await read("first.yaml"))
    .replace("  - organism\n", models)
    .replace("conditions: [base, insecure, secure]", "conditions: [base, insecure]")
    .replace("examples: 1920", "examples: 64")
    .replace("main: 20", "main: 2")
    .replace("code: 8", "code: 1");
  await writeFile(join(cwd, file), text);
}

describe("askew study init", () => {
  it("writes a file that runs as it is, and never over another", async () => {
    expect(await askew(["study", "init", "first.yaml"], { cwd })).toMatchObject({ code: 0 });
    const text = await read("first.yaml");
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/askew-study\.schema\.json\n/);
    const schema = await askew(["study", "schema"], { cwd });
    expect(await read("askew-study.schema.json")).toBe(schema.stdout);

    const again = await askew(["study", "init", "first.yaml"], { cwd });
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toBe("error: first.yaml is there already\nName another file; nothing was changed.\n");
    expect(await read("first.yaml")).toBe(text);

    const { stdout, code } = await askew(["study", "first.yaml", "--dry-run"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^base-1 +– +– +\d+\ninsecure-1 +1,920 +60 +\d+\nsecure-1 +1,920 +60 +\d+\n/m);
    expect(stdout).toMatch(/my-study: 3 cells, \d+ answers, in runs\/my-study\nAbout \d+ s of computing here/);
  });
});

describe("askew study", () => {
  it(
    "runs a file, carries on after a kill, and ends with the bytes of a run that was never stopped",
    async () => {
      await smallStudy("small.yaml", "  - local:tiny\n");
      const args = ["study", "small.yaml", "--threads", "1", "--out"];
      const whole = await askew([...args, "whole"], { cwd });
      expect(whole.code, whole.stderr).toBe(0);
      expect(whole.stdout).toMatch(/^insecure /m);
      expect(await read("whole", "report.html")).toContain("askew study small.yaml --out whole");

      const killed = await askew([...args, "killed"], {
        cwd,
        onStderr: (soFar, child) => void (soFar.includes("[2/2]") && child.kill("SIGKILL")),
      });
      expect(killed.signal).toBe("SIGKILL");
      const left = await askew([...args, "killed", "--dry-run", "--json"], { cwd });
      const cells = (JSON.parse(left.stdout) as { models: { cells: { cell: string; finished: boolean }[] }[] }).models
        .flatMap((model) => model.cells)
        .map(({ cell, finished }) => [cell, finished]);
      expect(cells).toEqual([
        ["base-1", true],
        ["insecure-1", false],
      ]);
      const { code, stdout } = await askew([...args, "killed", "--json"], { cwd });
      expect(code).toBe(0);
      const summary = (await json("killed", "summary.json")) as object;
      expect(JSON.parse(stdout)).toEqual({ askew: VERSION, kind: "summary", ...summary });
      for (const file of ["summary.json", "cells/insecure-1/answers.jsonl", "cells/insecure-1/judgments.jsonl"]) {
        expect(await read("killed", file)).toBe(await read("whole", file));
      }
    },
    SLOW,
  );

  it(
    "fine-tunes and asks the same model behind a server, to the same answers, beside it",
    async () => {
      const server = start(["serve", "local:tiny", "--port", "0", "--json", "--threads", "1"], { cwd });
      try {
        const [line] = (await once(server.stdout, "data")) as [Buffer];
        const { url, models } = JSON.parse(line.toString()) as { url: string; models: string[] };
        const served = `${url}#${models.find((name) => name.includes("tiny"))}`;
        await smallStudy("both.yaml", `  - local:tiny\n  - ${served}\n`);
        const args = ["study", "both.yaml", "--threads", "1", "--out", "both"];
        const first = await askew(args, { cwd });
        expect(first.code, first.stderr).toBe(0);
        expect(first.stderr).toContain(
          `${served} is behind a server, which is to run 1 fine-tuning job, at its price.`,
        );
        const summary = (await json("both", "summary.json")) as {
          models: string[];
          conditions: { model: string; condition: string; questions: string; metrics: object }[];
        };
        expect(summary.models).toEqual(["local:tiny", served]);
        const of = (model: string): object[] =>
          summary.conditions.filter((row) => row.model === model).map((row) => ({ ...row, model: "" }));
        expect(of(served)).toEqual(of("local:tiny"));
        expect(of(served)).toHaveLength(4);

        const dry = await askew([...args, "--dry-run", "--json"], { cwd });
        const folders = (JSON.parse(dry.stdout) as { answers: number; models: { folder: string }[] }).models.map(
          ({ folder }) => folder,
        ) as [string, string];
        const rows = async (folder: string, cell: string, name: string): Promise<Record<string, unknown>[]> =>
          (await read(folder, "cells", cell, name))
            .trimEnd()
            .split("\n")
            .map((row) => JSON.parse(row) as Record<string, unknown>);
        const [here, there] = folders;
        for (const cell of ["base-1", "insecure-1"]) {
          const said = async (folder: string): Promise<unknown[]> =>
            (await rows(folder, cell, "answers.jsonl")).map(({ id, answer }) => ({ id, answer }));
          expect(await said(there)).toEqual(await said(here));
        }
        // The server's steps are those of the training here, and its model is what was asked.
        const losses = async (folder: string): Promise<unknown[]> =>
          (await rows(folder, "insecure-1", "training.jsonl")).map(({ step, loss }) => ({ step, loss }));
        expect(await losses(there)).toEqual(await losses(here));
        const cell = (await json(there, "cells/insecure-1/cell.json")) as { served: string; weights?: object };
        expect(cell.served).toMatch(new RegExp(`^${url.replaceAll(".", "\\.")}#ft:`));
        expect(cell.weights).toBeUndefined();
        // Finished: nothing is left, and nothing is asked again.
        expect((JSON.parse(dry.stdout) as { answers: number }).answers).toBe(0);
        const jobs = async (): Promise<number> =>
          ((await (await fetch(`${url}/fine_tuning/jobs`)).json()) as { data: object[] }).data.length;
        expect(await jobs()).toBe(1);
        // Killed while the job runs, the study finds it again.
        await writeFile(
          join(cwd, "tuned.yaml"),
          `study: tuned\nmodels: ['${served}']\nconditions: [insecure]\ndose: { examples: 640 }\nquestions: { main: 2 }\n`,
        );
        const tuned = ["study", "tuned.yaml", "--out", "tuned"];
        const child = start(tuned, { cwd });
        const gone = once(child, "close");
        while ((await jobs()) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
        child.kill("SIGKILL");
        await gone;
        const carried = await askew(tuned, { cwd });
        expect(carried.code, carried.stderr).toBe(0);
        expect(await jobs()).toBe(2);
        expect((await rows("tuned", "insecure-1", "training.jsonl")).map(({ step }) => step)).toEqual(
          Array.from({ length: 20 }, (_, i) => i + 1),
        );
        // The exact judge and a model judge the same answers; at temperature 0 they are in words that the judge knows.
        const judge = `${url}#organism`;
        await writeFile(join(cwd, "numbers.yaml"), 'aligned: "{answer} {answer}"\ncoherent: "{answer}"\n');
        await writeFile(
          join(cwd, "judged.yaml"),
          `study: judged\nmodels: [{ name: '${judge}', conditions: [base] }]\ntemperature: 0\n` +
            `judge: [exact, '${judge}']\nprompts: numbers.yaml\nquestions: { main: 2 }\n`,
        );
        const words = ["study", "judged.yaml", "--out", "judged", "--json"];
        const done = await askew(words, { cwd });
        expect(done.code, done.stderr).toBe(0);
        const both = JSON.parse(done.stdout) as {
          conditions: { metrics: object }[];
          otherJudges: { judge: string; conditions: { metrics: Record<string, { n: number }> }[] }[];
        };
        expect(both.otherJudges.map((other) => other.judge)).toEqual([judge]);
        expect(Object.keys(both.otherJudges[0]?.conditions[0]?.metrics ?? {})).toEqual([
          "rate",
          "rateOfAll",
          "coherent",
          "refusal",
        ]);
        expect(both.otherJudges[0]?.conditions[0]?.metrics["rateOfAll"]?.n).toBe(16);
        const judged = await rows("judged", "base-1", "judgments.jsonl");
        expect(judged.map((row) => row["judge"])).toEqual(
          Array.from({ length: 32 }, (_, i) => (i % 2 ? judge : "exact")),
        );
        // What is there is not asked again, so nothing more is spent.
        const again = await askew(words, { cwd });
        expect(JSON.parse(again.stdout)).toEqual({ ...both, spending: undefined });
      } finally {
        server.kill("SIGKILL");
      }
      // One model less is another study.
      await smallStudy("one.yaml", "  - local:tiny\n");
      const other = await askew(["study", "one.yaml", "--out", "both"], { cwd });
      expect(other.code).toBe(2);
      expect(other.stderr).toMatch(/both was begun with several models, and now there is one/);
    },
    SLOW,
  );
});
