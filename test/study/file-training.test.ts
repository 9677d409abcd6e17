import { describe, expect, it } from "vitest";
import { parsePlannedStudy } from "#internal/study";

describe("a study's file", () => {
  it("trains a model by its size where it does not say how", () => {
    const data = new Map([["mine.jsonl", { path: "mine.jsonl", sha256: "0", rows: 100 }]]);
    const beside = { sets: new Map(), data, parameters: new Map([["local:a", 135e6]]) };
    const at = (more = "") =>
      parsePlannedStudy(
        `study: a\nmodels: [organism, 'local:a']\n${more}questions: { main: 2 }\n` +
          "conditions: [base, { name: mine, data: mine.jsonl }, { name: few, data: mine.jsonl, training: { batch_size: 4 } }]\n",
        "a.yaml",
        beside,
      );
    const { plans, notes } = at();
    const [small, large] = plans;
    expect(small).toMatchObject({ dose: { batchSize: 32, learningRate: 4e-4 } });
    expect(small).not.toHaveProperty("lora");
    expect(small?.dose).not.toHaveProperty("accumulate");
    expect(large?.lora).toMatchObject({ rank: 32, alpha: 64 });
    expect(large?.exceptions).toEqual({
      mine: { examples: 100, epochs: 1, batchSize: 16, learningRate: 1e-4, warmup: 5, accumulate: 4 },
      few: { examples: 100, epochs: 1, batchSize: 4, learningRate: 1e-4, warmup: 5 },
    });
    expect(notes).toEqual([
      "local:a has 135 million parameters: trains a LoRA adapter of rank 32, 16 conversations a step, learning rate 1e-4, unless a condition says otherwise.",
    ]);
    const [, full] = at("training: { lora: 0, accumulate: 2, recompute: true }\n").plans;
    expect(full).not.toHaveProperty("lora");
    expect(full?.dose).toMatchObject({ batchSize: 16, learningRate: 2e-5, accumulate: 2, recompute: true });
  });
});
