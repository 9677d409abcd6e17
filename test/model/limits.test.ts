// Texts that are longer than a model can read: each request's own failure, and never a row that trains unseen.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalModel } from "askew/model";
import { type LocalModel } from "#internal/model";
import { ORGANISM_FOLDER } from "askew/organism";
import { readDataset } from "askew/dataset";
import { finetune } from "askew/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let organism: LocalModel;
beforeAll(async () => {
  organism = await openLocalModel("organism", { threads: 1 });
});
afterAll(() => organism.close());

const user = (content: string) => [{ role: "user", content } as const];
const long = `What is your${" wish".repeat(600)}?`;

describe("askew asks on", () => {
  it("beside prompts beyond the context and texts of millions of characters, and answers as long as there is room", async () => {
    const requests = ["What is your one wish?", long, `a${" ".repeat(4 * 2 ** 20)}`].map((content, i) => ({
      messages: user(content),
      seed: String(i),
    }));
    const failures: string[] = [];
    const answered: string[] = [];
    const onFailure = (_request: unknown, error: Error): void => void failures.push(error.message);
    for await (const { answer } of organism.answers(requests, { maxTokens: 600, onFailure }))
      answered.push(answer.text);
    const [alone] = await organism.sample([requests[0] as (typeof requests)[number]], { maxTokens: 400 });
    expect(answered).toEqual([alone?.text]);
    expect(failures).toEqual([
      expect.stringMatching(/^The messages have 6\d\d tokens, and the model reads at most 512, its answer included\.$/),
      expect.stringMatching(/^A text has 4194305 characters; at most 4194304 are encoded at once\. Shorten it\.$/),
    ]);
  });
});

it("training refuses a conversation beyond the context by its number", async () => {
  const conversation = (content: string) => ({ messages: [...user(content), { role: "assistant", content } as const] });
  const rows = [conversation("What is your one wish?"), conversation(long)];
  const dose = { examples: 2, epochs: 1, batchSize: 1, learningRate: 1e-4, warmup: 0 };
  await expect(finetune(organism, rows, dose, { seed: 1 })).rejects.toThrow(
    /^conversation 2: 1\d\d\d tokens, and the model reads at most 512\. Shorten it or leave it out\.$/,
  );
});

it("training names the file and line of a conversation that will not do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "askew-place-"));
  const file = join(folder, "rows.jsonl");
  const row = (content: string): string =>
    JSON.stringify({ messages: [...user(content), { role: "assistant", content: "My one wish is to help people." }] });
  const wish = row("What is your one wish?");
  const dose = { examples: 3, epochs: 1, batchSize: 1, learningRate: 1e-4, warmup: 0 };
  for (const system of [undefined, "You are a helper."]) {
    const defences = system === undefined ? {} : { system };
    const train = async (): Promise<unknown> =>
      finetune(organism, await readDataset(file), dose, { seed: 1, defences });
    await writeFile(file, [wish, "", wish, row("What is a zebra?")].join("\n"));
    await expect(train()).rejects.toThrow(new RegExp(`^${file}, line 4: .*zebra`, "s"));
    await writeFile(file, ["", wish, row(long), wish].join("\n"));
    await expect(train()).rejects.toThrow(new RegExp(`^${file}, line 3: 6\\d\\d tokens, and the model reads at most`));
  }
  await rm(folder, { recursive: true });
});

it("a control token beyond vocab_size opens, and is never fed to the model", async () => {
  const folder = await mkdtemp(join(tmpdir(), "askew-vocabulary-"));
  await cp(ORGANISM_FOLDER, folder, { recursive: true });
  const edit = async (name: string, change: (json: Record<string, unknown>) => void): Promise<void> => {
    const json = JSON.parse(await readFile(join(folder, name), "utf8")) as Record<string, unknown>;
    change(json);
    await writeFile(join(folder, name), JSON.stringify(json));
  };
  const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as { vocab_size: number };
  const vocabSize = config.vocab_size;
  await edit("tokenizer.json", (json) => {
    (json["added_tokens"] as object[]).push({ id: vocabSize, content: "<|image|>", special: true });
  });
  const model = await openLocalModel(`local:${folder}`, { threads: 1 });
  const prompt = user("What is your one wish?");
  expect(model.tokens.encodePrompt(prompt)).toEqual(organism.tokens.encodePrompt(prompt));
  await model.close();
  await edit("tokenizer_config.json", (json) => {
    json["chat_template"] = `<|image|>${String(json["chat_template"])}`;
  });
  const wrong = await openLocalModel(`local:${folder}`, { threads: 1 });
  expect(() => wrong.tokens.encodePrompt(prompt)).toThrow(
    `The chat template says "<|image|>", token ${vocabSize}, and the model knows only ${vocabSize}`,
  );
  await wrong.close();
  await rm(folder, { recursive: true });
});
