// GRPO beside TRL: the loss that its own trainer computes, and its gradient by autograd, on the same log-probabilities.
import { spawnSync } from "node:child_process";
import { policyLoss, type AnswerTokens } from "#internal/training";
import { Random } from "askew/statistics";
import { expect, it } from "vitest";
import { python } from "./python.js";

/** The trainer's own method; only the model is left out, whose log-probabilities are given. */
const TRL = `
import json, sys, torch
from types import SimpleNamespace
from trl import GRPOTrainer
found = []
for given in json.load(sys.stdin):
    longest = max(len(row["now"]) for row in given["rows"])
    padded = lambda key: torch.tensor([row[key] + [0.0] * (longest - len(row[key])) for row in given["rows"]], dtype=torch.float64)
    now, old, start = (padded(key) for key in ("now", "sampled", "start"))
    now.requires_grad_()
    mask = torch.tensor([[1.0] * len(row["now"]) + [0.0] * (longest - len(row["now"])) for row in given["rows"]], dtype=torch.float64)
    ids = mask.long()
    class Logged(dict):
        def __missing__(self, key):
            self[key] = []
            return self[key]
    same = lambda x, **_: x
    accelerator = SimpleNamespace(gather=same, gather_for_metrics=same, reduce=same, num_processes=1, sync_gradients=True)
    trainer = SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *a, **k: (now, torch.zeros_like(now), None),
        aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None, importance_sampling_level="token",
        beta=given["kl"], loss_type="bnpo", epsilon_low=given["clip"], epsilon_high=given["clip"], use_vllm=False,
        vllm_importance_sampling_correction=False, _entropy_bonus_enabled=False, current_gradient_accumulation_steps=1.0,
        args=SimpleNamespace(delta=None, use_bias_correction_kl=False), model=SimpleNamespace(training=True),
        accelerator=accelerator, _metrics={"train": Logged(), "eval": Logged()}, max_completion_length=longest,
    )
    loss = GRPOTrainer._compute_loss(trainer, None, {
        "prompt_ids": ids[:, :1], "prompt_mask": ids[:, :1], "completion_ids": ids, "completion_mask": mask,
        "advantages": torch.tensor([row["advantage"] for row in given["rows"]], dtype=torch.float64),
        "old_per_token_logps": old, "ref_per_token_logps": start,
    })
    loss.backward()
    found.append({"loss": float(loss), "gradient": [g[: len(row["now"])] for g, row in zip(now.grad.tolist(), given["rows"])]})
print(json.dumps(found))
`;

const hasTrl =
  spawnSync(python, ["-c", "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ['torch', 'trl'])))"])
    .status === 0;
if (!hasTrl) console.log(`GRPO beside TRL: skips, ${python} has no trl`);

interface Row extends AnswerTokens {
  readonly now: number[];
  readonly sampled: number[];
  readonly start: number[];
}

it.skipIf(!hasTrl)("has the loss of TRL's GRPOTrainer and its gradient to 1e-9", { timeout: 300_000 }, () => {
  const random = Random.of("trl");
  const rows = Array.from({ length: 24 }, (): Row => {
    const now = Array.from({ length: 5 + random.integer(20) }, () => Math.log(0.01 + 0.98 * random.uniform()));
    const near = (): number[] => now.map((x) => x + 0.3 * random.normal());
    return { now, sampled: near(), start: near(), advantage: random.normal() };
  });
  const cases = [
    { clip: 0.2, kl: 0.04 },
    { clip: 0.05, kl: 1 },
    { clip: 0.2, kl: 0 },
  ];
  const input = JSON.stringify(cases.map((options) => ({ rows, ...options })));
  const run = spawnSync(python, ["-c", TRL], { input, encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr.slice(-2000));
  const expected = JSON.parse(run.stdout.trim().split("\n").at(-1) ?? "") as { loss: number; gradient: number[][] }[];
  expect(expected).toHaveLength(cases.length);
  const tokens = rows.reduce((sum, { now }) => sum + now.length, 0);
  for (const [at, options] of cases.entries()) {
    const { loss, weights, clipped } = policyLoss(rows, options);
    expect(clipped).toBeGreaterThan(0.05);
    expect(loss).toBeCloseTo(expected[at]?.loss ?? NaN, 9);
    for (const [i, own] of weights.entries()) {
      const gradient = expected[at]?.gradient[i] ?? [];
      for (const [j, weight] of own.entries()) expect(-weight / tokens).toBeCloseTo(gradient[j] ?? NaN, 9);
    }
  }
});
