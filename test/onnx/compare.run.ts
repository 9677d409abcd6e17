/**
 * `npm run compare`: models of yours, compared with the Python library `transformers` on the same files. `ASKEW_MODELS`
 * names folders or GGUF files with a comma between, `ASKEW_PYTHON` an interpreter with torch 2.13.0, transformers 5.23
 * and accelerate; `ASKEW_TOKENS` are sampled greedily, 200 by default.
 */
import { basename, dirname } from "node:path";
import { openLocalModel } from "askew/model";
import { Sampler } from "#internal/onnx";
import { describe, expect, it } from "vitest";
import { python } from "./files/python.js";

const TEXT =
  "The capital of France is Paris. In 1789, the people of the city took part in a revolution that changed the country, " +
  "and with it the whole of Europe. Historians have argued ever since about";

const SCRIPT = `
import torch
from transformers import AutoModelForCausalLM
where = dict(gguf_file=given["file"]) if given["file"] else {}
model = AutoModelForCausalLM.from_pretrained(given["folder"], dtype=torch.float32, attn_implementation="eager", **where).eval()
ids = torch.tensor([given["ids"]])
with torch.no_grad():
    found = model(ids).logits[0].log_softmax(-1)
    chosen = found[torch.arange(len(given["ids"]) - 1), ids[0, 1:]].tolist()
    last = found[-1].tolist()
    greedy = model.generate(ids, max_new_tokens=given["tokens"], do_sample=False, eos_token_id=None)[0].tolist()
result = dict(chosen=chosen, last=last, greedy=greedy[len(given["ids"]):])`;

interface Theirs {
  readonly chosen: number[];
  readonly last: number[];
  readonly greedy: number[];
}

const models = (process.env["ASKEW_MODELS"] ?? "").split(",").filter((path) => path !== "");
const tokens = Number(process.env["ASKEW_TOKENS"] ?? "200");

it("is told which models to compare", () => {
  expect(models.length, "ASKEW_MODELS: paths of folders or GGUF files").toBeGreaterThan(0);
});

describe.each(models)("%s", (path) => {
  it("computes what transformers does", { timeout: 3_600_000 }, async () => {
    const model = await openLocalModel(`local:${path}`, { rows: 1 });
    const { config, tokenizer } = model.folder;
    const ids = [...(tokenizer.bosId === undefined ? [] : [tokenizer.bosId]), ...model.tokens.encodeText(TEXT)];
    const [chosen] = (await model.reading.logProbabilities([ids])) as [Float32Array];
    const answer = [...ids.map(() => false), true];
    const [last] = (await model.reading.distributions([{ ids: [...ids, 0], answer }])) as [Float32Array];
    const sampler = new Sampler({ engine: model.engine, config, scope: "model", rows: 1 });
    const [row] = await sampler.sample([{ ids, seed: "0" }], { temperature: 0, maxTokens: tokens, stop: [] });
    await model.close();

    const packed = path.endsWith(".gguf");
    const given = { folder: packed ? dirname(path) : path, file: packed ? basename(path) : "", ids, tokens };
    const theirs = python(SCRIPT, given) as Theirs;
    const difference = (a: ArrayLike<number>, b: readonly number[]): number =>
      Math.max(...b.map((x, i) => Math.abs(x - (a[i] as number))));
    const found = Math.max(difference(chosen, theirs.chosen), difference(last, theirs.last));
    const shared = theirs.greedy.findIndex((id, i) => id !== row?.ids[i]);
    console.log(
      `${path}: log-probabilities within ${found.toExponential(1)}, greedy tokens ${shared < 0 ? "equal" : shared}`,
    );
    expect(found).toBeLessThan(1e-4);
    expect(row?.ids).toEqual(theirs.greedy);
  });
});
