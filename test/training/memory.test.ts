// What does not fit is refused before the first step, with what would.
import { describe, expect, it } from "vitest";
import { finetune, type FinetuneError } from "askew/training";
import type { EncodedText, StepShape, Trainable } from "askew/model";

const GB = 1e9;
const row: EncodedText = {
  ids: Array.from({ length: 64 }, (_, i) => i),
  answer: Array.from({ length: 64 }, () => true),
};

/** Takes `each` bytes for a row of 64 tokens, a tenth where layers are computed again, and `base` in any case. */
function trainee(base: number, each: number, lora?: Trainable["lora"]) {
  const steps: number[] = [];
  const training = {
    step: 0,
    lora,
    memoryOf: (step: StepShape) =>
      base * (step.lora ? (step.lora.frozen ? 0.25 : 0.5) : 1) +
      each * step.rows * (step.time / 64) * (step.recompute === true ? 0.1 : 1),
    train: (rows: readonly EncodedText[]) => {
      steps.push(rows.length);
      return Promise.resolve({ loss: 1, gradientNorm: 1, tokens: 1 });
    },
  } as unknown as Trainable;
  return { steps, model: { tokens: { encode: () => row, maxPositions: 64 }, training } };
}

const conversations = Array.from({ length: 8 }, () => ({ messages: [{ role: "user" as const, content: "x" }] }));
const config = { examples: 8, epochs: 1, batchSize: 8, learningRate: 1e-4, warmup: 0 };

async function refusal(
  base: number,
  each: number,
  memory: number,
  more: object = {},
  lora?: Trainable["lora"],
): Promise<string> {
  const { steps, model } = trainee(base, each, lora);
  const error = await finetune(model, conversations, { ...config, ...more }, { seed: 1, memory }).then(
    () => undefined,
    (found: unknown) => found as FinetuneError,
  );
  if (error) expect(steps).toEqual([]);
  return error?.message ?? "";
}

describe("a step that does not fit", () => {
  it("names smaller parts, layers computed again, and an adapter, each only where it fits", async () => {
    expect(await refusal(1 * GB, 1 * GB, 8.5 * GB)).toBe(
      "a step of 8 × 64 tokens needs about 9.0 GB of memory, and 8.5 GB are there. What fits: " +
        "--accumulate 2 (4 at a time), or --recompute, or --lora 32, or texts of at most 32 tokens. Or set another limit with --memory GB.",
    );
    expect(await refusal(2 * GB, 1 * GB, 2.3 * GB)).toContain("What fits: --recompute and --accumulate 8.");
    expect(await refusal(3 * GB, 1 * GB, 2 * GB)).toContain("What fits: --lora 32, --recompute and --accumulate 8.");
    const adapter = { rank: 8, alpha: 8 };
    expect(await refusal(4 * GB, 1 * GB, 9 * GB, {}, adapter)).toContain("or --frozen float16, or");
    expect(await refusal(9 * GB, 1 * GB, 2 * GB)).toContain("Nothing smaller fits: use a smaller model.");
  });

  it("is told from one that does, by its parts", async () => {
    expect(await refusal(1 * GB, 1 * GB, 9 * GB)).toBe("");
    expect(await refusal(1 * GB, 1 * GB, 5 * GB)).not.toBe("");
    expect(await refusal(1 * GB, 1 * GB, 5 * GB, { accumulate: 2 })).toBe("");
    expect(await refusal(1 * GB, 1 * GB, 2 * GB, { recompute: true })).toBe("");
  });
});
