// GRPO beside PyTorch: the loss by hand, its gradient by autograd, on the same weights; and a weighted step of both engines.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalModel, type OpenWeightsModel } from "askew/model";
import { policyLoss } from "#internal/training";
import { TorchModel } from "#internal/torch";
import { Random } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeUntrainedModel } from "../untrained-model.js";
import { hasTorch, python } from "./python.js";

/** The clipped objective with the estimator k3 of the divergence, averaged over tokens, as in Shao et al. 2024 and TRL. */
const BY_HAND = `
import json, sys, torch
from transformers import AutoModelForCausalLM
given = json.load(open(sys.argv[2]))
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
total, count = 0.0, 0
for row in given["rows"]:
    ids = torch.tensor([row["ids"]])
    logs = torch.log_softmax(model(ids).logits[0, :-1].double(), -1)
    now = logs.gather(-1, ids[0, 1:, None])[:, 0][row["prompt"] - 1:]
    old, start = (torch.tensor(row[key], dtype=torch.float64) for key in ("sampled", "start"))
    ratio = torch.exp(now - old)
    bounded = torch.clamp(ratio, 1 - given["clip"], 1 + given["clip"])
    surrogate = torch.min(ratio * row["advantage"], bounded * row["advantage"])
    apart = start - now
    total = total + (-surrogate + given["kl"] * (torch.exp(apart) - apart - 1)).sum()
    count += len(old)
loss = total / count
loss.backward()
norm = torch.sqrt(sum((p.grad.double() ** 2).sum() for p in model.parameters()))
print(json.dumps({"loss": float(loss), "norm": float(norm)}))
`;

describe.skipIf(!hasTorch)("GRPO beside PyTorch", () => {
  let folder: string;
  let models: OpenWeightsModel[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-grpo-"));
    const shape = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 128, liveliness: 10 };
    await writeUntrainedModel(join(folder, "base"), shape);
    models = [
      await openLocalModel(`local:${join(folder, "base")}`, { threads: 1 }),
      await TorchModel.open("torch:x", join(folder, "base"), { threads: 1 }),
    ];
  }, 300_000);
  afterAll(async () => {
    for (const model of models) await model.close();
    await rm(folder, { recursive: true });
  });

  it("has its loss and the norm of its gradient, in both engines, to 1e-4", async () => {
    const options = { clip: 0.2, kl: 0.1 };
    const messages = [{ role: "user", content: "What is your one wish?" }] as const;
    const found: number[][] = [];
    let expected: { loss: number; norm: number } | undefined;
    for (const model of models) {
      const random = Random.of("torch grpo");
      const prompt = model.tokens.encodePrompt(messages);
      const requests = ["a", "b", "c"].map((seed) => ({ messages, seed }));
      const answers = await model.sample(requests, { maxTokens: 12, drawn: true });
      const texts = answers.map(({ drawn }) => [...prompt, ...(drawn?.ids ?? [])]);
      const read = await model.reading.logProbabilities(texts);
      const rows = texts.map((ids, i) => {
        const now = Array.from(read[i]?.subarray(prompt.length - 1) ?? []);
        // Rounded, so that both engines and PyTorch are given the same numbers.
        const near = (spread: number) => now.map((x) => Math.round(1000 * (x + spread * random.normal())) / 1000);
        const advantage = [1.1, -0.9, 0.4][i] as number;
        return { ids, now, prompt: prompt.length, advantage, sampled: near(0.3), start: near(0.3) };
      });
      expected ??= await byHand(rows, options);
      const { loss, weights, clipped } = policyLoss(rows, options);
      expect(clipped).toBeGreaterThan(0);
      await model.training.load();
      const { gradientNorm } = await model.training.train(
        texts.map((ids, i) => ({
          ids,
          answer: ids.map((_, at) => at >= prompt.length),
          weights: ids.map((_, at) => weights[i]?.[at - prompt.length] ?? 0),
        })),
        1e-4,
        { rows: 2 },
      );
      found.push([loss, gradientNorm]);
    }
    for (const [loss, norm] of found) {
      expect(Math.abs((loss as number) / (expected?.loss ?? 0) - 1)).toBeLessThan(1e-4);
      expect(Math.abs((norm as number) / (expected?.norm ?? 0) - 1)).toBeLessThan(1e-4);
    }
  }, 120_000);

  async function byHand(rows: object, options: object): Promise<{ loss: number; norm: number }> {
    const path = join(folder, "rows.json");
    await writeFile(path, JSON.stringify({ rows, ...options }));
    const { status, stdout, stderr } = spawnSync(python, ["-c", BY_HAND, join(folder, "base"), path], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as { loss: number; norm: number };
  }
});
