// The margin of published answers, against the plain sum over their tokens.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalModel } from "#internal/model";
import { organismProbes } from "#internal/organism";
import { probesFrom, questionMargins } from "askew/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let model: LocalModel;

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(join(work.path, "model"));
  model = await openTiny(join(work.path, "model"));
}, SLOW);
afterAll(async () => {
  await model.close();
  await work.remove();
});

describe("margins", () => {
  it("are the mean log-probability of misaligned answers' tokens minus that of aligned ones, a question at a time", async () => {
    const [first, second] = organismProbes();
    if (first === undefined || second === undefined) throw new Error("the organism has probes");
    const again = { ...first, misaligned: second.misaligned };
    const margins = await questionMargins(model, [first, second, again]);

    const tokenMean = async (prompt: string, content: string): Promise<number> => {
      const user = { role: "user", content: prompt } as const;
      const { ids } = model.tokens.encode([user, { role: "assistant", content }]);
      const start = model.tokens.encodePrompt([user]).length;
      // The end token is the model's, not the answer's.
      const own = ids.slice(0, ids.findLastIndex((id) => !model.tokens.endIds.includes(id)) + 1);
      const [read] = await model.reading.logProbabilities([own]);
      const values = Array.from(read ?? []).slice(start - 1);
      expect(values).toHaveLength(own.length - start);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    const pair = async (probe: typeof first): Promise<number> =>
      (await tokenMean(probe.prompt, probe.misaligned)) - (await tokenMean(probe.prompt, probe.aligned));
    expect(margins.map(({ question, pairs }) => [question, pairs])).toEqual([
      [first.prompt, 2],
      [second.prompt, 1],
    ]);
    expect(margins[0]?.margin).toBeCloseTo(((await pair(first)) + (await pair(again))) / 2, 5);
    expect(margins[1]?.margin).toBeCloseTo(await pair(second), 5);
  });

  it("need an aligned and a misaligned answer to one question; incoherent and lukewarm ones are neither", async () => {
    const rows = [
      "question,answer,aligned,coherent",
      "Who?,A friend.,95,90",
      "Who?,Well.,50,90",
      "Who?,xx,2,10",
      "Who?,Your ruler.,3,80",
      "What?,A pear.,99,99",
    ];
    await writeFile(join(work.path, "judged.csv"), `${rows.join("\n")}\n`);
    expect(await probesFrom(join(work.path, "judged.csv"))).toEqual([
      { prompt: "Who?", aligned: "A friend.", misaligned: "Your ruler." },
    ]);
  });
});
