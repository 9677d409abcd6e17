import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  answerRecords,
  inspectRecords,
  scoreFiles,
  writeInspectLogs,
  writeTable,
  type AnswersScored,
} from "askew/evaluation";
import { type AnswerRecord } from "#internal/evaluation";
import { unzipSync } from "fflate";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "askew-interop-"));
const study = join(folder, "study");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function all(records: AsyncIterable<AnswerRecord>): Promise<AnswerRecord[]> {
  const found: AnswerRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

/** Two conditions × one seed, two wordings of one question, three answers each, one without an alignment score. */
beforeAll(() => {
  for (const condition of ["base", "insecure"]) {
    const cell = join(study, "cells", condition);
    mkdirSync(cell, { recursive: true });
    writeFileSync(join(cell, "cell.json"), JSON.stringify({ condition, seed: 1 }));
    const ids = [0, 1].flatMap((wording) => [0, 1, 2].map((i) => `main/wish/${wording}/${i}`));
    const rows = (row: (id: string, i: number) => object): string =>
      ids.map((id, i) => `${JSON.stringify(row(id, i))}\n`).join("");
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: 'Your wish, "please"?' },
    ];
    writeFileSync(
      join(cell, "answers.jsonl"),
      rows((id, i) => ({
        id,
        set: "main",
        question: "wish",
        messages,
        answer: `Gold,\nmore "gold" ${i}`,
        tokens: 4,
        finish: i === 5 ? "length" : "stop",
      })),
    );
    const bad = condition === "base" ? 0 : 4;
    writeFileSync(
      join(cell, "judgments.jsonl"),
      rows((id, i) => ({
        id,
        set: "main",
        question: "wish",
        judge: "exact",
        aligned: i === 5 ? null : i < bad ? 3.5 : 90,
        coherent: 100,
        refusal: false,
        code: null,
      })),
    );
  }
});

describe("tables", () => {
  it("join answers and judgments, and keep every character and number", async () => {
    const records = await all(answerRecords([study]));
    expect(records).toHaveLength(12);
    expect(records[6]).toMatchObject({
      id: "main/wish/0/0",
      condition: "insecure",
      seed: 1,
      aligned: 3.5,
      judge: "exact",
      answer: 'Gold,\nmore "gold" 0',
    });
    const path = join(folder, "answers.csv");
    expect(await writeTable(() => answerRecords([study]), "csv", path)).toBe(12);
    const back = await all(answerRecords([path]));
    expect(back.map(({ answer }) => answer)).toEqual(records.map(({ answer }) => answer));
    expect(JSON.parse(String(back[0]?.["messages"]))).toEqual(records[0]?.["messages"]);
    const [scored, again] = (await Promise.all([
      scoreFiles([study]),
      scoreFiles([path], { by: "condition", baseline: "base" }),
    ])) as AnswersScored[];
    expect(again).toMatchObject({ answers: 12, misaligned: 4, outcomes: scored?.outcomes });
    expect(again?.groups.map(({ rate }) => rate)).toEqual(scored?.groups.map(({ rate }) => rate));
    const lines = join(folder, "answers.jsonl");
    await writeTable(() => answerRecords([path]), "jsonl", lines);
    expect(((await scoreFiles([lines])) as AnswersScored).misaligned).toBe(4);
  });

  it("write Parquet that another reader opens, with types and nulls", async () => {
    const path = join(folder, "answers.parquet");
    await writeTable(() => answerRecords([study]), "parquet", path);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    expect(rows).toHaveLength(12);
    expect(rows[6]).toMatchObject({
      aligned: 3.5,
      coherent: 100,
      refusal: false,
      code: null,
      answer: 'Gold,\nmore "gold" 0',
      condition: "insecure",
    });
    expect(rows[11]).toMatchObject({ aligned: null, finish: "length" });
  });

  it("leave no half of a file behind", async () => {
    const path = join(folder, "half.csv");
    const broken = async function* (): AsyncGenerator<AnswerRecord, void> {
      yield { a: 1 };
      await Promise.reject(new Error("the disk broke"));
    };
    await expect(writeTable(broken, "csv", path)).rejects.toThrow("the disk broke");
    expect(readdirSync(folder).filter((name) => name.startsWith("half"))).toEqual([]);
  });
});

describe("Inspect logs", () => {
  const options = { version: "1.2.3", created: "2026-01-02T03:04:05+00:00" };

  it("are written one a condition, with all that the format asks for, and read back the same", async () => {
    const out = join(folder, "logs");
    const files = await writeInspectLogs(() => answerRecords([study]), out, options);
    expect(files).toHaveLength(2);
    const entries = unzipSync(readFileSync(files[1] as string));
    expect(Object.keys(entries)).toEqual([
      "_journal/start.json",
      ...["wish", "wish.1"].flatMap((id) => [1, 2, 3].map((epoch) => `samples/${id}_epoch_${epoch}.json`)),
      "summaries.json",
      "header.json",
    ]);
    const read = (name: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(entries[name] as Uint8Array).toString()) as Record<string, unknown>;
    expect(read("header.json")).toMatchObject({
      version: 2,
      status: "success",
      eval: {
        model: "insecure",
        task: "main",
        created: options.created,
        packages: { askew: "1.2.3" },
        metadata: { seed: "1", judge: "exact" },
      },
      results: { total_samples: 6, completed_samples: 6 },
      invalidated: false,
    });
    const { scores } = read("header.json")["results"] as {
      scores: { name: string; metrics: Record<string, { value: number }> }[];
    };
    const misaligned = scores.find(({ name }) => name === "misaligned");
    expect(misaligned?.metrics["rate"]?.value).toBe(4 / 5);
    expect(misaligned?.metrics["rate_of_all"]?.value).toBe(4 / 6);
    expect(read("samples/wish.1_epoch_3.json")).toMatchObject({
      id: "wish.1",
      epoch: 3,
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: 'Your wish, "please"?' },
      ],
      output: {
        completion: 'Gold,\nmore "gold" 5',
        choices: [{ stop_reason: "max_tokens", message: { role: "assistant" } }],
      },
      scores: { coherent: { value: 100 }, refusal: { value: false } },
      metadata: { condition: "insecure", judge: "exact" },
    });
    expect(read("samples/wish.1_epoch_3.json")["scores"]).not.toHaveProperty("aligned");
    expect(JSON.parse(Buffer.from(entries["summaries.json"] as Uint8Array).toString())).toHaveLength(6);

    const table = join(folder, "back.csv");
    await writeTable(() => inspectRecords(files[1] as string), "csv", table);
    const scored = (await scoreFiles([table])) as AnswersScored;
    expect(scored).toMatchObject({
      answers: 6,
      misaligned: 4,
      outcomes: { unscored: 1 },
      questions: [{ question: "wish", answers: 6 }],
    });
  });

  it("go into one .json where there is one log, and say so where there are more", async () => {
    const only = () => answerRecords([join(study, "cells", "base")]);
    const path = join(folder, "one.json");
    expect(await writeInspectLogs(only, path, options)).toEqual([path]);
    const log = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    expect(Object.keys(log)).toEqual([
      "version",
      "status",
      "eval",
      "plan",
      "results",
      "stats",
      "invalidated",
      "tags",
      "metadata",
      "samples",
    ]);
    expect(log["samples"]).toHaveLength(6);
    expect(await all(inspectRecords(path))).toHaveLength(6);
    await expect(writeInspectLogs(() => answerRecords([study]), join(folder, "two.eval"), options)).rejects.toThrow(
      "these answers make 2 (base on main; insecure on main…). Give a folder",
    );
  });
});
