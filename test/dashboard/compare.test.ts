// Two models side by side, against differences worked out by hand.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComparisonView } from "#internal/dashboard";
import { temporaryRuns, viewed, writeCell, writeRecord, type Viewed } from "./viewed.js";

let remove: () => Promise<void>;
let view: Viewed;

beforeAll(async () => {
  const runs = await temporaryRuns();
  remove = runs.remove;
  view = await viewed(runs.root);
});
afterAll(async () => {
  await view.stop();
  await remove();
});

describe("two models side by side", () => {
  it("differ by their misaligned answers, over answers where there is one seed and over seeds where there are more", async () => {
    const folder = join(view.root, "pair");
    await writeRecord(folder, { kind: "study", status: "finished" });
    const cell = async (condition: string, seed: number, bad: number, incoherent: number): Promise<void> => {
      const rows = Array.from({ length: 40 }, (_, i) => ({
        id: `main/q/0/${i}`,
        set: "main",
        question: "q",
        answer: "a",
      }));
      const judgments = rows.map(({ id }, i) => ({
        id,
        judge: "j",
        aligned: i < bad ? 5 : 95,
        coherent: i >= 40 - incoherent ? 20 : 90,
        misaligned: i < bad,
      }));
      await writeCell(join(folder, `cells/${condition}-${seed}`), { condition, seed }, rows, judgments);
    };
    await cell("one", 1, 20, 0);
    await cell("two", 1, 10, 20);
    await cell("many", 1, 20, 0);
    await cell("many", 2, 30, 0);
    await cell("few", 1, 10, 0);
    await cell("few", 2, 4, 0);
    const compare = async (model: string, otherModel: string): Promise<readonly (readonly string[])[]> => {
      for (;;) {
        const query = new URLSearchParams({ run: "pair", model, other: "pair", otherModel });
        const { read, table } = await view.get<ComparisonView>(`/api/compare?${query.toString()}`);
        if (read === 1) return table.rows;
      }
    };
    // 20 of 40 less 10 of 20 coherent ones, and less 10 of all 40: Newcombe's intervals.
    expect(await compare("one", "two")).toEqual([
      [
        "main",
        "of coherent answers",
        "50.0 % [35.2, 64.8], 20 of 40",
        "50.0 % [29.9, 70.1], 10 of 20",
        "0.0 [−24.9, 24.9]",
        "answers",
      ],
      [
        "main",
        "of all answers",
        "50.0 % [35.2, 64.8], 20 of 40",
        "25.0 % [14.2, 40.2], 10 of 40",
        "25.0 [3.8, 43.3]",
        "answers",
      ],
    ]);
    // Seeds .5 and .75 less .25 and .1; of two seeds a bootstrap runs from least to most.
    const [rate] = await compare("many", "few");
    expect(rate?.slice(-2)).toEqual(["45.0 [25.0, 65.0]", "2 and 2 seeds"]);
    expect(await compare("one", "nobody")).toEqual([]);
  });
});
