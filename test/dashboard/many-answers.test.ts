// Answers that take several blocks of columns and many portions of a search, in every order and filter.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnswersPage } from "#internal/dashboard";
import { SLOW } from "../study/tiny.js";
import { temporaryRuns, viewed, writeCell, writeRecord, type Viewed } from "./viewed.js";

let remove: () => Promise<void>;
let view: Viewed;

async function page(query: string): Promise<AnswersPage> {
  for (;;) {
    const found = await view.get<AnswersPage>(`/api/answers?run=many&${query}`);
    if (found.read === 1 && found.searched === 1) return found;
  }
}

describe("more answers than a block of columns holds", () => {
  const COUNT = 70_000;
  // Two rows that are longer than what a search looks through at once, one of them beyond the first block.
  const long = new Set([500, 69_000]);
  const scoreOf = (i: number): number => (i * 37) % 101;
  const textOf = (i: number): string =>
    `${i % 700 === 3 ? "Needle" : "hay"} ${i}${long.has(i) ? ` ${"x".repeat(200_000)} needle` : ""}`;

  beforeAll(async () => {
    const runs = await temporaryRuns();
    remove = runs.remove;
    const folder = join(runs.root, "many");
    await writeRecord(folder, { kind: "study", status: "finished" });
    const all = Array.from({ length: COUNT }, (_, i) => i);
    await writeCell(
      join(folder, "cells/a-1"),
      { condition: "a", seed: 1 },
      all.map((i) => ({ id: `m/q/0/${i}`, set: "m", question: `q${i % 3}`, messages: [], answer: textOf(i) })),
      all.map((i) => ({
        id: `m/q/0/${i}`,
        judge: "j",
        aligned: scoreOf(i),
        coherent: 90,
        misaligned: scoreOf(i) < 30,
      })),
    );
    const file = join(folder, "cells/a-1/answers.jsonl");
    const lines = (await readFile(file, "utf8")).split("\n");
    // What is no row lies before the first row of the second block.
    await writeFile(file, [...lines.slice(0, 65_536), "no row, but a needle", ...lines.slice(65_536)].join("\n"));
    view = await viewed(runs.root);
  }, SLOW);
  afterAll(async () => {
    await view.stop();
    await remove();
  });

  const rows = Array.from({ length: COUNT }, (_, i) => i);
  const byScore = rows.toSorted((a, b) => scoreOf(a) - scoreOf(b) || a - b);
  const worst = byScore.filter((i) => scoreOf(i) < 30 && i % 3 === 1);
  const needles = rows.filter((i) => i % 700 === 3 || long.has(i));

  it.each([
    ["offset=65500", rows, 65_500],
    ["sort=order&descending=true&offset=4400", rows.toReversed(), 4400],
    ["offset=69950", rows, 69_950],
    ["offset=80000", rows, 80_000],
    ["text=NEEDLE", needles, 0],
    ["text=needle&sort=order&descending=true", needles.toReversed(), 0],
    ["sort=aligned&offset=41000", byScore, 41_000],
    ["misaligned=true&question=q1&sort=aligned&offset=6000", worst, 6000],
    ["from=7&to=7.5&offset=600", rows.filter((i) => scoreOf(i) === 7), 600],
  ])(
    "%s",
    async (query, expected, offset) => {
      const { lines, matches } = await page(query);
      expect(matches).toBe(expected.length);
      expect(lines.map(({ row }) => row)).toEqual(expected.slice(offset, offset + 100));
      expect(lines.every(({ answer, row }) => textOf(row).startsWith(answer.slice(0, 400)))).toBe(true);
    },
    SLOW,
  );
});
