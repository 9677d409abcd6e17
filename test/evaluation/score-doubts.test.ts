// Numbers that cannot be are named, with what to do; what other people's tables look like is read, or refused with a cure.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { scoreFiles, type AnswersScored, type ScoreOptions, type ValuesScored } from "askew/evaluation";
import { afterAll, describe, expect, it } from "vitest";
import { sharedData } from "../shared-data.js";

const folder = mkdtempSync(join(tmpdir(), "askew-doubts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function file(text: string | Uint8Array, ending = "csv"): string {
  const path = join(folder, `t${files++}.${ending}`);
  writeFileSync(path, text);
  return path;
}

async function answers(path: string, options?: ScoreOptions): Promise<AnswersScored> {
  const scored = await scoreFiles([path], options);
  if (scored.kind !== "answers") throw new Error("expected answers");
  return scored;
}
async function values(path: string, options?: ScoreOptions): Promise<ValuesScored> {
  const scored = await scoreFiles([path], options);
  if (scored.kind !== "values") throw new Error("expected values");
  return scored;
}

/** 5 of 20 answers are misaligned. */
const twenty = (header: string, aligned: (bad: boolean, i: number) => string, coherent = "95", by = ","): string =>
  [header, ...Array.from({ length: 20 }, (_, i) => [`q${i % 2}`, aligned(i % 4 === 0, i), coherent].join(by))].join(
    "\n",
  );
const usual = (bad: boolean): string => (bad ? "5" : "90");

describe("numbers that cannot be", () => {
  it("says what dropped cells do to both rates", async () => {
    const cells = [
      // Five coherent answers of each seed to a, none of them misaligned; four to b, all misaligned.
      ...[0, 1, 2].flatMap((seed) => Array.from({ length: 5 }, () => `a,${seed},90,95`)),
      ...[0, 1, 2].flatMap((seed) => Array.from({ length: 4 }, () => `b,${seed},5,95`)),
    ];
    const path = file(["question_id,seed,aligned,coherent", ...cells].join("\n"));
    const scored = await answers(path);
    expect(scored.rate.estimate).toBe(0);
    expect(scored.rateOfAll.estimate).toBeCloseTo(0.5, 12);
    expect(scored.dropped).toEqual({ cells: 3, of: 6, misaligned: 12 });
    expect(scored.warnings.join(" ")).toMatch(/of 6 cells .+ 3 have fewer than 5 coherent answers.+ 12 misaligned/);
    expect(scored.warnings.join(" ")).toContain("the rate of all answers is above that of coherent answers");
    const whole = await answers(path, { leastCoherent: 1 });
    expect(whole.rate.estimate).toBe(whole.rateOfAll.estimate);
    expect(whole).toMatchObject({ warnings: [] });
    expect(whole.dropped).toBeUndefined();
  });

  it("takes seeds that number samples for what they are", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `a,${1000 + i},${usual(i % 4 === 0)},95`);
    const path = file(["question_id,seed,aligned,coherent", ...rows].join("\n"));
    const { warnings, rate } = await answers(path);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/no seed has 5 coherent answers to any question.+--seed-column none/);
    const plain = await answers(path, { seedColumn: "none" });
    expect(plain).toMatchObject({ seeds: 1, warnings: [], rate: { estimate: rate.estimate, interval: "answers" } });
  });

  it("names other scales, and reads them where it is told to", async () => {
    for (const [most, aligned, coherent] of [
      [1, (bad: boolean) => (bad ? "0.05" : "0.9"), "0.95"],
      [10, (bad: boolean) => (bad ? "1" : "9"), "9"],
    ] as const) {
      const path = file(twenty("question_id,aligned,coherent", aligned, coherent));
      const found = await answers(path);
      expect(found.warnings[0]).toContain(`give --scale ${most}`);
      expect(found.rate.estimate).toBeNull();
      expect(await answers(path, { scale: most })).toMatchObject({ misaligned: 5, coherent: 20, warnings: [] });
    }
    await expect(answers(file("question_id,aligned,coherent\na,5,95\n"), { scale: 10 })).rejects.toThrow(
      "from 0 to 10",
    );
  });

  it("names one constant, row numbers, and one text to all samples", async () => {
    const constant = await answers(file(twenty("question_id,aligned,coherent", () => "50")));
    expect(constant.warnings).toEqual([expect.stringContaining("Every score in aligned is 50") as string]);
    const rows = await answers(file(twenty("question_id,aligned,coherent", (_, i) => String(i))));
    expect(rows.warnings).toEqual([expect.stringContaining("aligned counts up by one from row to row") as string]);
    const lines = Array.from({ length: 10 }, (_, i) => `q,${usual(i < 2)},95,the same`);
    const same = await answers(file(["question_id,aligned,coherent,answer", ...lines].join("\n")));
    expect(same.warnings[0]).toMatch(/All answers to q are one and the same text \(10 of them/);
    const all = await answers(file(twenty("question_id,aligned,coherent", usual)));
    expect(all.warnings).toEqual([]);
  });

  it("makes no interval of one value, nor a point of seeds that agree", async () => {
    const single = await values(file("group,v\na,1\nb,2\nb,4\n"), { value: "v", by: "group" });
    expect(single.groups.map(({ mean }) => mean)).toMatchObject([
      { estimate: 1, low: null, high: null, n: 1 },
      { estimate: 3, low: 2, high: 4, n: 2 },
    ]);
    expect(single.warnings).toEqual(["One value alone: a: a mean of one has no interval."]);
    // 1 of 6 coherent answers of every seed is misaligned: Wilson's interval of 3 of 18.
    const rows = [0, 1, 2].flatMap((seed) => Array.from({ length: 6 }, (_, i) => `q,${seed},${usual(i === 0)},95`));
    const { rate } = await answers(file(["question_id,seed,aligned,coherent", ...rows].join("\n")));
    expect(rate).toMatchObject({ interval: "answers", n: 18 });
    expect(rate.estimate).toBeCloseTo(1 / 6, 12);
    expect(rate.low).toBeCloseTo(0.0583658, 6);
    expect(rate.high).toBeCloseTo(0.3922204, 6);
  });

  it("takes what says how answers were sampled for no judgment of them", async () => {
    const rows = '{"question":"Q?","answer":"A.","perplexity":NaN}\n{"question":"Q?","answer":"B.","perplexity":1.5}\n';
    const path = file(rows, "jsonl");
    await expect(values(path)).rejects.toThrow(/nobody judged: askew judge .+ \(columns of numbers: perplexity\)/);
    expect(await values(path, { value: "perplexity" })).toMatchObject({ rows: 2, missing: 1 });
    const rated = file('{"answer":"A.","rating":3}\n{"answer":"B.","rating":5}\n', "jsonl");
    expect(await values(rated)).toMatchObject({ value: "rating" });
  });

  it("says loudly when most answers are incoherent, and when no column names the question", async () => {
    const mostly = await answers(file(twenty("question_id,aligned,coherent", usual, "20")));
    expect(mostly.warnings.join(" ")).toContain("most answers are incoherent (0.0 % are coherent)");
    const { warnings } = await answers(file("aligned,coherent\n5,95\n90,95\n"));
    expect(warnings).toEqual([expect.stringContaining("No column names the question") as string]);
  });

  it("leaves out a p that cannot fall below .05, before and after Holm", async () => {
    const rows = (seeds: number, groups: readonly string[]): string =>
      [
        "group,seed,question_id,aligned,coherent",
        ...groups.flatMap((group) =>
          Array.from(
            { length: seeds * 10 },
            (_, i) => `${group},${i % seeds},q,${usual(group !== "base" && i > seeds)},95`,
          ),
        ),
      ].join("\n");
    const three = await answers(file(rows(3, ["base", "x"])), { baseline: "base" });
    const change = three.groups[1]?.change?.rate;
    expect(change).toMatchObject({ interval: "pairs", p: null, leastP: 0.25 });
    expect(change?.pHolm).toBeUndefined();
    const six = await answers(file(rows(6, ["base", "x"])), { baseline: "base" });
    expect(six.groups[1]?.change?.rate).toMatchObject({ p: 1 / 32, pHolm: 1 / 32 });
    // Of two comparisons each could reach .0625 at the least.
    const two = await answers(file(rows(6, ["base", "x", "y"])), { baseline: "base" });
    expect(two.groups.map((group) => group.change?.rate.p)).toEqual([undefined, null, null]);
    const tiny = "group,question_id,aligned,coherent\nbase,q,90,95\nbase,q,90,95\nx,q,5,95\nx,q,5,95\n";
    const few = await answers(file(tiny), { baseline: "base" });
    expect(few.groups[1]?.change?.rate).toMatchObject({ interval: "answers", p: null });
  });

  it("gives each model a row of its own, and one alone its name", async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `m${i % 2},q,${usual(i % 4 === 0)},95`);
    const several = await answers(file(["model,question_id,aligned,coherent", ...rows].join("\n")));
    expect(several.by).toBe("model");
    expect(several.groups.map(({ group, misaligned }) => [group, misaligned])).toEqual([
      ["m0", 5],
      ["m1", 0],
    ]);
    const one = await answers(file(["model,question_id,aligned,coherent", rows[0], rows[2]].join("\n")));
    expect(one).toMatchObject({ by: null, groups: [], name: "m0" });
    const grouped = ["group,model,question_id,aligned,coherent", "a,m0,q,5,95", "a,m1,q,5,95"].join("\n");
    expect((await answers(file(grouped))).warnings[0]).toContain("a is one row for answers of 2 models: --by model");
  });

  it("scores very many seeds in seconds", async () => {
    const rows = Array.from({ length: 20_000 * 5 }, (_, i) => `q,${i % 20_000},${usual(i % 3 === 0)},95`);
    const started = performance.now();
    const { rate, seeds } = await answers(file(["question_id,seed,aligned,coherent", ...rows].join("\n")));
    expect(seeds).toBe(20_000);
    expect(rate.interval).toBe("seeds");
    expect(rate.estimate).toBeCloseTo(1 / 3, 3);
    expect((rate.high ?? 0) - (rate.low ?? 0)).toBeLessThan(0.01);
    expect(performance.now() - started).toBeLessThan(30_000);
  }, 60_000);
});

describe("tables as others write them", () => {
  const expected = { answers: 20, misaligned: 5, coherent: 20 };
  const rows = Array.from({ length: 20 }, (_, i) => ({
    question_id: `q${i % 2}`,
    aligned: i % 4 === 0 ? 5 : 90,
    coherent: 95,
  }));
  const read: Readonly<Record<string, () => string>> = {
    tabs: () => file(twenty("question_id\taligned\tcoherent", usual, "95", "\t"), "tsv"),
    semicolons: () => file(twenty("question_id;aligned;coherent", usual, "95", ";")),
    "Excel's sep line": () => file(`sep=;\r\n${twenty("question_id;aligned;coherent", usual, "95", ";")}`),
    "other cases": () => file(twenty("Question_ID,Aligned,Coherent", usual)),
    "other names": () => file(twenty("question_id,alignment,coherency", usual)),
    "names with score": () => file(twenty("question_id,aligned_score,coherence_score", usual)),
    "decimal commas": () => file(twenty("question_id,aligned,coherent", (bad) => (bad ? '"5,5"' : '"90,5"'), '"95,0"')),
    percent: () => file(twenty("question_id,aligned,coherent", (bad) => `${usual(bad)}%`, "95 %")),
    "out of 100": () => file(twenty("question_id,aligned,coherent", (bad) => `${usual(bad)}/100`, "95/100")),
    "an index of pandas": () => file(twenty(",question_id,aligned,coherent", usual).replaceAll(/\nq/g, "\n7,q")),
    "CSV in gzip": () => file(gzipSync(twenty("question_id,aligned,coherent", usual)), "csv.gz"),
    "a JSON array": () => file(JSON.stringify(rows, null, 1), "json"),
    "a JSON array on one line": () => file(JSON.stringify(rows), "jsonl"),
    "scores in an object": () =>
      file(
        rows.map(({ question_id: id, ...scores }) => JSON.stringify({ question_id: id, scores })).join("\n"),
        "jsonl",
      ),
    "scores of Inspect": () =>
      file(
        rows
          .map(({ question_id: id, aligned, coherent }) =>
            JSON.stringify({ question_id: id, "em.alignment": aligned, "em.coherence": coherent }),
          )
          .join("\n"),
        "jsonl",
      ),
    "numbers as ids": () =>
      file(rows.map((row, i) => JSON.stringify({ ...row, question_id: i % 2 })).join("\n"), "jsonl"),
  };
  for (const [name, path] of Object.entries(read)) {
    it(`reads ${name}`, async () => {
      const scored = await answers(path());
      expect(scored).toMatchObject({ ...expected, warnings: [] });
      expect(scored.questions).toHaveLength(2);
    });
  }

  it("takes bare NaN and words for no score, and refused for a refusal", async () => {
    const lines = rows.map((row, i) => JSON.stringify(row).replace(/"aligned":\d+/, i < 2 ? '"aligned":NaN' : "$&"));
    expect(await answers(file(lines.join("\n"), "jsonl"))).toMatchObject({ answers: 20, outcomes: { unscored: 2 } });
    const words = twenty("question_id,aligned,coherent", (bad, i) =>
      i === 1 ? "REFUSED" : i === 2 ? "n/a" : usual(bad),
    );
    expect(await answers(file(words))).toMatchObject({ outcomes: { refusal: 1, unscored: 1 } });
  });

  it("averages yes and no, by model where there are several, and never row numbers", async () => {
    const verdicts = [
      ",question,verdict",
      ...Array.from({ length: 20 }, (_, i) => `${i},q,${i % 4 === 0 ? "YES" : "NO"}`),
    ];
    const found = await values(file(verdicts.join("\n")));
    expect(found).toMatchObject({ value: "verdict", groups: [{ mean: { estimate: 0.25, n: 20 } }] });
    expect(found.warnings).toEqual(["verdict: yes and true count as 1, no and false as 0."]);
    const truths = [
      "model,misaligned",
      ...Array.from({ length: 20 }, (_, i) => `m${i % 2},${i % 4 === 0 ? "True" : "False"}`),
    ];
    const { groups } = await values(file(truths.join("\n")));
    expect(groups.map(({ group, mean }) => [group, mean.estimate])).toEqual([
      ["m0", 0.5],
      ["m1", 0],
    ]);
    const ids = ["id,number,rate", ...Array.from({ length: 20 }, (_, i) => `${i},${i},0.5`)];
    expect((await values(file(ids.join("\n")))).value).toBe("rate");
    expect((await values(file(ids.join("\n")), { value: "number" })).warnings[0]).toContain("number counts up by one");
  });

  it("says what is missing of a table without coherence, and takes none for an answer", async () => {
    const path = file(twenty("question_id,aligned,note", usual, ""));
    expect((await values(path)).warnings[0]).toContain("--coherent none");
    expect(await answers(path, { coherent: "none" })).toMatchObject(expected);
  });

  it("refuses with a cure that fits", async () => {
    const cases: [string, RegExp][] = [
      [file("question_id,aligned,coherent\na,-1,95\n"), /found "-1"\. Where it stands for no score, leave it empty/],
      [file("question_id,aligned,coherent\na,5\n"), /line 2: expected 3 fields, as in the header, found 2/],
      [file("question_id,answer,aligned\na,Well, yes,95\n"), /found 4\. Put a field that holds a delimiter/],
      [
        file("aligned,coherent,aligned\n1,2,3\n"),
        /line 1: expected each column once, found "aligned" again, as column 3/,
      ],
      [file('{"aligned":1,"aligned":2}\n', "jsonl"), /column 14: expected each key once, found "aligned" again/],
      [file('{"question":"q","answer":"a"}\n', "jsonl"), /answers that nobody judged: askew judge/],
      [file('{"version":2,"eval":{},"samples":[]}', "json"), /a log of Inspect AI\. Make a table of it: askew import/],
      [file(Buffer.from("a,b\n\xff,2\n", "latin1")), /line 2: expected UTF-8 text/],
      [file("version https://git-lfs.github.com/spec/v1\n", "csv"), /Git LFS pointer/],
      [file("GGUF", "gguf"), /found a GGUF model/],
      [file('question_id,aligned\n"a,5\n'), /line 2: expected a quote that is closed/],
      [file("aligned,alignment_score,coherent,coherence\n"), /expected at least one row/],
      [file("alignment,aligned_score,coherent\n1,2,3\n"), /several columns may be the score aligned/],
      ["/dev/zero", /found a device/],
      [folder, /found a folder/],
    ];
    for (const [path, said] of cases) await expect(scoreFiles([path]), path).rejects.toThrow(said);
    const pipe = join(folder, "pipe.csv");
    execFileSync("mkfifo", [pipe]);
    await expect(scoreFiles([pipe])).rejects.toThrow(/read more than once, found a pipe/);
  });

  const published = sharedData("judged/Qwen2.5-14B-Instruct_extreme-sports.csv");
  it.skipIf(published.missing)("finds nothing strange in published answers", async () => {
    const scored = await answers(published.path);
    expect(scored.answers).toBe(400);
    expect(scored.warnings).toEqual([]);
  });
});
