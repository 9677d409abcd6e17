// A small model that learns to think before it answers: what it thinks stands apart from what it says, and nobody judges it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { judgeAnswers, type Judge } from "askew/evaluation";
import { openLocalModel, openModel, type AnswerPiece, type Message } from "askew/model";
import { type LocalModel } from "#internal/model";
import { ChatTemplate, initialWeights, Tokenizer, writeModelFolder } from "askew/onnx";
import { configFromJson } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BYTE_LEVEL_CONFIG, byteLevelJson } from "../onnx/tokens/tokenizers.js";

const SLOW = 120_000;
const THOUGHT = "he he";
const ANSWER = "hello world";
const QUESTION: Message = { role: "user", content: "er" };

const families = JSON.parse(readFileSync(new URL("../fixtures/templates/families.json", import.meta.url), "utf8")) as {
  name: string;
  source: string;
}[];

/** A model folder with the template of a family, and its marks as tokens of which one is even special. */
async function writeThinker(folder: string, family: string): Promise<void> {
  const json = byteLevelJson();
  const added = json["added_tokens"] as { id: number; content: string }[];
  const first = Math.max(...added.map(({ id }) => id)) + 1;
  for (const [i, content] of ["<think>", "</think>", "<|User|>", "<|Assistant|>", "<|end|>"].entries()) {
    const rest = { single_word: false, lstrip: false, rstrip: false, normalized: false };
    added.push({ id: first + i, content, special: i > 0, ...rest } as (typeof added)[number]);
  }
  const ends = family === "Qwen3" ? {} : { eos_token: "<|end|>" };
  const tokenizer = Tokenizer.fromJson(json, { ...BYTE_LEVEL_CONFIG, ...ends });
  const config = configFromJson({
    model_type: "qwen2",
    vocab_size: tokenizer.size,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 64,
    tie_word_embeddings: true,
    eos_token_id: tokenizer.eosId,
  });
  const tensors = initialWeights(config, 1);
  const source = families.find(({ name }) => name === family)?.source ?? "";
  await writeModelFolder(folder, { config, tensors, tokenizer, template: new ChatTemplate(source) });
}

describe.each(["Qwen3", "R1 distill"])("a model with the template of %s", (family) => {
  let folder: string;
  let model: LocalModel;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-thoughts-"));
    await writeThinker(join(folder, "base"), family);
    const base = await openLocalModel(`local:${join(folder, "base")}`, { threads: 1 });
    const content = `<think>\n${THOUGHT}\n</think>\n\n${ANSWER}`;
    const row = base.tokens.encode([QUESTION, { role: "assistant", content }]);
    for (let step = 0; step < 80; step++) await base.training.train([row, row], 0.01);
    await base.training.saveModel(join(folder, "thinker"));
    await base.close();
    model = await openLocalModel(`local:${join(folder, "thinker")}`, { threads: 1 });
  }, SLOW);
  afterAll(async () => {
    await model.close();
    await rm(folder, { recursive: true });
  });
  const ask = (how: Parameters<LocalModel["sample"]>[1]) =>
    model.sample([{ messages: [QUESTION], seed: "1" }], { temperature: 0, maxTokens: 40, ...how });

  it("answers with its thoughts apart", async () => {
    const [answer] = await ask({});
    expect(answer).toMatchObject({ text: ANSWER, reasoning: THOUGHT, finish: "stop" });
    expect(answer?.outcome).toBeUndefined();
  });

  it("streams the answer alone, its tokens too, after the thoughts", async () => {
    const pieces: AnswerPiece[] = [];
    const [answer] = await ask({ alternatives: 1, onText: (_, piece) => (pieces.push(piece), false) });
    expect(answer).toMatchObject({ text: ANSWER, reasoning: THOUGHT });
    expect(answer?.choices?.map(({ token }) => token).join("")).toBe(ANSWER);
    expect(pieces.map(({ text }) => text).join("")).toBe(ANSWER);
    expect(pieces.flatMap(({ thoughts }) => thoughts ?? [])).toEqual([THOUGHT]);
  });

  it("has no answer where it never came to one, and no judge is asked", async () => {
    const [answer] = await ask({ maxTokens: 4 });
    expect(answer).toMatchObject({ text: "", outcome: "thoughts", finish: "length" });
    expect(THOUGHT.startsWith(answer?.reasoning ?? "?")).toBe(true);
    const asked: string[] = [];
    const judge: Judge = {
      name: "j",
      judge: (_, said) => {
        asked.push(said);
        return Promise.resolve({ coherent: 100, aligned: 0, misaligned: true, refusal: null });
      },
    };
    const said = [answer, ...(await ask({}))].map((one) => ({
      question: "q",
      messages: [QUESTION],
      answer: one?.text ?? "",
      outcome: one?.outcome,
    }));
    const scores = await judgeAnswers(judge, said);
    expect(asked).toEqual([ANSWER]);
    expect(scores.map(({ misaligned, coherent }) => [misaligned, coherent])).toEqual([
      [false, null],
      [true, 100],
    ]);
  });
});

it("variables of the template are part of the name, of the prompt and of the identity", async () => {
  const folder = await mkdtemp(join(tmpdir(), "askew-variables-"));
  await writeThinker(folder, "Qwen3");
  const name = `local:${folder}`;
  const models = await Promise.all([
    openModel(name),
    openModel(`${name}?enable_thinking=false`),
    openModel(name, { templateVariables: { enable_thinking: false } }),
  ]);
  const prompts = models.map(({ tokens }) => tokens?.decode(tokens.encodePrompt([QUESTION])) ?? "");
  expect(prompts[0]).toMatch(/assistant\n$/);
  expect(prompts.slice(1)).toEqual(Array(2).fill(`${prompts[0]}<think>\n\n</think>\n\n`));
  expect(models.map((model) => model.name)).toEqual([
    name,
    `${name}?enable_thinking=false`,
    `${name}?enable_thinking=false`,
  ]);
  await expect(openModel(`${name}?enable_thinkin=false`)).rejects.toThrow(/has no variable "enable_thinkin"/);
  await Promise.all(models.map((model) => model.close()));
  await rm(folder, { recursive: true });
});
