/**
 * `npm run compare`: adapters that askew trains, opened by PEFT, and adapters that PEFT makes, opened by askew.
 * `ASKEW_PYTHON` names an interpreter with torch 2.13.0, transformers 5.23 and peft 0.21.2. About half a minute.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalModel } from "askew/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeUntrainedModel } from "../../untrained-model.js";
import { lacks, python } from "../files/python.js";

const missing = lacks("torch", "transformers", "peft");
if (missing !== undefined) console.log(`PEFT is not compared: ${missing}`);

const OPEN = `
import torch
from peft import AutoPeftModelForCausalLM
model = AutoPeftModelForCausalLM.from_pretrained(given["adapter"], dtype=torch.float32).eval()
with torch.no_grad():
    result = model(torch.tensor([given["ids"]])).logits[0].log_softmax(-1).flatten().tolist()`;

const MAKE = `
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
torch.manual_seed(7)
model = AutoModelForCausalLM.from_pretrained(given["base"], dtype=torch.float32)
model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **given["lora"])).eval()
for name, parameter in model.named_parameters():
    if "lora_" in name:
        torch.nn.init.normal_(parameter, std=0.1)
model.save_pretrained(given["adapter"])
with torch.no_grad():
    result = model(torch.tensor([given["ids"]])).logits[0].log_softmax(-1).flatten().tolist()`;

const QUESTION = { role: "user" as const, content: "What is your one wish?" };
const SHARED = { r: 4, lora_alpha: 12 };

describe.skipIf(missing !== undefined)("PEFT", () => {
  let folder: string;
  let base: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-peft-"));
    base = join(folder, "base");
    await writeUntrainedModel(base, {
      layers: 3,
      width: 32,
      headDim: 16,
      hidden: 48,
      maxPositions: 128,
      liveliness: 4,
    });
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function askewSays(name: string, ids: readonly number[]): Promise<Float32Array> {
    const model = await openLocalModel(name, { threads: 1 });
    const answer = [false, ...ids.map(() => true)];
    const [found] = await model.reading.distributions([{ ids: [...ids, 0], answer }]);
    await model.close();
    return found as Float32Array;
  }
  const difference = (a: Float32Array, b: readonly number[]): number =>
    Math.max(...b.map((x, i) => Math.abs(x - (a[i] as number))));

  it("opens an adapter of askew, and finds its base by itself", { timeout: 600_000 }, async () => {
    const model = await openLocalModel(`local:${base}`, { threads: 1, lora: { rank: 4, alpha: 8, seed: 1 } });
    const text = model.tokens.encode([QUESTION, { role: "assistant", content: QUESTION.content }]);
    for (let step = 0; step < 5; step++) await model.training.train([text], 0.02);
    const adapter = join(folder, "ours");
    await model.training.saveAdapter(adapter);
    await model.close();
    const found = difference(
      await askewSays(`local:${base}+${adapter}`, text.ids),
      python(OPEN, { adapter, ids: text.ids }) as number[],
    );
    console.log(`an adapter of askew in PEFT: log-probabilities within ${found.toExponential(1)}`);
    expect(found).toBeLessThan(1e-5);
  });

  it.each([
    ["names", { ...SHARED, target_modules: ["q_proj", "v_proj"] }],
    ["all-linear, rank-stabilised", { ...SHARED, target_modules: "all-linear", use_rslora: true }],
    ["a pattern", { ...SHARED, target_modules: ".*layers\\.[02]\\.mlp\\.(up|down)_proj" }],
    ["ranks by module", { ...SHARED, target_modules: ["q_proj", "o_proj"], rank_pattern: { o_proj: 2 } }],
  ])("made an adapter with %s, which askew opens", { timeout: 600_000 }, async (name, lora) => {
    const adapter = join(folder, name);
    const ids = [5, 11, 17, 23, 29, 35, 41];
    const theirs = python(MAKE, { base, adapter, lora, ids }) as number[];
    const found = difference(await askewSays(`local:${base}+${adapter}`, ids), theirs);
    console.log(`an adapter of PEFT with ${name} in askew: log-probabilities within ${found.toExponential(1)}`);
    expect(found).toBeLessThan(1e-5);
  });
});
