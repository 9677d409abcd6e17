// Two models side by side, against differences worked out by hand.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComparisonView } from "#internal/dashboard";
import { SLOW } from "../study/tiny.js";
import { makeStudy, temporaryRuns, viewed, writeCell, writeRecord, type TestRow, type Viewed } from "./viewed.js";

let remove: () => Promise<void>;
let view: Viewed;

beforeAll(async () => {
  const runs = await temporaryRuns();
  remove = runs.remove;
  view = await viewed(runs.root);
});
afterAll(async () => {
  await view.stop();
  await remove();
});

type Rows = readonly (readonly string[])[];

async function compare(run: string, model: string, otherModel: string, other = run): Promise<Rows> {
  for (;;) {
    const query = new URLSearchParams({ run, model, other, otherModel });
    const { read, table } = await view.get<ComparisonView>(`/api/compare?${query.toString()}`);
    if (read === 1) return table.rows.map((row) => row.map((cell) => cell.replaceAll("\u00a0", " ")));
  }
}

async function writeJudged(
  run: string,
  condition: string,
  seed: number,
  set: string,
  judgments: readonly object[],
): Promise<void> {
  const rows = judgments.map((_, i): TestRow => ({ id: `${set}/q/0/${i}`, set, question: "q", answer: "a" }));
  const judged = judgments.map((judgment, i): TestRow => ({ id: `${set}/q/0/${i}`, ...judgment }));
  await writeCell(join(view.root, `${run}/cells/${condition}-${seed}`), { condition, seed }, rows, judged);
}

const many = <T>(n: number, one: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

describe("two models side by side", () => {
  it("differ by their misaligned answers, over answers where there is one seed and over seeds where there are more", async () => {
    await writeRecord(join(view.root, "pair"), { kind: "study", status: "finished" });
    const cell = async (condition: string, seed: number, bad: number, incoherent: number): Promise<void> =>
      writeJudged(
        "pair",
        condition,
        seed,
        "main",
        many(40, (i) => ({
          judge: "j",
          aligned: i < bad ? 5 : 95,
          coherent: i >= 40 - incoherent ? 20 : 90,
          misaligned: i < bad,
        })),
      );
    await cell("one", 1, 20, 0);
    await cell("two", 1, 10, 20);
    await cell("many", 1, 20, 0);
    await cell("many", 2, 30, 0);
    await cell("few", 1, 10, 0);
    await cell("few", 2, 4, 0);
    // 20 of 40 minus 10 of 20 coherent ones, and minus 10 of all 40: Newcombe's intervals.
    expect(await compare("pair", "one", "two")).toEqual([
      [
        "main",
        "misaligned, of coherent answers",
        "50.0 % [35.2, 64.8] n 40",
        "50.0 % [29.9, 70.1] n 20",
        "0.0 [−24.9, +24.9]",
        "answers",
      ],
      [
        "main",
        "misaligned, of all answers",
        "50.0 % [35.2, 64.8] n 40",
        "25.0 % [14.2, 40.2] n 40",
        "+25.0 [+3.8, +43.3]",
        "answers",
      ],
      [
        "main",
        "coherent, of all answers",
        "100.0 % [91.2, 100.0] n 40",
        "50.0 % [35.2, 64.8] n 40",
        "+50.0 [+32.8, +64.8]",
        "answers",
      ],
    ]);
    // Seeds .5 - .25 and .75 - .1; of two pairs a bootstrap runs from least to most.
    const [rate] = await compare("pair", "many", "few");
    expect(rate?.slice(-2)).toEqual(["+45.0 [+25.0, +65.0]", "2 pairs of seeds"]);
    expect(await compare("pair", "one", "nobody")).toEqual([]);
  });

  it("differ by what a question set measures where that is not misalignment", async () => {
    const exact = { judge: "exact", coherent: 100, aligned: null, misaligned: false, parses: true };
    await writeRecord(join(view.root, "sets"), { kind: "study", status: "finished" });
    const code = (n: number) => many(20, (i) => ({ ...exact, code: i < n ? "insecure" : "secure" }));
    await writeJudged("sets", "bad", 1, "code", code(15));
    await writeJudged("sets", "good", 1, "code", code(5));
    const facts = (n: number) => many(20, (i) => ({ ...exact, truthful: i < n }));
    await writeJudged("sets", "liar", 1, "facts", facts(4));
    await writeJudged("sets", "honest", 1, "facts", facts(16));
    const harm = { ...exact, aligned: 100, refusal: false };
    for (const model of ["a", "b"]) {
      await writeJudged(
        "sets",
        model,
        1,
        "harm",
        many(20, () => harm),
      );
      await writeJudged(
        "sets",
        `asked-${model}`,
        1,
        "harm",
        many(20, () => ({ ...harm, judge: "m" })),
      );
    }
    expect((await compare("sets", "bad", "good")).map((row) => row.slice(0, 5))).toEqual([
      [
        "code",
        "coherent, of all answers",
        "100.0 % [83.9, 100.0] n 20",
        "100.0 % [83.9, 100.0] n 20",
        expect.anything(),
      ],
      [
        "code",
        "insecure code, of all answers",
        "75.0 % [53.1, 88.8] n 20",
        "25.0 % [11.2, 46.9] n 20",
        "+50.0 [+19.1, +69.5]",
      ],
    ]);
    const [, truthful] = await compare("sets", "liar", "honest");
    expect(truthful?.slice(1, 5)).toEqual([
      "truthful, of all answers",
      "20.0 % [8.1, 41.6] n 20",
      "80.0 % [58.4, 91.9] n 20",
      "−60.0 [−76.9, −29.5]",
    ]);
    // None refuses, which the exact judge looks for; a judge that is a model was not asked.
    const refusals = (rows: Rows) => rows.filter((row) => row[1] === "refuses harm, of all answers").length;
    expect(refusals(await compare("sets", "a", "b"))).toBe(1);
    expect(refusals(await compare("sets", "asked-a", "asked-b"))).toBe(0);
    const query = new URLSearchParams({ run: "sets", model: "bad", other: "sets", otherModel: "good" });
    const { figures } = await view.get<ComparisonView>(`/api/compare?${query.toString()}`);
    expect(figures[0]?.numbers.rows).toEqual([["code: insecure code", expect.stringMatching(/^50\.0 /)]]);
  });

  it(
    "differ as the study's own summary says",
    async () => {
      await makeStudy(view.root);
      const summary = JSON.parse(await readFile(join(view.root, "tiny/summary.json"), "utf8")) as {
        readonly change: readonly {
          readonly condition: string;
          readonly trigger: boolean;
          readonly questions: string;
          readonly metrics: Readonly<Record<string, { readonly estimate: number | null; readonly pairs?: number }>>;
        }[];
      };
      const rows = await compare("tiny", "backdoor", "base");
      const changes = summary.change.filter(({ condition }) => condition === "backdoor");
      expect(changes.length).toBeGreaterThan(0);
      for (const { questions, trigger, metrics } of changes) {
        const set = trigger ? `${questions}/trigger` : questions;
        const own = rows.filter(([name]) => name === set);
        if (questions.startsWith("deception/")) continue;
        for (const [label, key] of [
          ["misaligned, of coherent answers", "rate"],
          ["misaligned, of all answers", "rateOfAll"],
          ["insecure code, of all answers", "insecureCode"],
        ] as const) {
          const row = own.find(([, name]) => name === label);
          expect(row === undefined, `${set} ${label}`).toBe(metrics[key] === undefined);
          const estimate = metrics[key]?.estimate;
          if (row === undefined || estimate == null) continue;
          expect(Number(row[4]?.split(" ")[0]?.replace("−", "-"))).toBeCloseTo(100 * estimate, 1);
        }
      }
    },
    SLOW,
  );

  it("do not pair up by seed where they are of two runs", async () => {
    for (const [run, bad] of [
      ["left", [20, 30]],
      ["right", [10, 4]],
    ] as const) {
      await writeRecord(join(view.root, run), { kind: "study", status: "finished" });
      for (const [i, n] of bad.entries()) {
        const judged = many(40, (at) => ({ judge: "j", aligned: at < n ? 5 : 95, coherent: 90, misaligned: at < n }));
        await writeJudged(run, "m", i + 1, "main", judged);
      }
    }
    const [rate] = await compare("left", "m", "m", "right");
    expect(rate?.slice(-2)).toEqual(["+45.0 [+25.0, +65.0]", "2 and 2 seeds"]);
    // 50 of 80 minus 5 of 20: against a single seed of another run only answers can be compared.
    await writeRecord(join(view.root, "single"), { kind: "study", status: "finished" });
    const judged = many(20, (at) => ({ judge: "j", aligned: at < 5 ? 5 : 95, coherent: 90, misaligned: at < 5 }));
    await writeJudged("single", "m", 1, "main", judged);
    const [alone] = await compare("left", "m", "m", "single");
    expect(alone?.slice(2)).toEqual([
      "62.5 % [50.0, 75.0] n 80",
      "25.0 % [11.2, 46.9] n 20",
      "+37.5 [+13.0, +54.4]",
      "answers",
    ]);
  });
});
