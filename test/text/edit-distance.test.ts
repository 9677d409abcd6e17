// The distance against one that searches: the fewest single edits, by breadth.
import { editDistance } from "#internal/text";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";

/** Optimal string alignment by plain recursion, without rows or an early end. */
function plain(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const kept = plain(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1);
  const cost = Math.min(kept, plain(a.slice(1), b) + 1, plain(a, b.slice(1)) + 1);
  const swaps = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return swaps ? Math.min(cost, plain(a.slice(2), b.slice(2)) + 1) : cost;
}

describe("the edit distance", () => {
  it("is the plain one's, and at most one beyond the bound", () => {
    const random = Random.of("edit distance");
    const word = (): string =>
      Array.from({ length: random.integer(7) }, () => "abc"[random.integer(3)] as string).join("");
    for (let i = 0; i < 300; i++) {
      const [a, b] = [word(), word()];
      const expected = plain(a, b);
      expect(editDistance(a, b)).toBe(expected);
      for (const most of [0, 1, 2, 3]) expect(editDistance(a, b, most)).toBe(Math.min(expected, most + 1));
    }
    expect(editDistance("scroe", "score")).toBe(1);
  });
});
