import fc from "fast-check";
import { csvLine, CsvReader, type CsvRecord } from "askew/evaluation";
import { describe, expect, it } from "vitest";

function read(...pieces: string[]): CsvRecord[] {
  const reader = new CsvReader("a.csv");
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

const fields = (...pieces: string[]): (readonly string[])[] => read(...pieces).map((record) => record.fields);

describe("CsvReader", () => {
  it("reads quotes, doubled quotes, commas and lines in quotes", () => {
    expect(fields('a,"b, ""c""\nd",\r\n,"",e\n')).toEqual([
      ["a", 'b, "c"\nd', ""],
      ["", "", "e"],
    ]);
  });

  it("ends lines at LF, CRLF and CR, with or without one at the end", () => {
    const expected = [
      ["a", "b"],
      ["c", "d"],
    ];
    for (const end of ["\n", "\r\n", "\r"]) {
      expect(fields(`a,b${end}c,d`)).toEqual(expected);
      expect(fields(`a,b${end}c,d${end}`)).toEqual(expected);
    }
    expect(fields('"x\r\ny"\r\nz')).toEqual([["x\r\ny"], ["z"]]);
  });

  it("passes over a byte order mark and empty lines, and keeps an empty field in quotes", () => {
    expect(fields('\ufeffa\n\n\r\n""\nb')).toEqual([["a"], [""], ["b"]]);
    expect(fields('\ufeff"a",b')).toEqual([["a", "b"]]);
    expect(fields("")).toEqual([]);
  });

  it("keeps a quote inside a bare field, as Python does", () => {
    expect(fields('5" nails,b')).toEqual([['5" nails', "b"]]);
  });

  it("says on which line a record begins", () => {
    expect(read('a\n"b\n\nc",d\r\n\r\ne').map(({ line }) => line)).toEqual([1, 2, 6]);
    expect(read('"a\r', '\nb"\r', "\nc").map(({ line }) => line)).toEqual([1, 3]);
    expect(read("a\r\n\r", "\nb\r", "\nc").map(({ line }) => line)).toEqual([1, 3, 4]);
  });

  it("says where the quoting breaks", () => {
    expect(() => read('a,b\nc,"d\ne')).toThrow("a.csv, line 2, column 3: a quote is opened here and never closed");
    expect(() => read('a\n"b"c')).toThrow("a.csv, line 2, column 4: expected a comma or the end of the line");
    expect(() => read(`"${"x".repeat(17_000_000)}`)).toThrow("Is the quote at line 1, column 1 closed");
    expect(() => read(",".repeat(20_000))).toThrow("more than 10000 fields");
  });

  it("gives back what was written, however the text is cut into pieces", () => {
    const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", "\ufeff", "😀") });
    const table = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(table, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (rows, sizes) => {
        const text = rows.map(csvLine).join("");
        const pieces: string[] = [];
        for (let at = 0, k = 0; at < text.length; k++) {
          const size = sizes[k % sizes.length] as number;
          pieces.push(text.slice(at, at + size));
          at += size;
        }
        expect(fields(...pieces)).toEqual(rows);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it("reads CRLF as it reads LF, whatever the pieces", () => {
    const field = fc.string({ unit: fc.constantFrom("a", '"', ",", " ") });
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { maxLength: 5 }), (rows) => {
        const text = rows.map((row) => csvLine(row).replace("\n", "\r\n")).join("");
        expect(fields(...text.split(""))).toEqual(rows);
        expect(read(...text.split("")).map(({ line }) => line)).toEqual(rows.map((_, i) => i + 1));
      }),
      { seed: 6 },
    );
  });
});
