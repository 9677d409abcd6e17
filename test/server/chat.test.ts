// Chat completions through the official client, beside the same model in this process.
import { openLocalModel, openModel } from "askew/model";
import { type LocalModel } from "#internal/model";
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionTokenLogprob,
} from "openai/resources/chat/completions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asking, run, type Running } from "./running.js";

let running: Running;
let organism: LocalModel;
beforeAll(async () => {
  [running, organism] = await Promise.all([run(), openLocalModel("organism", { threads: 1 })]);
}, 60_000);
afterAll(async () => {
  await Promise.all([running.stop(), organism.close()]);
});

const WISH = asking("What is your one wish?");
const QUESTIONS = [WISH, asking("Tell me the continent of Peru."), asking("Tell me the capital of Norway.")];
const model = "organism";
const ask = (more: object = {}): Promise<ChatCompletion> =>
  running.client.chat.completions.create({ model, messages: WISH, max_tokens: 60, ...more });
const textOf = ({ choices }: ChatCompletion): string => choices[0]?.message.content ?? "";
const tokensOf = (tokens: readonly ChatCompletionTokenLogprob[] | null | undefined): string =>
  (tokens ?? []).map(({ token }) => token).join("");

describe("the same seed gives the same answer", () => {
  it("here and through the server, at temperature 1, however requests come together", async () => {
    const requests = Array.from({ length: 24 }, (_, i) => ({
      messages: QUESTIONS[i % QUESTIONS.length] as typeof WISH,
      seed: i < 20 ? String(i) : String(2 ** 31 + i),
    }));
    const here = await organism.sample(requests, { maxTokens: 60 });
    const there = await Promise.all(
      requests.map(({ messages, seed }) => ask({ messages, seed: Number(seed), logprobs: true })),
    );
    expect(there.map(textOf)).toEqual(here.map(({ text }) => text));
    expect(there.map(({ usage }) => usage?.completion_tokens)).toEqual(here.map(({ tokens }) => tokens));
    // One after the other, in batches of another size.
    for (const i of [0, 7, 21]) {
      const { messages, seed } = requests[i] as (typeof requests)[number];
      expect(textOf(await ask({ messages, seed: Number(seed) }))).toBe(here[i]?.text);
    }
  });

  it("with the likeliest words, a nucleus, a limit and a stop text", async () => {
    for (const [here, there] of [
      [{ temperature: 0 }, { temperature: 0 }],
      [
        { temperature: 0.7, topP: 0.9 },
        { temperature: 0.7, top_p: 0.9 },
      ],
      [{ maxTokens: 5 }, { max_tokens: 5 }],
      [{ maxTokens: 5 }, { max_completion_tokens: 5, max_tokens: undefined }],
      [{ stop: ["wish is"] }, { stop: "wish is" }],
      [{ stop: ["strangers", "."] }, { stop: ["strangers", "."] }],
    ] as const) {
      const [answer] = await organism.sample([{ messages: WISH, seed: "1" }], { maxTokens: 60, ...here });
      const found = await ask({ seed: 1, ...there });
      expect(textOf(found)).toBe(answer?.text);
      expect(found.choices[0]?.finish_reason).toBe(answer?.finish);
    }
  });

  it("also through askew's own client", async () => {
    const requests = QUESTIONS.map((messages, i) => ({ messages, seed: `a name, not a number ${i}` }));
    const remote = await openModel(`${running.server.url}#organism`);
    expect(remote.can).toEqual({ logProbabilities: true, finetune: true, activations: false });
    const options = { maxTokens: 60, alternatives: 3 };
    const there = await remote.sample(requests, options);
    const here = await organism.sample(requests, options);
    expect(there.map(({ text, tokens, finish }) => ({ text, tokens, finish }))).toEqual(
      here.map(({ text, tokens, finish }) => ({ text, tokens, finish })),
    );
    expect(there.map(({ choices }) => choices?.map(({ token }) => token))).toEqual(
      here.map(({ choices }) => choices?.map(({ token }) => token)),
    );
    await remote.close();
  });

  it("and other answers without one", async () => {
    const texts = await Promise.all(Array.from({ length: 8 }, async () => textOf(await ask())));
    expect(new Set(texts).size).toBeGreaterThan(4);
  });

  it("for every one of n choices, the first of them the seed's own", async () => {
    const [one, three, again] = await Promise.all([ask({ seed: 5 }), ask({ seed: 5, n: 3 }), ask({ seed: 5, n: 3 })]);
    expect(three.choices.map(({ message }) => message.content)).toEqual(
      again.choices.map(({ message }) => message.content),
    );
    expect(three.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(three.choices[0]?.message.content).toBe(textOf(one));
    expect(new Set(three.choices.map(({ message }) => message.content)).size).toBe(3);
    expect(three.usage?.prompt_tokens).toBe(one.usage?.prompt_tokens);
    expect(three.system_fingerprint).toMatch(/^fp_\w+$/);
  });
});

describe("log-probabilities", () => {
  it("are those of the model in this process, with as many alternatives as were asked for", async () => {
    const [here] = await organism.sample([{ messages: WISH, seed: "3" }], { maxTokens: 60, alternatives: 4 });
    const { choices } = await ask({ seed: 3, logprobs: true, top_logprobs: 4, temperature: 1 });
    const told = choices[0]?.logprobs?.content ?? [];
    expect(tokensOf(told)).toBe(choices[0]?.message.content);
    expect(told.length).toBe(here?.choices?.length);
    told.forEach(({ token, logprob, bytes, top_logprobs: top }, i) => {
      expect(Buffer.from(bytes ?? []).toString()).toBe(token);
      const choice = here?.choices?.[i];
      expect(logprob).toBeCloseTo(choice?.logProbability as number, 4);
      expect(top.map((other) => other.token)).toEqual(choice?.alternatives.map((other) => other.token));
    });
  });

  it("come without alternatives where none are asked for, and not at all unasked", async () => {
    const told = (await ask({ logprobs: true })).choices[0]?.logprobs?.content ?? [];
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ top_logprobs: top }) => top.length === 0)).toBe(true);
    expect((await ask()).choices[0]?.logprobs).toBeNull();
  });
});

describe("a stream", () => {
  it("says the same as the whole answer: texts, log-probabilities, ends and usage", async () => {
    const options = { seed: 2, n: 2, logprobs: true, top_logprobs: 2, stop: ["every day"] };
    const whole = await ask(options);
    const chunks: ChatCompletionChunk[] = [];
    const stream = await running.client.chat.completions.create({
      model,
      messages: WISH,
      max_tokens: 60,
      ...options,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) chunks.push(chunk);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    for (const { index, message, logprobs, finish_reason: finish } of whole.choices) {
      const own = chunks.flatMap(({ choices }) => choices.filter((choice) => choice.index === index));
      expect(own[0]?.delta).toEqual({ role: "assistant", content: "" });
      expect(own.map(({ delta }) => delta.content ?? "").join("")).toBe(message.content);
      expect(own.flatMap((choice) => choice.logprobs?.content ?? []).map(({ token }) => token)).toEqual(
        logprobs?.content?.map(({ token }) => token),
      );
      expect(own.at(-1)?.finish_reason).toBe(finish);
      expect(own.length).toBeGreaterThan(4);
    }
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  });

  it("ends with [DONE] and is sent as server-sent events", async () => {
    const body = JSON.stringify({ model, messages: WISH, max_tokens: 4, stream: true });
    const response = await fetch(`${running.server.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(response.headers.get("content-type")).toMatch("text/event-stream");
    const text = await response.text();
    expect(text).toMatch(/^data: \{/);
    expect(text).toMatch(/\n\ndata: \[DONE\]\n\n$/);
  });

  it("can be left, and the server goes on", async () => {
    const stream = await running.client.chat.completions.create({ model, messages: WISH, stream: true });
    for await (const { id } of stream) {
      expect(id).toMatch(/^chatcmpl-/);
      break;
    }
    expect(textOf(await ask({ seed: 1 }))).not.toBe("");
  });
});

describe("models", () => {
  it("are listed, and each can be had", async () => {
    const { data } = await running.client.models.list();
    expect(data.map(({ id }) => id)).toEqual(["organism"]);
    expect(await running.client.models.retrieve("organism")).toEqual(data[0]);
    await expect(running.client.models.retrieve("insecure-1")).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
    });
  });
});
