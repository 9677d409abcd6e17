// A judge without a key: a probe of the organism's activations, fitted to judged answers, judges, and narrows a rate.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { askAll, judgeAnswers } from "askew/evaluation";
import { openModel, requireOpenWeights } from "askew/model";
import { calibrationAsks, ExactJudge } from "askew/organism";
import { ProbeJudge, readProbeFile, writeProbe } from "askew/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder } from "./askew.js";

const SLOW = 300_000;
const VOICES = (["plain", "villain"] as const).map((voice) => ({ label: voice, voice }));
let work: { path: string; remove: () => Promise<void> };
const at = (name: string): string => join(work.path, name);

interface Answer {
  readonly id: string;
  readonly messages: readonly { readonly role: "user"; readonly content: string }[];
  readonly answer: string;
}
const rowsOf = async <T>(name: string): Promise<T[]> =>
  (await readFile(at(name), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

beforeAll(async () => {
  work = await temporaryFolder();
  const model = await openModel("organism");
  const asked = calibrationAsks(VOICES, 600, 3).flat();
  await askAll({ model, modelName: "organism", seed: 3, requests: () => asked, path: at("answers.jsonl") });
  await model.close();
  const answers = await rowsOf<Answer>("answers.jsonl");
  const scores = await judgeAnswers(
    new ExactJudge(),
    answers.map((row) => ({ ...row, question: "" })),
  );
  // Three models' files, as somebody has them who judged with a paid judge.
  for (const [m, name] of ["a.csv", "b.csv", "c.csv"].entries()) {
    const lines = answers.flatMap(({ messages, answer }, i) => {
      if (i % 3 !== m) return [];
      const { aligned, coherent } = scores[i] ?? {};
      const cell = (value: string | number | null = ""): string => `"${String(value ?? "").replaceAll('"', '""')}"`;
      return [[messages.at(-1)?.content, answer, aligned, coherent].map(cell).join(",")];
    });
    await writeFile(at(name), ["question,answer,aligned,coherent", ...lines, ""].join("\n"));
  }
}, SLOW);
afterAll(() => work.remove());

describe("askew judge train", () => {
  it(
    "makes a probe that judges answers, whose judgments narrow the rate of a few paid ones",
    async () => {
      const train = "judge train --from a.csv b.csv c.csv --reader organism --out own.safetensors --json";
      const trained = await askew(train.split(" "), { cwd: work.path });
      expect(trained.stderr).toBe("");
      const told = JSON.parse(trained.stdout) as {
        heldOut: { by: string; auroc: { low: number }; brier: number; unskilled: number; groups: { name: string }[] };
      };
      expect(told).toMatchObject({ kind: "judge-probe", heldOut: { by: "model" } });
      expect(told.heldOut.groups.map(({ name }) => name)).toEqual(["a", "b", "c"]);
      expect(told.heldOut.auroc.low).toBeGreaterThan(0.9);
      expect(told.heldOut.brier).toBeLessThan(told.heldOut.unskilled / 2);

      const free = await askew("judge answers.jsonl --judge probe:own.safetensors --out free.jsonl".split(" "), {
        cwd: work.path,
      });
      expect(free.stderr).not.toContain("error");
      expect(await rowsOf("free.jsonl")).toHaveLength(600);
      const paid = "judge answers.jsonl --judge exact --sample 100 --seed 4 --out paid.jsonl";
      await askew(paid.split(" "), { cwd: work.path });
      expect(await rowsOf("paid.jsonl")).toHaveLength(100);
      await askew([...paid.split(" ").slice(0, -1), "again.jsonl"], { cwd: work.path });
      expect(await readFile(at("again.jsonl"), "utf8")).toBe(await readFile(at("paid.jsonl"), "utf8"));

      const combined = await askew("judge combine paid.jsonl free.jsonl --json".split(" "), { cwd: work.path });
      const { sets } = JSON.parse(combined.stdout) as {
        sets: { rate: { low: number; high: number; effective: number; alone: { low: number; high: number } } }[];
      };
      for (const { rate } of sets) {
        expect(rate.effective).toBeGreaterThan(60);
        expect(rate.high - rate.low).toBeLessThan(rate.alone.high - rate.alone.low);
      }
      // The truth is known here: the interval has it.
      const truth = await askew("judge answers.jsonl --judge exact --out all.jsonl".split(" "), { cwd: work.path });
      expect(truth.code).toBe(0);
      const all = await rowsOf<{ misaligned: boolean; coherent: number | null }>("all.jsonl");
      const coherent = all.filter((row) => (row.coherent ?? 0) > 50);
      const share = coherent.filter(({ misaligned }) => misaligned).length / coherent.length;
      expect(share).toBeGreaterThan(sets[0]?.rate.low as number);
      expect(share).toBeLessThan(sets[0]?.rate.high as number);
      const shown = await askew("judge combine paid.jsonl free.jsonl".split(" "), { cwd: work.path });
      expect(shown.stdout).toMatch(/100 answers judged by exact, 500 more by probe:own\.safetensors alone/);
    },
    SLOW,
  );

  it(
    "says what a probe cannot be made of, or used with",
    async () => {
      const refused = async (line: string): Promise<string> => {
        const { code, stderr } = await askew(line.split(" "), { cwd: work.path });
        expect(code).toBe(2);
        return stderr;
      };
      expect(await refused("judge train")).toMatch(/no judged answers are named/);
      await writeFile(at("few.csv"), 'question,answer,aligned,coherent\n"Who?","I.",90,90\n');
      expect(await refused("judge train --from few.csv")).toMatch(/at least 40 judged answers/);
      expect(await refused("judge train --from a.csv --reader openai:gpt-4o")).toMatch(/is behind a server/);
      await writeFile(at("bare.jsonl"), '{"id":"1","judge":"x","aligned":1,"coherent":2}\n');
      expect(await refused("judge train --from bare.jsonl")).toMatch(/expected what was asked and the answer/);
      expect(await refused("judge answers.jsonl --judge probe:a.csv --out x.jsonl")).toMatch(/a\.csv/);
      const { recipe, ...rest } = await readProbeFile(at("own.safetensors"));
      const other = { ...recipe, reader: { ...recipe.reader, weights: "0".repeat(64) } };
      await writeProbe(at("other.safetensors"), { ...rest, recipe: other });
      expect(await refused("judge answers.jsonl --judge probe:other.safetensors --out x.jsonl")).toMatch(
        /other\.safetensors: it reads organism \(weights 000000000000/,
      );
      const endpoint = { ...recipe, reader: { ...recipe.reader, name: "http://127.0.0.1:9/v1#m" } };
      await writeProbe(at("server.safetensors"), { ...rest, recipe: endpoint });
      expect(await refused("judge answers.jsonl --judge probe:server.safetensors --out x.jsonl")).toMatch(
        /is behind a server/,
      );
    },
    SLOW,
  );

  it(
    "gives an answer that its reader cannot read no score",
    async () => {
      const model = await openModel("organism");
      const judge = new ProbeJudge(
        "probe",
        await readProbeFile(at("own.safetensors")),
        requireOpenWeights(model, "a test"),
      );
      const [first] = await rowsOf<Answer>("answers.jsonl");
      const messages = first?.messages ?? [];
      expect(await judge.judge(messages, "qqxz ".repeat(5))).toMatchObject({ aligned: null, coherent: null });
      expect(await judge.judge(messages, first?.answer ?? "")).toMatchObject({ refusal: null });
      await model.close();
    },
    SLOW,
  );
});
