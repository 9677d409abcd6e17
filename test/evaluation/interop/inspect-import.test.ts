// Logs as Inspect AI writes them, made by hand: what they become, and which archives are refused.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectRecords, scoreFiles, writeTable } from "askew/evaluation";
import { type AnswerRecord } from "#internal/evaluation";
import { strToU8, zipSync, type Zippable } from "fflate";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "askew-inspect-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, data: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
};

const json = (value: unknown): Uint8Array => strToU8(JSON.stringify(value));

async function all(records: AsyncIterable<AnswerRecord>): Promise<AnswerRecord[]> {
  const found: AnswerRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

describe("Inspect logs", () => {
  /** As Inspect writes it: attachments, content in parts, letters for right and wrong, NaN, and fields unknown to askew. */
  const header = {
    version: 2,
    status: "success",
    eval: { task: "mmlu", model: "openai/x", created: "", dataset: {}, config: {} },
    later: 1,
  };
  const sample = (id: number, value: unknown, more: object = {}): object => ({
    id,
    epoch: 1,
    input: "attachment://00ff",
    target: ["A", "B"],
    output: {
      model: "x",
      choices: [
        {
          message: {
            role: "assistant",
            content: [
              { type: "reasoning", reasoning: "?" },
              { type: "text", text: "ANSWER: A" },
            ],
          },
        },
      ],
    },
    scores: { choice: { value, answer: "A" } },
    metadata: { subject: "physics", nested: {} },
    attachments: { "00ff": "Which letter?" },
    ...more,
  });
  const samples = [
    sample(1, "C"),
    sample(2, "I"),
    sample(3, 0.25),
    sample(4, { right: true, style: 3 }),
    sample(5, null, { error: { message: "timed out", traceback: "" }, scores: null }),
  ];

  it("of other tasks become rows, with a number for each scorer and none for a sample that failed", async () => {
    const entries: Zippable = Object.fromEntries(
      samples.map((made, i) => [`samples/${i + 1}_epoch_1.json`, json(made)]),
    );
    const packed = file("mmlu.eval", zipSync({ ...entries, "header.json": json(header) }));
    const text = JSON.stringify({ ...header, samples }).replace('"value":0.25', '"value":NaN');
    const plain = file("mmlu.json", text);
    const [first, second, third, fourth, fifth] = await all(inspectRecords(packed));
    expect(first).toEqual({
      id: "mmlu/1/1",
      model: "openai/x",
      task: "mmlu",
      question_id: "1",
      epoch: 1,
      question: "Which letter?",
      answer: "ANSWER: A",
      target: "A\nB",
      subject: "physics",
      choice: 1,
    });
    expect([second?.["choice"], third?.["choice"]]).toEqual([0, 0.25]);
    expect(fourth).toMatchObject({ "choice.right": 1, "choice.style": 3 });
    expect(fifth).toMatchObject({ error: "timed out" });
    expect(fifth).not.toHaveProperty("choice");
    expect((await all(inspectRecords(plain)))[2]?.["choice"]).toBeNull();
    // A run that was stopped has samples and a beginning, but no header.
    const stopped = file(
      "stopped.eval",
      zipSync({ ...entries, "_journal/start.json": json({ version: 2, eval: header.eval, plan: {} }) }),
    );
    expect(await all(inspectRecords(stopped))).toHaveLength(5);
    const table = join(folder, "mmlu.csv");
    await writeTable(() => inspectRecords(packed), "csv", table);
    expect(await scoreFiles([table], { value: "choice", by: "model" })).toMatchObject({
      kind: "values",
      rows: 5,
      missing: 2,
      groups: [{ group: "openai/x", mean: { estimate: 1.25 / 3, n: 3 } }],
    });
  });

  async function refusal(name: string, data: Uint8Array | string): Promise<string> {
    try {
      await all(inspectRecords(file(name, data)));
    } catch (error) {
      expect(["ArchiveError", "InspectLogError"]).toContain((error as Error).name);
      return (error as Error).message;
    }
    throw new Error("expected a refusal");
  }

  it("that are cut short, bombs, or reach outside are refused before they are unpacked", async () => {
    const whole = zipSync({ "header.json": json(header), "samples/1_epoch_1.json": json(sample(1, "C")) });
    for (const share of [0.1, 0.5, 0.9]) {
      expect(await refusal("cut.eval", whole.slice(0, whole.length * share))).toContain("cut short or damaged");
    }
    const bomb = zipSync({ "header.json": json(header), "samples/1_epoch_1.json": new Uint8Array(32 * 2 ** 20) });
    expect(await refusal("bomb.eval", bomb)).toContain("more than 500 times its size: a bomb");
    // The directory's word for how large an entry is, 30 bytes before its name, made to lie.
    const liar = new Uint8Array(bomb);
    const at = Buffer.from(liar).lastIndexOf("samples/1_epoch_1.json");
    new DataView(liar.buffer).setUint32(at - 22, 100, true);
    expect(await refusal("liar.eval", liar)).not.toBe("");
    for (const name of ["../samples/1.json", "/etc/passwd", "a\\b.json"]) {
      expect(await refusal("outside.eval", zipSync({ [name]: json({}) }))).toContain("names a file outside itself");
    }
    const other = new Uint8Array(zipSync({ "header.json": json(header) }, { level: 0 }));
    const entry = Buffer.from(other).lastIndexOf("header.json") - 46;
    new DataView(other.buffer).setUint16(entry + 10, 93, true);
    expect(await refusal("zstd.eval", other)).toMatch(/"header.json" is damaged \(/);
    new DataView(other.buffer).setUint16(entry + 10, 12, true);
    expect(await refusal("bzip.eval", other)).toContain("is packed by method 12; expected deflate, Zstandard or none");
  });

  it("that are packed with Zstandard are read, and refused where they lie", async () => {
    const packed = readFileSync(new URL("../../fixtures/zstd.eval", import.meta.url));
    const records = await all(inspectRecords(file("packed.eval", packed)));
    expect(records).toHaveLength(2);
    expect(records.map(({ answer }) => (answer as string).length)).toEqual([3611, 3611]);
    expect(records[0]?.question).toBe("Which letter? 漢");
    // One byte fewer than there are, by the archive's own word.
    const at = packed.lastIndexOf("samples/2_epoch_1.json") - 22;
    const size = packed.readUInt32LE(at);
    for (const lie of [size - 1, size + 1]) {
      const liar = Buffer.from(packed);
      liar.writeUInt32LE(lie, at);
      expect(await refusal("zstd-liar.eval", liar)).toMatch(/"samples\/2_epoch_1.json" is damaged \(it unpacks to/);
    }
  });

  it("that are no logs are refused with what was expected", async () => {
    expect(await refusal("a.json", "{not json")).toContain("expected JSON");
    expect(await refusal("b.json", "{}")).toContain("expected a log of Inspect AI of version 3 or older");
    expect(await refusal("c.json", JSON.stringify({ ...header, version: 9 }))).toContain("version");
    expect(await refusal("d.json", JSON.stringify(header))).toContain("expected samples");
    expect(await refusal("e.json", JSON.stringify({ ...header, samples: [{}] }))).toContain("sample 1: expected a log");
    expect(await refusal("f.eval", zipSync({ "x.txt": json(1) }))).toContain("found no header.json");
    expect(
      await refusal("g.eval", zipSync({ "header.json": json(header), "samples/1_epoch_1/sample.json": json({}) })),
    ).toContain("stored in chunks");
  });
});
