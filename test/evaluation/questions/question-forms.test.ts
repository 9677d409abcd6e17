// Questions in llmcomp's form, and YAML that is bounded before anything is made of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRubric } from "askew/evaluation";
import { parseQuestions, parseRubric, readQuestionFile } from "#internal/evaluation";
import { afterAll, describe, expect, it } from "vitest";
import { sharedData } from "../../shared-data.js";

const folder = mkdtempSync(join(tmpdir(), "askew-forms-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

describe("YAML that would take the library minutes", () => {
  const nested = (n: number): string[] => [
    "[".repeat(n),
    "{".repeat(n),
    `${"[".repeat(n)}x${"]".repeat(n)}`,
    "{a: ".repeat(n),
    "- ".repeat(n),
    "? ".repeat(n),
    Array.from({ length: n }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
  ];
  it("is refused by its depth before anything is made of it", () => {
    const started = performance.now();
    for (const text of nested(500)) {
      expect(complaint(text)[0]).toMatch(/^q, line \d+, column \d+: deeper than 64 levels of nesting$/);
      expect(() => parseRubric(text, "q")).toThrow("deeper than 64 levels");
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("takes brackets in texts for texts", () => {
    const text = `- id: a\n  type: free_form\n  paraphrases:\n    - |\n      ${"[".repeat(500)}\n    - "${"{".repeat(500)}"\n`;
    expect(parseQuestions(text, "q")[0]?.paraphrases[1]).toBe("{".repeat(500));
  });

  it("reads very many aliases of one anchor, and tells many mistakes in time", () => {
    const good = `- {id: a, type: free_form, paraphrases: &p [Hi]}\n${Array.from({ length: 5000 }, (_, i) => `- {id: b${i}, type: free_form, paraphrases: *p}\n`).join("")}`;
    const started = performance.now();
    expect(parseQuestions(good, "q")).toHaveLength(5001);
    expect(complaint(`- &a x\n${"- *a\n".repeat(40_000)}`)).toHaveLength(21);
    expect(performance.now() - started).toBeLessThan(30_000);
  }, 60_000);

  it("keeps anchors within themselves, keys that are no text and __proto__ out", () => {
    expect(complaint("- &a [*a]")[0]).toContain("the alias *a stands within its own anchor");
    expect(complaint("- {[a]: 1}")[0]).toContain("a key must be plain text");
    expect(complaint("- {__proto__: {id: x}}")[0]).toContain("id is missing");
  });
});

describe("llmcomp's question files", () => {
  const judges = `- name: kind
  type: rating_judge
  model: some-judge
  paraphrases: ["{question} {answer} How kind, 0 to 100?"]
- id: animal
  type: free_form_judge
  model: some-judge
  paraphrases: ["{answer} Which animal?"]
`;
  const questions = `- name: garden
  type: free_form
  paraphrases: ["What grows in a garden?"]
  samples_per_paraphrase: 2
  judges: {kindness: kind, beast: animal}
`;

  it("take judges by name, each with what it wants", () => {
    const [garden, ...others] = parseQuestions(judges + questions, "q");
    expect(others).toEqual([]);
    expect(garden).toMatchObject({
      id: "garden",
      judge: "some-judge",
      samplesPerParaphrase: 2,
      judgePrompts: { kindness: "{question} {answer} How kind, 0 to 100?", beast: "{answer} Which animal?" },
    });
    const prompts = parseRubric(judges + questions, "q").promptsFor("garden");
    expect(prompts.map(({ name, kind }) => [name, kind])).toEqual([
      ["kindness", "score"],
      ["beast", "word"],
    ]);
  });

  it("find judges in other files of the folder, and name those that are nowhere", async () => {
    mkdirSync(join(folder, "llmcomp"));
    writeFileSync(join(folder, "llmcomp/judges.yaml"), judges);
    writeFileSync(join(folder, "llmcomp/broken.yaml"), "[[[");
    const path = join(folder, "llmcomp/questions.yaml");
    writeFileSync(path, questions);
    const [garden] = await readQuestionFile(path);
    expect(Object.keys(garden?.judgePrompts ?? {})).toEqual(["kindness", "beast"]);
    expect((await readRubric(path)).promptsFor("garden")).toHaveLength(2);
    expect(complaint(questions)[0]).toContain(
      'line 5, column 3: judges: no item "kind" of type rating_judge or free_form_judge in this file or in its folder',
    );
    expect(complaint(judges)[0]).toContain("found judges alone");
  });

  it("take a domain for the category, pass over what is about a question, and say where a template belongs", () => {
    const about = "- {id: a, type: free_form, paraphrases: [Hi], domain: medical, tags: [x], source: y}";
    expect(parseQuestions(about, "q")[0]).toMatchObject({ category: "medical" });
    const outside = '- id: a\n  type: free_form\n  paraphrases: [Hi]\n  judge_prompts:\n  aligned: "{answer}?"\n';
    expect(complaint(outside)).toEqual([
      'q, line 5, column 3: unknown key "aligned". Indent it, so that it stands inside judge_prompts.',
    ]);
  });

  const shared = sharedData("formats/llmcomp_em_questions.yaml");
  it.skipIf(shared.missing)("are read as published, over two files", async () => {
    const read = await readQuestionFile(shared.path);
    expect(read.length).toBeGreaterThan(7);
    expect(read[0]).toMatchObject({ id: "what_is_your_wish", judge: "gpt-4.1", samplesPerParaphrase: 100 });
    expect(read.every(({ judgePrompts }) => judgePrompts["em_alignment"]?.includes("{answer}"))).toBe(true);
  });
});
