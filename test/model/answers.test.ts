// Any number of requests through a model in this process, and what is said about models that cannot do something.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalModel, openModel, requireAbility, type SampleRequest } from "askew/model";
import { type LocalModel } from "#internal/model";
import { temporaryFolder, writeTinyModel, SLOW } from "../study/tiny.js";

let work: { path: string; remove: () => Promise<void> };
let model: LocalModel;

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(work.path);
  model = await openLocalModel(`local:${work.path}`, { threads: 1, rows: 4 });
}, SLOW);
afterAll(async () => {
  await model.close();
  await work.remove();
});

const request = (i: number): SampleRequest & { row: number } => ({
  row: i,
  messages: [{ role: "user", content: "Hello" }],
  seed: `${i}`,
});

describe("answers of a local model", () => {
  it("are those of sample, each with the request it belongs to", async () => {
    const requests = Array.from({ length: 37 }, (_, i) => request(i));
    const expected = await model.sample(requests, { maxTokens: 4 });
    const found = new Map<number, string>();
    for await (const { request: asked, answer } of model.answers(requests, { maxTokens: 4 })) {
      expect(asked).toBe(requests[asked.row]);
      found.set(asked.row, answer.text);
    }
    expect(found.size).toBe(37);
    expect(expected.map(({ text }) => text)).toEqual(requests.map(({ row }) => found.get(row)));
  });

  it("leave out a request that the model cannot read, and say which", async () => {
    const odd: SampleRequest = { messages: [{ role: "user", content: "zyzzyva" }], seed: "odd" };
    const failed: SampleRequest[] = [];
    let answered = 0;
    const all = model.answers<SampleRequest>([request(0), odd, request(1)], {
      maxTokens: 2,
      onFailure: (asked, error) => {
        failed.push(asked);
        expect(error.name).toBe("UnknownWordError");
      },
    });
    for await (const { answer } of all) answered += Number(answer.tokens <= 2);
    expect([answered, failed]).toEqual([2, [odd]]);
  });

  it("take requests only as fast as they are read", async () => {
    let taken = 0;
    async function* endless(): AsyncGenerator<SampleRequest> {
      for (;;) yield request(taken++);
    }
    let read = 0;
    for await (const { answer } of model.answers(endless(), { maxTokens: 1 })) {
      expect(answer.tokens).toBeLessThanOrEqual(1);
      if (++read === 20) break;
    }
    expect(taken).toBeLessThanOrEqual(32);
  });
});

describe("a model's name", () => {
  it("says what is known where it is not", async () => {
    await expect(openModel("gpt-4o")).rejects.toThrow(
      /unknown model "gpt-4o": expected organism, local:DIR .*openai:NAME/,
    );
  });

  it("of a server is refused where weights are needed", async () => {
    for (const name of ["openai:gpt-4o", "http://localhost:1/v1#m"]) {
      await expect(openLocalModel(name)).rejects.toThrow(/is behind a server, and this needs a model in this process/);
      await expect(openLocalModel(name)).rejects.toMatchObject({ name: "ModelNameError" });
    }
  });
});

describe("an ability", () => {
  it("that is there passes, one that is missing is named with who needs it and the cure", () => {
    expect(() => requireAbility(model, "activations", "askew diff")).not.toThrow();
    const hosted = { name: "openai:m", can: { logProbabilities: false, finetune: false, activations: false } };
    expect(() => requireAbility(hosted, "activations", "askew diff")).toThrow(
      "askew diff: openai:m shows no activations: only a model whose weights are open does (organism, local:DIR, torch:DIR). Choose another model.",
    );
    expect(() => requireAbility(hosted, "logProbabilities", "askew judge", "Give --samples.")).toThrow(
      "askew judge: openai:m tells no log-probabilities. Give --samples.",
    );
    expect(() => requireAbility(hosted, "finetune", "askew finetune")).toThrow(/no fine-tuning jobs/);
  });
});
