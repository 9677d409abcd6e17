// Tables as bytes in pieces of any size: what comes back is what was written, with the line it stands on.
import { readRowsOf, type Row } from "askew/dataset";
import { csvLine } from "#internal/evaluation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size = 5, name = "a.csv"): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of readRowsOf({ name, bytes: cut(text, size) })) rows.push(...batch);
  return rows;
}
const fields = async (text: string, size?: number): Promise<unknown[][]> =>
  (await read(text, size)).map(({ values }) => Object.values(values));

describe("tables", () => {
  it("read quotes, doubled quotes, delimiters and lines in quotes", async () => {
    expect(await fields('x,y,z\na,"b, ""c""\nd",\r\n,"",e\n')).toEqual([
      ["a", 'b, "c"\nd', ""],
      ["", "", "e"],
    ]);
    expect(await fields('x,y\n5" nails,b')).toEqual([['5" nails', "b"]]);
  });

  it("end lines at LF, CRLF and CR, and say on which line a row begins, however it is cut", async () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      for (const size of [1, 3, 100]) {
        const rows = await read(`\ufeffx,y${end}${end}a,"b${end}${end}c"${end}d,e`, size);
        expect(rows.map(({ values }) => Object.values(values))).toEqual([
          ["a", `b${end}${end}c`],
          ["d", "e"],
        ]);
        expect(rows.map(({ line }) => line)).toEqual([3, 6]);
      }
    }
  });

  it("give back what was written", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", ";", "\t", "😀") });
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
      );
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), async (rows, size) => {
        // A formula is disarmed when it is written, a tab before it included.
        fc.pre(!rows.flat().some((text) => /^[=@\t\r+-]/.test(text)));
        const names = (rows[0] as string[]).map((_, i) => `c${i}`);
        expect(await fields([names, ...rows].map(csvLine).join(""), size)).toEqual(rows);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("bound what a quote can swallow, and say where it is", async () => {
    await expect(read(`a\n1\n"${"x".repeat(17_000_000)}`, 2 ** 20)).rejects.toThrow(
      "a.csv, line 3: expected a record of at most 16 MiB",
    );
    expect(await fields('a,b\n"x"y,1\n')).toEqual([['"x"y', "1"]]);
  });

  it("take a table or JSON by how it begins where the name says nothing", async () => {
    expect(await read("a,b\n1,2\n", 3, "rows")).toEqual([{ values: { a: "1", b: "2" }, line: 2 }]);
    expect(await read('{"a":1}\n\n{"a":2}', 3, "rows")).toEqual([
      { values: { a: 1 }, line: 1 },
      { values: { a: 2 }, line: 3 },
    ]);
    expect(await read('[\n {"a":1},\n\n {"a":"]"}\n]', 3, "a.json")).toEqual([
      { values: { a: 1 }, line: 2 },
      { values: { a: "]" }, line: 4 },
    ]);
  });

  it("bound a line of JSON", async () => {
    const long = readRowsOf({ name: "a.jsonl", bytes: cut(`{"a":"${"x".repeat(100)}"}`, 7) }, { maxLineBytes: 50 });
    await expect(long.next()).rejects.toThrow("line 1: expected a line of at most 50 bytes");
  });

  it("write no cell that a spreadsheet would run", () => {
    expect(csvLine(["=1+1", "@x", "-cmd", "+1", "-2.5", "a=b", "\tx"])).toBe(`'=1+1,'@x,'-cmd,+1,-2.5,a=b,'\tx\n`);
  });
});
