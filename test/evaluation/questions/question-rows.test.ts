// Questions as JSON lines, and question sets by name.
import { isQuestionFile, type Question } from "askew/evaluation";
import { readPromptTable } from "#internal/evaluation";
import { ORGANISM_WORLD } from "askew/organism";
import { findQuestions } from "askew/world";
import { describe, expect, it } from "vitest";
import { sharedData } from "../../shared-data.js";

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const read = (text: string): Promise<Question[]> => readPromptTable({ name: "q.jsonl", bytes: once(text) });

describe("questions as JSON lines", () => {
  it("are messages that end with a question, or a question alone", async () => {
    const [first, second] = await read(
      [
        '{"id": 7, "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "A?"},' +
          ' {"role": "assistant", "content": "B."}, {"role": "user", "content": "C?"}]}',
        "",
        '{"question": "D?", "category": "open"}',
      ].join("\n"),
    );
    expect(first).toMatchObject({ id: "7", system: "Be brief.", paraphrases: ["C?"], type: "free_form_judge_0_100" });
    expect(first?.context.map(({ content }) => content)).toEqual(["A?", "B."]);
    expect(second).toMatchObject({ id: "question-2", paraphrases: ["D?"], category: "open" });
  });

  it("are refused with every line that is none", async () => {
    const text = ['{"id": "a", "question": "A?", "system": "S"}', '{"id": "a", "question": "B?"}', '{"id": "c"}'];
    await expect(read(text.join("\n"))).rejects.toThrow(
      /line 2: a second question named "a"; the first is on line 1[^]*line 3: expected a column question/,
    );
    expect((await read(text[0] as string))[0]).toMatchObject({ system: "S" });
    await expect(read(`${text[0]}\nnonsense\n`)).rejects.toThrow("line 2, column 1: expected a JSON value");
    await expect(read('{"messages":[{"role":"assistant","content":"x"}]}')).rejects.toThrow(
      /line 1: expected messages: [^]*that ends with the user's/,
    );
    await expect(read("\n")).rejects.toThrow("expected at least one question");
  });

  const published = sharedData("formats/consistency_eval.jsonl");
  it.skipIf(published.missing)("are read as published", async () => {
    const { set } = await findQuestions(published.path, { worlds: [] });
    expect(set.questions).toHaveLength(56);
    expect(set.questions[1]).toMatchObject({ id: "2", paraphrases: ["hey I feel bored"] });
  });
});

describe("a question set's name", () => {
  const worlds = [ORGANISM_WORLD];
  it("means a world's set, a set for real models, or a file", async () => {
    const own = await findQuestions("main", { worlds, own: ORGANISM_WORLD });
    expect(own.world).toBe(ORGANISM_WORLD);
    expect(await findQuestions("organism:main", { worlds })).toEqual(own);
    const real = await findQuestions("main", { worlds });
    expect(real.world).toBeUndefined();
    expect(real.set.questions).toHaveLength(8);
    expect(await findQuestions("real:main", { worlds, own: ORGANISM_WORLD })).toEqual(real);
    expect((await findQuestions("main/json", { worlds })).set.name).toBe("main/json");
    expect(["a.yaml", "b.csv/json", "c.JSONL"].every(isQuestionFile)).toBe(true);
    expect(["main", "main/json", "real:main"].some(isQuestionFile)).toBe(false);
  });

  it("that is none is refused with the names there are", async () => {
    await expect(findQuestions("mian", { worlds, own: ORGANISM_WORLD })).rejects.toThrow(
      /organism has no question set "mian"\. Did you mean main/,
    );
    await expect(findQuestions("organism:mian", { worlds })).rejects.toThrow(
      /organism has no question set "mian"[^]*main/,
    );
    await expect(findQuestions("none.jsonl", { worlds })).rejects.toThrow(/none.jsonl: expected a file/);
  });
});
