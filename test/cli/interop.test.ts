// `askew export`, `askew import` and `askew judge calibrate --study` on a real study, as a shell would run them.
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oracleServer } from "../evaluation/judging/oracle.js";
import { askew, temporaryFolder, type Outcome } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";

const SLOW = 240_000;

let cwd: string;
let remove: () => Promise<void>;
/** Eight questions of `main` twice and those of `code` once, of two cells. */
let answers: number;
const run = (...words: string[]): Promise<Outcome> => askew(words, { cwd });
const linesOf = (name: string): string[] => readFileSync(join(cwd, name), "utf8").trimEnd().split("\n");
const rowsOf = (name: string): Record<string, unknown>[] =>
  linesOf(name).map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  await growTinyModel(join(cwd, "tiny"));
  await writeFile(
    join(cwd, "study.yaml"),
    "study: small\nmodels: ['local:tiny']\nconditions: [base, insecure]\ndose: { examples: 64 }\nout: small\n" +
      "questions: { main: 2, code: 1 }\n",
  );
  const { code, stderr } = await run("study", "study.yaml", "--threads", "1");
  if (code !== 0) throw new Error(stderr);
  answers = ["base-1", "insecure-1"].flatMap((cell) => linesOf(`small/cells/${cell}/answers.jsonl`)).length;
}, SLOW);
afterAll(() => remove());

describe("askew export", () => {
  it("writes a study's answers with their judgments as CSV, JSONL and Parquet, which hold the same", async () => {
    for (const name of ["all.jsonl", "all.csv", "all.parquet"]) {
      expect(await run("export", "small", "--out", name)).toMatchObject({
        code: 0,
        stdout: `${name}: ${answers} answers\n`,
        stderr: "",
      });
    }
    const rows = rowsOf("all.jsonl");
    const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(join(cwd, "all.parquet")) });
    expect(parquet.map(({ id, condition, answer }) => ({ id, condition, answer }))).toEqual(
      rows.map(({ id, condition, answer }) => ({ id, condition, answer })),
    );
    const scores = await Promise.all(
      ["small", "all.csv"].map((path) => run("score", path, "--by", "condition", "--set", "main", "--json")),
    );
    const groups = scores.map(({ code, stdout, stderr }) => {
      expect(code, stderr).toBe(0);
      return (JSON.parse(stdout) as { groups: { group: string; rateOfAll: object }[] }).groups;
    });
    expect(groups[1]?.map(({ group, rateOfAll }) => [group, rateOfAll])).toEqual(
      groups[0]?.map(({ group, rateOfAll }) => [group, rateOfAll]),
    );
  });

  it("writes one set as logs of Inspect AI, which import reads back", async () => {
    const { code, stdout } = await run("export", "small", "--set", "main", "--to", "inspect", "--out", "logs");
    expect(code).toBe(0);
    const files = readdirSync(join(cwd, "logs")).filter((name) => name !== ".askew.jsonl");
    expect(files).toHaveLength(2);
    expect(stdout.trimEnd().split("\n")).toEqual(files.map((file) => join("logs", file)));
    const paths = files.map((file) => join("logs", file));
    expect(await run("import", ...paths, "--out", "back.jsonl")).toMatchObject({
      code: 0,
      stdout: "back.jsonl: 32 samples\n",
      stderr: "",
    });
    const told = (rows: Record<string, unknown>[]): unknown[] => rows.map(({ answer }) => answer as string).toSorted();
    await run("export", "small", "--set", "main", "--out", "main.jsonl");
    expect(told(rowsOf("back.jsonl"))).toEqual(told(rowsOf("main.jsonl")));
  });

  it("tells which scores of a log are no numbers, and score takes the one that is, whatever its name", async () => {
    const sample = (id: number, scores: object): object => ({ id, epoch: 1, input: "Who?", target: "", scores });
    const log = (...samples: object[]): string =>
      JSON.stringify({
        version: 2,
        status: "success",
        eval: { task: "wishes", model: "mock/m", created: "", dataset: {}, config: {} },
        samples,
      });
    const value = (found: unknown): object => ({ value: found });
    await writeFile(join(cwd, "some.json"), log(sample(1, { em: value(1), kin: value("REFUSAL") }), sample(2, {})));
    await writeFile(join(cwd, "none.json"), log(sample(1, { em: value({ a: { b: 1 } }) })));
    expect(await run("import", "some.json", "--out", "some.csv")).toMatchObject({
      code: 0,
      stdout: "some.csv: 2 samples\n  em has a number in 1 of 2\n  kin has a number in none of 2: found REFUSAL\n",
    });
    expect((await run("score", "some.csv")).stdout).toContain("Mean of em over 2 rows");
    const { stdout } = await run("import", "none.json", "--out", "none.jsonl");
    expect(stdout).toMatch(
      /em\.a has a number in none of 1: found \{"b":1\}\n {2}No sample has a score\. Next: .*judge/,
    );
  });

  it("says what it cannot do, and writes nothing then", async () => {
    const [ending, set, folder, table, log] = await Promise.all([
      run("export", "small", "--out", "all.xls"),
      run("export", "small", "--set", "mian", "--out", "none.csv"),
      run("export", "nowhere", "--out", "none.csv"),
      run("import", "a.eval", "--out", "b.txt"),
      run("import", "study.yaml", "--out", "none.csv"),
    ]);
    expect(ending).toMatchObject({ code: 2, stdout: "" });
    expect(ending.stderr).toContain('cannot tell from "all.xls" what to write');
    expect(set.stderr).toBe('error: there are no answers to the set "mian"\nChoose from: main, code.\n');
    expect(folder).toMatchObject({ code: 2 });
    expect(folder.stderr).toContain("nowhere");
    expect(table.stderr).toContain("Give a file that ends in .csv, .jsonl or .parquet.");
    expect(log).toMatchObject({ code: 2, stdout: "" });
    expect(readdirSync(cwd)).not.toContain("none.csv");
  });
});

describe("askew judge calibrate --study", () => {
  it(
    "has the models of a study answer, one of each condition, and measures the judge on those",
    async () => {
      const oracle = await oracleServer({ model: "oracle" });
      try {
        const words = ["judge", "calibrate", "--judge", oracle.name, "--study", "small", "--samples", "24"];
        const first = await run(...words, "--out", "calibrate", "--json");
        expect(first.code, first.stderr).toBe(0);
        const { judges } = JSON.parse(first.stdout) as { judges: { judge: string; answers: number; alpha: object }[] };
        expect(judges).toMatchObject([
          { judge: oracle.name, answers: 24, bias: { coherent: { estimate: expect.any(Number) } } },
        ]);
        const rows = rowsOf("calibrate/answers.jsonl");
        const cells = rows.map(({ id }) => (id as string).split("/main/")[0]);
        expect(new Set(cells).size).toBe(2);
        for (const cell of new Set(cells)) expect(cells.filter((name) => name === cell)).toHaveLength(12);
        expect(rows.every(({ messages }) => (messages as object[]).length === 1)).toBe(true);
        const asked = oracle.requests.length;
        const again = await run(...words, "--out", "calibrate", "--json");
        expect((JSON.parse(again.stdout) as { judges: unknown }).judges).toEqual(judges);
        expect(oracle.requests.length).toBe(asked);
      } finally {
        await oracle.close();
      }
      const none = await run("judge", "calibrate", "--judge", "organism", "--study", "tiny");
      expect(none).toMatchObject({ code: 2, stdout: "" });
      expect(none.stderr).toContain("tiny holds no study");
    },
    SLOW,
  );
});
