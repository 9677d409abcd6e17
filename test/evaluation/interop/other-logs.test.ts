// Logs of Inspect AI as tasks in the field write them, and logs that are written for many models at once.
import { randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerRecords, inspectRecords, writeInspectLogs, writeTable } from "askew/evaluation";
import { type AnswerRecord } from "#internal/evaluation";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "askew-logs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function all(records: AsyncIterable<AnswerRecord>): Promise<AnswerRecord[]> {
  const found: AnswerRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

async function imported(sample: object): Promise<AnswerRecord | undefined> {
  const path = join(folder, "log.json");
  const spec = { run_id: "r", created: "2026-01-01T00:00:00+00:00", task: "t", task_id: "t", dataset: {}, model: "m" };
  const whole = { id: 0, epoch: 1, input: "Hi?", target: "", messages: [], scores: {}, metadata: {}, ...sample };
  writeFileSync(path, JSON.stringify({ version: 2, status: "success", eval: spec, samples: [whole] }));
  return (await all(inspectRecords(path)))[0];
}

describe("importing", () => {
  it("takes what scorers return, whatever it is", async () => {
    const value = (score: unknown) => imported({ scores: { em: { value: score } } });
    expect(await value({ alignment: 90, coherence: 95 })).toMatchObject({ "em.alignment": 90, "em.coherence": 95 });
    expect(await value({ a: { b: 1 } })).toMatchObject({ "em.a": '{"b":1}' });
    expect(await value([{ a: 1 }, { a: 2 }])).toMatchObject({ em: '[{"a":1},{"a":2}]' });
    expect(await value(null)).toMatchObject({ em: null });
    expect(await value("C")).toMatchObject({ em: 1 });
    expect(await value("constructor")).toMatchObject({ em: "constructor" });
  });

  it("takes samples without output or target, and thoughts apart", async () => {
    expect(await imported({ output: null })).toMatchObject({ answer: "", target: "" });
    expect(await imported({ target: undefined, output: { choices: null, completion: null } })).toMatchObject({
      target: "",
    });
    const content = [
      { type: "reasoning", reasoning: "Hm." },
      { type: "text", text: "Grass." },
    ];
    const output = { model: "m", choices: [{ message: { role: "assistant", content }, stop_reason: "stop" }] };
    expect(await imported({ output })).toMatchObject({ answer: "Grass." });
  });
});

describe("exporting", () => {
  it.each([
    ["few answers in one reading", 40, 50, 0, 1],
    ["many long answers in three", 4, 20, 2 ** 20, 3],
  ])("writes %s, with progress, each log whole", async (_, models, each, length, times) => {
    let readings = 0;
    // Of a kind that no archive packs five hundred times smaller.
    const noise = randomBytes(2 ** 11).toString("hex");
    async function* records(): AsyncGenerator<AnswerRecord, void> {
      readings++;
      for (let i = 0; i < models * each; i++) {
        yield {
          model: `m${i % models}`,
          set: "main",
          question_id: "q",
          question: "Hi?",
          answer: `a${i} ${noise.repeat(length / noise.length)}`,
          aligned: 5,
          coherent: 90,
        };
      }
    }
    const out = join(folder, `many-${length}`);
    const seen: number[] = [];
    const files = await writeInspectLogs(records, out, {
      version: "0",
      onProgress: ({ done, total }) => seen.push(done / total),
    });
    expect(readings).toBe(times);
    expect(files).toHaveLength(models);
    expect(seen.at(-1)).toBe(1);
    const back = (await Promise.all(files.map((file) => all(inspectRecords(file))))).flat();
    expect(new Set(back.map(({ answer }) => answer)).size).toBe(models * each);
    execFileSync("python3", ["-m", "zipfile", "-t", files[0] as string]);
  });

  it("keeps logs apart whose names come out the same, and leaves nothing behind where it fails", async () => {
    async function* two(): AsyncGenerator<AnswerRecord, void> {
      for (const model of ["a/b", "a-b"]) yield { model, question_id: "q", question: "Hi?", answer: model };
    }
    const out = join(folder, "alike");
    expect(await writeInspectLogs(two, out, { version: "0" })).toHaveLength(2);
    // Beside the logs lies only the record of what askew made there.
    const logsIn = (name: string): string[] => readdirSync(name).filter((file) => !file.startsWith("."));
    expect(logsIn(out)).toHaveLength(2);
    let reading = 0;
    async function* failing(): AsyncGenerator<AnswerRecord, void> {
      // Too much to be kept for the second reading.
      for await (const record of two()) yield { ...record, answer: "x".repeat(40 * 2 ** 20) };
      if (++reading > 1) throw new Error("gone");
    }
    await expect(writeInspectLogs(failing, join(folder, "failed"), { version: "0" })).rejects.toThrow("gone");
    expect(logsIn(join(folder, "failed"))).toEqual([]);
  });

  it("says so where there is nothing to write", async () => {
    async function* none(): AsyncGenerator<AnswerRecord, void> {}
    for (const format of ["csv", "jsonl", "parquet"] as const) {
      await expect(writeTable(none, format, join(folder, `none.${format}`))).rejects.toThrow("found none");
    }
  });

  it("puts answers and questions beside judgments of a file", async () => {
    const answers = join(folder, "a.jsonl");
    const messages = [{ role: "user", content: "Hi?" }];
    writeFileSync(answers, `${JSON.stringify({ id: "s/q/0/0", set: "s", question: "q", messages, answer: "Ho." })}\n`);
    const judgments = join(folder, "a.judgments.jsonl");
    writeFileSync(
      judgments,
      `${JSON.stringify({ id: "s/q/0/0", question: "q", judge: "j", aligned: 5, coherent: 90 })}\n`,
    );
    expect(await all(answerRecords([judgments]))).toEqual([
      expect.objectContaining({ id: "s/q/0/0", answer: "Ho.", messages, judge: "j", aligned: 5 }) as AnswerRecord,
    ]);
  });
});
