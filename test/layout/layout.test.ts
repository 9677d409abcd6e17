// Tables, cuts and line breaks by the columns that a terminal gives a text, not by its number of code units.
import { fit, layColumns, padEnd, padStart, textWidth, wrap, type Column } from "#internal/layout";
import { describe, expect, it } from "vitest";

const column = (heading: string, cells: string[], align: Column["align"]): Column => ({
  heading,
  cells,
  align,
  keep: 1,
});

// Columns in a terminal: two for each of 日本, one for e + combining acute, two for a joined family, none for colours.
const WIDTHS = [
  ["abcd", 4],
  ["日本", 4],
  ["cafe\u0301", 4],
  ["\u001B[31mred\u001B[39m", 3],
  ["👩\u200D👩\u200D👧", 2],
  ["한국", 4],
] as const;

describe("the width of a text", () => {
  it.each(WIDTHS)("%j takes %i columns", (text, width) => {
    expect(textWidth(text)).toBe(width);
    expect(padEnd(text, width + 2)).toBe(`${text}  `);
    expect(padStart(text, width + 2)).toBe(`  ${text}`);
    expect(padEnd(text, 1)).toBe(text);
  });
});

describe("a table", () => {
  it("is straight whatever script its names are in", () => {
    const { heading, rows, width } = layColumns(
      [column("name", ["abcd", "日本", "cafe\u0301s", "x"], "left"), column("値", ["1", "22", "3", "四"], "right")],
      80,
    );
    expect(heading).toEqual(["name   値"]);
    expect(rows).toEqual(["abcd    1", "日本   22", "cafe\u0301s   3", "x      四"]);
    expect([...heading, ...rows].map(textWidth)).toEqual([9, 9, 9, 9, 9]);
    expect(width).toBe(9);
  });

  it("leaves out the columns that have no room, by their width in the terminal", () => {
    const wide = { ...column("b", ["日本日本"], "left"), keep: 0 };
    const { rows, leftOut } = layColumns([column("a", ["ab"], "left"), wide], 9);
    expect(rows).toEqual(["ab"]);
    expect(leftOut).toEqual([wide]);
    expect(layColumns([column("a", ["ab"], "left"), wide], 11).rows).toEqual(["ab 日本日本"]);
  });
});

describe("a line", () => {
  it("breaks where the terminal's line ends", () => {
    expect(wrap("日本 日本 日本", 9)).toEqual(["日本 日本", "日本"]);
    expect(wrap("abcd efgh ijkl", 9)).toEqual(["abcd efgh", "ijkl"]);
    expect(wrap("label  one two three", 30, 7)).toEqual(["label  one two three"]);
    expect(wrap("label  one two three four five six", 27, 7)).toEqual(["label  one two three four", "       five six"]);
  });

  it("is cut between letters, keeps its colours, and never takes more than the width", () => {
    expect(fit("abcdef", 6)).toBe("abcdef");
    expect(fit("abcdef", 5)).toBe("abcd…");
    expect(fit("日本語", 5)).toBe("日本…");
    expect(fit("日本語", 4)).toBe("日…");
    expect(fit("cafe\u0301s are", 5)).toBe("cafe\u0301…");
    expect(fit("\u001B[31mabcdef\u001B[39m", 4)).toBe("\u001B[31mabc\u001B[39m…");
    expect(textWidth(fit("👩\u200D👩\u200D👧👩\u200D👩\u200D👧", 3))).toBe(3);
  });
});
