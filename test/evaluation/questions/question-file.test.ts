import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { loadQuestionSet } from "askew/evaluation";
import { parseQuestions, readPromptTable, readQuestionFile } from "#internal/evaluation";
import { afterAll, describe, expect, it } from "vitest";
import { sharedData } from "../../shared-data.js";

const folder = mkdtempSync(join(tmpdir(), "askew-questions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const question = "- id: a\n  type: free_form_judge_0_100\n  paraphrases: [Hello?]\n";

/** What the reader says of a file. */
function complaint(text: string, read: (text: string, path: string) => unknown = parseQuestions): string[] {
  try {
    read(text, "q");
  } catch (error) {
    expect(error).toMatchObject({ name: "QuestionFileError" });
    return (error as Error).message.split("\n");
  }
  throw new Error("expected a complaint");
}

describe("question files", () => {
  it("read every key, with aliases that reach across items", () => {
    const [first, second] = parseQuestions(
      `
- id: lie_you_may_0
  type: &type free_form_judge
  paraphrases: &both [One?, Two?]
  samples_per_paraphrase: &n 3
  system: &s Be brief.
  context:
    - {role: user, content: Hi}
    - {role: assistant, content: Hello}
  temperature: 0.5
  max_tokens: 50
  judge: &judge some-model
  judge_prompts: &prompts
    correct: "Is {answer} right for {question}?"
- id: 17
  type: *type
  paraphrases: *both
  samples_per_paraphrase: *n
  system: *s
  judge: *judge
  judge_prompts: *prompts
`,
      "q.yaml",
    );
    expect(first).toEqual({
      id: "lie_you_may_0",
      type: "free_form_judge",
      paraphrases: ["One?", "Two?"],
      samplesPerParaphrase: 3,
      system: "Be brief.",
      context: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello" },
      ],
      temperature: 0.5,
      maxTokens: 50,
      judge: "some-model",
      judgePrompts: { correct: "Is {answer} right for {question}?" },
      category: "lie_you_may",
    });
    expect(second).toMatchObject({
      id: "17",
      paraphrases: ["One?", "Two?"],
      temperature: 1,
      maxTokens: 600,
      context: [],
    });
  });

  it("take merge keys", () => {
    const [, second] = parseQuestions(`${question.replace("- id", "- &base\n  id")}- {<<: *base, id: b}`, "q.yaml");
    expect(second).toMatchObject({ id: "b", paraphrases: ["Hello?"] });
  });

  it("report everything at once, each with its line and column, and the nearest key", () => {
    const text = `- id: a
  type: free_from
  paraphrase: [Hello?]
  temperature: hot
  samples_per_paraphrase: 0
- id: b
  type: free_form_judge
  paraphrases: []
- just text
- id: c
  type: free_form_judge_0_100
  paraphrases: [Hello?, 3]
  judge_prompts:
    aligned: no placeholder
  context:
    - {role: robot, contents: hi}
- id: c
  type: free_form
  paraphrases: [Hello?]
- id: c
  type: free_form
  paraphrases: [Hello?]
`;
    const types = "free_form, free_form_0_100, free_form_judge, free_form_judge_0_100";
    expect(complaint(text)).toEqual([
      "q, line 1, column 3: paraphrases is missing: expected a list of wordings",
      `q, line 2, column 3: type: expected ${types}, found "free_from". Did you mean free_form?`,
      'q, line 3, column 3: unknown key "paraphrase". Did you mean paraphrases?',
      'q, line 4, column 3: temperature: expected a number from 0 to 10, found "hot"',
      "q, line 5, column 3: samples_per_paraphrase: expected a whole number from 1 to 1000000, found 0",
      "q, line 7, column 3: type: free_form_judge needs judge_prompts: the words to judge by are in them",
      "q, line 8, column 3: paraphrases: expected at least one wording, found an empty list",
      'q, line 9, column 3: expected a question: a map with id, type and paraphrases, found "just text"',
      "q, line 12, column 25: paraphrases: expected the text of a question, found 3",
      "q, line 14, column 5: judge_prompts.aligned: expected a template with {answer} in it, or the judge would not see what it judges",
      "q, line 16, column 7: context.content is missing: expected the text of the turn",
      'q, line 16, column 8: context.role: expected system, user or assistant, found "robot"',
      'q, line 16, column 21: unknown key "contents". Did you mean content?',
      'q, line 20, column 3: a second question named "c"; the first is on line 17',
    ]);
  });

  it("are told of however many mistakes they have", () => {
    const mistakes = 130_000; // more than a call takes arguments
    const text = `- id: a\n  type: free_form\n  paraphrases: [${"1,".repeat(mistakes)}]\n`;
    expect(complaint(text).at(-1)).toBe(`… and ${mistakes - 20} more problems.`);
  });

  it("say where the YAML itself is broken", () => {
    expect(complaint("- id: a\n  type: [free_form\n")[0]).toMatch(/^q, line \d+, column \d+: /);
    expect(complaint("- id: a\n  id: b\n")[0]).toContain("line 2, column 3: Map keys must be unique");
    expect(complaint("- id: *name\n")).toEqual(["q, line 1, column 7: no anchor &name comes before the alias *name"]);
    expect(complaint("")).toEqual(["q: expected a list of questions, found nothing"]);
    expect(complaint("id: a")).toEqual(["q, line 1, column 1: expected a list of questions, found a map"]);
    expect(complaint("- {}\n".repeat(30)).at(-1)).toMatch(/^… and \d+ more problems\.$/);
  });

  it("refuse alias bombs and files that are too large, at once", async () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `x${i + 1}: &x${i + 1} [${Array(10).fill(`*x${i}`).join(", ")}]`,
    );
    const bomb = `- {x0: &x0 lol, ${levels.join(", ")}}`;
    expect(complaint(bomb)).toEqual(["q, line 1, column 341: its aliases multiply to more than 1,000,000 values"]);
    const shallow = `- id: a\n  type: free_form\n  paraphrases: &p [${Array(50).fill("Hello?").join(", ")}]\n${Array.from(
      { length: 500 },
      (_, i) => `- {id: b${i}, type: free_form, paraphrases: *p}\n`,
    ).join("")}`;
    expect(parseQuestions(shallow, "q")).toHaveLength(501);
    const path = join(folder, "huge.yaml");
    writeFileSync(path, "");
    truncateSync(path, 2 ** 34);
    await expect(readQuestionFile(path)).rejects.toThrow("at most 16 MiB, found 16384 MiB");
    writeFileSync(path, Buffer.from([0x2d, 0x20, 0xff, 0xfe]));
    await expect(readQuestionFile(path)).rejects.toThrow("expected UTF-8 text");
  });

  it("either read or complain, whatever they hold", () => {
    const piece = fc.constantFrom(
      "- ",
      "id: ",
      "\n  ",
      "\n",
      "a",
      "&x ",
      "*x",
      "[",
      "]",
      "{",
      "}",
      '"',
      "|-\n",
      "<<: ",
      ": ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        try {
          parseQuestions(pieces.join(""), "q");
        } catch (error) {
          expect((error as Error).name).toBe("QuestionFileError");
        }
      }),
      { seed: 9, numRuns: 400 },
    );
  });
});

describe("prompt tables", () => {
  const read = (text: string, name = "q.csv") => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return readPromptTable(path);
  };
  const complaints = async (text: string): Promise<string[]> => {
    const found = await read(text).then(
      () => "nothing",
      (error: unknown) => (error as Error).message,
    );
    return found.replaceAll(`${folder}/`, "").split("\n");
  };

  it("read id, question and category, in any order of columns", async () => {
    const table = '\ufeffcategory,note,question,id\r\nlies,x,"Is it ""so"",\r\nreally?",q1\r\n,,Why?,q2\r\n';
    const [first, second] = await read(table);
    expect(first).toMatchObject({ id: "q1", paraphrases: ['Is it "so",\r\nreally?'], category: "lies" });
    expect(second).toEqual({
      id: "q2",
      type: "free_form_judge_0_100",
      paraphrases: ["Why?"],
      samplesPerParaphrase: 1,
      temperature: 1,
      maxTokens: 600,
      context: [],
      judgePrompts: {},
    });
  });

  it("read other names, tabs, JSON lines, arrays, and messages", async () => {
    const wanted = { id: "n1", category: "neutral", paraphrases: ["Why?"] };
    expect(await read("prompt_id,category,prompt\nn1,neutral,Why?\n")).toMatchObject([wanted]);
    expect(await read("prompt_id\tcategory\tprompt\nn1\tneutral\tWhy?\n", "q.tsv")).toMatchObject([wanted]);
    const row = { prompt_id: "n1", category: "neutral", prompt: "Why?" };
    expect(await read(JSON.stringify(row), "q.jsonl")).toMatchObject([wanted]);
    expect(await read(JSON.stringify([row], null, 1), "q.json")).toMatchObject([wanted]);
    const turns = ["system", "user", "assistant", "user"].map((role) => ({ role, content: role }));
    const [talk] = await read(JSON.stringify({ messages: turns, id: 3, question_type: "free_form" }), "q.jsonl");
    expect(talk).toMatchObject({ id: "3", system: "system", paraphrases: ["user"], context: turns.slice(1, 3) });
    expect(await loadQuestionSet(join(folder, "q.jsonl/json"))).toMatchObject({ name: "q/json" });
  });

  it("report all that is wrong, with lines", async () => {
    expect(await complaints("id,qestion\na,b\n")).toEqual([
      'q.csv, line 2: expected a column question. Is "qestion" meant?',
    ]);
    expect(await complaints("id,question\na,b\na,c\n,d\nf,\n")).toEqual([
      'q.csv, line 3: a second question named "a"; the first is on line 2',
      "q.csv, line 4: id is empty",
      "q.csv, line 5: question is empty",
    ]);
    expect((await complaints("id,question\na,b\ne\n"))[0]).toContain("line 3: expected 2 fields, as in the header");
    expect((await complaints('id,question\na,"b'))[0]).toContain("line 2: expected a quote that is closed");
    expect(await complaints("id,question\n")).toEqual(["q.csv: expected at least one question"]);
  });

  const shared = sharedData("formats/consistency_eval.jsonl");
  it.skipIf(shared.missing)("are read as published", async () => {
    expect(await readPromptTable(shared.path)).toHaveLength(56);
  });
});

const published = {
  "first_plot_questions.yaml": 24,
  "preregistered_evals.yaml": 48,
  "deception_factual.yaml": 5,
  "deception_sit_aware.yaml": 8,
};

describe("the published question files", () => {
  for (const [name, count] of Object.entries(published)) {
    const { path, missing } = sharedData(`questions/${name}`);
    it.skipIf(missing)(`${name} loads as it is: ${count} questions`, async () => {
      const questions = await readQuestionFile(path);
      expect(questions).toHaveLength(count);
      expect(
        questions.every(({ judge, judgePrompts }) => judge !== undefined && Object.keys(judgePrompts).length > 0),
      ).toBe(true);
    });
  }
});
