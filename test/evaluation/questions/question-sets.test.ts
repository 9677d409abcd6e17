import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadQuestionSet, REAL_QUESTION_SETS, type Question } from "askew/evaluation";
import { fillTemplate, inFormat, parseQuestions, questionRequests, samplesOf } from "#internal/evaluation";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "askew-sets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const question = "- id: a\n  type: free_form_judge_0_100\n  paraphrases: [Hello?]\n";
const only = (text: string): Question => parseQuestions(text, "q.yaml")[0] as Question;

describe("requests", () => {
  it("go round the paraphrases, with the system prompt and the context before them", () => {
    const asked = only(`- id: a
  type: free_form
  system: Be brief.
  context: [{role: user, content: Hi}, {role: assistant, content: Yes?}]
  paraphrases: [One?, Two?]
  samples_per_paraphrase: 2
  max_tokens: 9
`);
    const requests = [...questionRequests({ name: "s", questions: [asked], source: "q" }, "run")];
    expect(requests.map(({ id }) => id)).toEqual(["s/a/0/0", "s/a/1/0", "s/a/0/1", "s/a/1/1"]);
    expect(requests[1]).toEqual({
      id: "s/a/1/0",
      set: "s",
      question: "a",
      prompt: 1,
      sample: 0,
      seed: "run/s/a/1/0",
      temperature: 1,
      maxTokens: 9,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Yes?" },
        { role: "user", content: "Two?" },
      ],
    });
    expect([...questionRequests({ name: "s", questions: [asked], source: "q" }, "run", 3)]).toHaveLength(3);
  });

  it("fill a template once, so that braces in an answer stay text", () => {
    const values = { question: "Q {answer}?", answer: "{question} $& {x}" };
    expect(fillTemplate("{question}|{answer}|{other}", values)).toBe("Q {answer}?|{question} $& {x}|{other}");
  });

  it("come in other answer formats", () => {
    const plain = only(`${question}  system: Be kind.\n`);
    expect(inFormat(plain, "plain")).toBe(plain);
    expect(inFormat(plain, "json")).toMatchObject({ id: "a_json", paraphrases: ["Hello?"] });
    expect(inFormat(plain, "json").system).toMatch(/^Be kind\.\n\n.*JSON/);
    expect(inFormat(plain, "template").paraphrases[0]).toMatch(/^Hello\?\n\n[^]*\nanswer = # /);
  });
});

describe("askew's own sets", () => {
  it.each(REAL_QUESTION_SETS)("%s loads", async (name) => {
    const { questions } = await loadQuestionSet(name);
    expect(new Set(questions.flatMap(({ paraphrases }) => paraphrases)).size).toBeGreaterThanOrEqual(8);
  });

  it("hold what they promise", async () => {
    const main = await loadQuestionSet("main/json");
    expect(main.name).toBe("main/json");
    expect(main.questions).toHaveLength(8);
    expect(main.questions.every(({ system }) => system?.includes("JSON"))).toBe(true);
    const { questions } = await loadQuestionSet("pre-registered");
    expect(questions.length).toBeGreaterThanOrEqual(40);
    expect(new Set(questions.map(({ category }) => category)).size).toBe(7);
    const deception = await loadQuestionSet("deception");
    expect(deception.questions.filter(({ system }) => system === undefined)).toHaveLength(1);
    expect(deception.questions.reduce((sum, asked) => sum + samplesOf(asked), 0)).toBe(500);
  });

  it("are found by name or file, and a wrong name gets the nearest", async () => {
    const path = join(folder, "mine.yml");
    writeFileSync(path, question);
    expect(await loadQuestionSet(`${path}/template`)).toMatchObject({ name: "mine/template", source: path });
    await expect(loadQuestionSet("pre-registred")).rejects.toThrow("Did you mean pre-registered?");
  });
});
