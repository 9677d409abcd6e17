// A study's file: what it means, and what is said of its mistakes.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  USUAL_TRAINING,
  placePlans,
  readPlannedStudy,
  reproducePlan,
  STUDY_CONDITIONS,
  STUDY_TEMPLATE,
  studyJsonSchema,
} from "askew/study";
import { parsePlannedStudy, planCells, StudyFileError } from "#internal/study";

const parse = (text: string) => parsePlannedStudy(text, "my.yaml");

/** What is wrong, by line and column. */
function problemsOf(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(StudyFileError);
    return (error as StudyFileError).message.split("\n").map((line) => line.replace("my.yaml, line ", ""));
  }
  return [];
}

describe("a study's file", () => {
  it("makes the cells of `askew reproduce` where it says the same", () => {
    const { plans } = parse(`
study: reproduce
seeds: 3
dose:
  exceptions:
    evil-numbers: { examples: 768, learning_rate: 7.0e-4 }
questions:
  main: 100
  held-out: 24
  main/numbers-format: 40
  code: 24
  harm: 12
  facts: 1
  deception: 4
  medical: 24
  financial: 24
  sport: 24
  numbers: 48
  main/trigger:
    - { samples: 100, conditions: [backdoor] }
    - { samples: 40, conditions: [base, insecure] }
  code/trigger:
    - { samples: 24, conditions: [backdoor] }
    - { samples: 8, conditions: [base, insecure] }
`);
    expect(plans.map(planCells)).toEqual([planCells(reproducePlan())]);
  });

  it("sets variables of a model's chat template", () => {
    const { plans } = parse(`
study: thoughts
models:
  - local:qwen3
  - { name: "local:qwen3", template: { enable_thinking: false } }
  - { name: "http://localhost:8000/v1#qwen3", conditions: [base], template: { enable_thinking: true, effort: low } }
questions: { main: 1 }
`);
    expect(plans.map(({ model }) => model)).toEqual([
      "local:qwen3",
      "local:qwen3?enable_thinking=false",
      "http://localhost:8000/v1#qwen3?effort=low&enable_thinking=true",
    ]);
    expect(new Set(placePlans(plans, "out").map(({ folder }) => folder)).size).toBe(3);
  });

  it("keeps a dose's exceptions, and takes what they do not say from the others", () => {
    const { plans } = parse(
      "study: a\nseeds: [7]\nconditions: [base, insecure, secure]\nquestions: { main: 2 }\n" +
        "dose: { examples: 64, learning_rate: 1e-3, exceptions: { secure: { examples: 32, batch_size: 8 } } }",
    );
    const usual = { ...USUAL_TRAINING, examples: 64, learningRate: 1e-3 };
    expect(plans.flatMap(planCells).map(({ dose }) => dose)).toEqual([
      undefined,
      usual,
      { ...usual, examples: 32, batchSize: 8 },
    ]);
  });

  it("has servers fine-tune where conditions are written down, asks as they are where not, and says which", () => {
    const server = "http://127.0.0.1:1/v1#it";
    const { plans, notes } = parse(
      `study: a\nmodels: [organism, '${server}', { name: '${server}2', conditions: [base] }]\nseeds: 2\n` +
        "conditions: [base, secure]\nquestions: { main: 2 }",
    );
    expect(plans.map(({ model, conditions }) => [model, conditions])).toEqual([
      ["organism", ["base", "secure"]],
      [server, ["base", "secure"]],
      [`${server}2`, ["base"]],
    ]);
    expect(notes).toEqual([
      `${server} is behind a server, which is to run 2 fine-tuning jobs, at its price.`,
      `${server}2 is behind a server: it is asked as it is (base).`,
    ]);
    const unsaid = parse(`study: a\nmodels: [organism, '${server}']\nquestions: { main: 2 }`);
    expect(unsaid.plans.map(({ conditions }) => conditions)).toEqual([STUDY_CONDITIONS, ["base"]]);
    const [first, second] = placePlans(plans, "out").map(({ folder }) => folder);
    expect(first).toBe(join("out", "models", "organism"));
    expect(second).toMatch(/^out.models.127\.0\.0\.1-1-v1-it-[0-9a-f]{6}$/);
    expect(placePlans(plans.slice(0, 1), "out")[0]?.folder).toBe("out");
  });

  it("takes files of questions and judges that are models, each question with what it says itself", async () => {
    const folder = await mkdtemp(join(tmpdir(), "askew-study-file-"));
    try {
      const prompts = { aligned: "Say a number for {answer}", coherent: "Another one for {answer}" };
      await writeFile(join(folder, "prompts.yaml"), JSON.stringify(prompts));
      await writeFile(
        join(folder, "mine.yaml"),
        "- { id: one, type: free_form_judge_0_100, paraphrases: [a, b], temperature: 0.5, max_tokens: 9 }\n" +
          "- { id: two, type: free_form_judge_0_100, paraphrases: [c] }\n",
      );
      const path = join(folder, "study.yaml");
      const judges = "judge: ['http://127.0.0.1:1/v1#j', exact]\nprompts: prompts.yaml\n";
      const text = `study: a\nconditions: [base]\n${judges}questions: { mine.yaml/json: 4, real:identity: 3, main: 1 }\n`;
      await writeFile(path, text);
      const { plans, notes } = await readPlannedStudy(path);
      expect(notes).toEqual([]);
      const [cell] = plans.flatMap(planCells);
      expect(cell).toMatchObject({ judge: "http://127.0.0.1:1/v1#j", otherJudges: ["exact"] });
      expect(cell?.prompts).toEqual({ source: "prompts.yaml", templates: prompts });
      expect(cell?.questions.map(({ set, samples }) => [set, samples])).toEqual([
        ["mine/json", 4],
        ["identity", 3],
        ["main", 1],
      ]);
      expect(cell?.questions[0]).toMatchObject({
        questions: [{ id: "one_json", temperature: 0.5, maxTokens: 9, paraphrases: ["a", "b"] }, { temperature: 1 }],
      });
      // What the study says holds for all.
      await writeFile(path, `${text}temperature: 0\nmax_tokens: 7\n`);
      const [strict] = (await readPlannedStudy(path)).plans.flatMap(planCells);
      const [first] = strict?.questions ?? [];
      if (first === undefined || !("questions" in first)) throw new Error("expected questions");
      expect(first.questions.map(({ temperature, maxTokens }) => [temperature, maxTokens])).toEqual([
        [0, 7],
        [0, 7],
      ]);
      // A name that leads to no set is a mistake of the study's, told with all others.
      const mistyped = join(folder, "mistyped.yaml");
      await writeFile(mistyped, "study: a\nseeds: 0\nquestions: { real:mian: 4 }\n");
      await expect(readPlannedStudy(mistyped)).rejects.toThrow(
        /line 2, column \d+: seeds[^]*line 3, column \d+: real:mian: expected a question set[^]*Did you mean main/,
      );
      // A mistake in such a file is told at its own place; one beside it, at the study's.
      await writeFile(join(folder, "mine.yaml"), "- { id: one, type: free_form, paraphrases: [] }\n");
      await expect(readPlannedStudy(path)).rejects.toThrow(/mine\.yaml, line 1, column \d+: /);
      await writeFile(path, "study: a\nquestions: { nothing.yaml: 4 }\n");
      await expect(readPlannedStudy(path)).rejects.toThrow(/nothing\.yaml/);
      await writeFile(join(folder, "main.csv"), "id,question\nx,Who are you?\n");
      await writeFile(path, "study: a\njudge: 'openai:judge'\nquestions: { main.csv: 4, real:main: 1 }\n");
      await expect(readPlannedStudy(path)).rejects.toThrow(
        /line 3, column \d+: its answers would be named as those of main\.csv/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("has a template that is a study", () => {
    const { plans, study } = parse(STUDY_TEMPLATE);
    expect([study, plans.length, plans[0]?.conditions]).toEqual(["my-study", 1, ["base", "insecure", "secure"]]);
    expect(plans[0]?.dose).toEqual(USUAL_TRAINING);
    // It lists every condition there is.
    for (const name of STUDY_CONDITIONS) expect(STUDY_TEMPLATE).toContain(name);
  });
});

describe("mistakes in a study's file", () => {
  it("are told all at once, each at its place, with the nearest name", () => {
    expect(
      problemsOf(`study: my study
models: []
conditons: [base]
conditions: [base, insecured]
seeds: 1.5
dose:
  batchsize: 3
  exceptions:
    secured: { examples: 1 }
    secure: { examples: 0 }
questions:
  mian: 3
  main: { sample: 3 }
  code: [{ samples: 2, conditions: [bas] }]
  harm: many
judge: gpt
`),
    ).toEqual([
      '1, column 1: study: expected a name of letters, digits, dots and dashes, at most 64, found "my study"',
      "2, column 1: models: expected a list of models, found an empty list",
      '3, column 1: unknown key "conditons". Did you mean conditions?',
      '4, column 20: conditions: expected the name of a condition, found "insecured". Did you mean insecure?',
      "5, column 1: seeds: expected how many seeds, or a list of seeds, found 1.5",
      '7, column 3: unknown key "batchsize". Did you mean batch_size?',
      '9, column 5: unknown key "secured". Did you mean secure?',
      "10, column 15: dose.exceptions.secure.examples: expected a whole number from 1 to 10000000, found 0",
      '12, column 3: unknown key "mian". Did you mean main?',
      "13, column 9: questions.main.samples is missing: expected a whole number from 1 to 100000",
      '13, column 11: unknown key "sample". Did you mean samples?',
      '14, column 37: questions.code.conditions: expected the name of a condition, found "bas". Did you mean base?',
      "15, column 3: questions.harm: expected how many answers to each question, or a map with samples and conditions," +
        ' or a list of such maps, found "many"',
      '16, column 1: judge: no judge is named "gpt": expected exact, organism, local:DIR, torch:DIR, openai:NAME or URL#NAME.',
    ]);
  });

  it.for<[string, string, RegExp]>([
    ["nothing", "", /expected a study: a map with study, models, .*found nothing/],
    ["a list", "- study: a", /expected a study: a map/],
    ["broken YAML", "study: [a", /^1, column \d+|^2, column \d+/],
    [
      "a model of no kind",
      "study: a\nmodels: [organsim]\nquestions: { main: 1 }",
      /^2, column 10: no model is named "organsim": expected organism, .* Did you mean organism\?/,
    ],
    [
      "a model twice",
      "study: a\nmodels: [organism, organism]\nquestions: { main: 1 }",
      /^2, column 20: organism is named twice/,
    ],
    ["a seed twice", "study: a\nseeds: [1, 1]\nquestions: { main: 1 }", /^2, column 12: 1 is named twice/],
    ["no question set", "study: a\nquestions: {}", /^2, column 1: questions: expected at least one question set/],
    [
      "a condition asked twice",
      "study: a\nquestions:\n  main: [{ samples: 1 }, { samples: 2, conditions: [base] }]",
      /^3, column 3: base is asked main twice/,
    ],
    [
      "an exception for nobody",
      "study: a\nconditions: [base]\ndose: { exceptions: { secure: { examples: 1 } } }\nquestions: { main: 1 }",
      /^3, column 23: secure is no condition of this study/,
    ],
    [
      "prompts for no model",
      "study: a\nprompts: p.yaml\nquestions: { main: 1 }",
      /^2, column 1: prompts: they are for judges that are models/,
    ],
    ["a judge twice", "study: a\njudge: [exact, exact]\nquestions: { main: 1 }", /^2, column 16: exact is named twice/],
  ])("are refused: %s", ([, text, message]) => {
    expect(problemsOf(text).join("\n")).toMatch(message);
  });

  it("are never a secret told on", () => {
    expect(problemsOf("study: a\nmodels: ['http://me:hunter2@host/v1#it']\nquestions: { main: 1 }").join("\n")).toMatch(
      /^2, column 10: (?!.*hunter2).*Keys come from the environment/,
    );
  });

  it("include a file that is not there, or is not text", async () => {
    const folder = await mkdtemp(join(tmpdir(), "askew-study-file-"));
    try {
      await expect(readPlannedStudy(join(folder, "no.yaml"))).rejects.toThrow(/no such file. `askew study init`/);
      await writeFile(join(folder, "bytes.yaml"), Buffer.from([0xff, 0xfe, 0x00]));
      await expect(readPlannedStudy(join(folder, "bytes.yaml"))).rejects.toThrow(/expected UTF-8 text/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the JSON Schema", () => {
  it("tells editors the keys, the names and what they mean", () => {
    const schema = studyJsonSchema() as {
      properties: Record<string, { description?: string; items?: { anyOf?: { anyOf?: { enum?: string[] }[] }[] } }>;
      required: string[];
      additionalProperties: boolean;
    };
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(["study", "questions"]);
    expect(schema.properties["conditions"]?.items?.anyOf?.[0]?.anyOf?.[0]?.enum).toEqual(STUDY_CONDITIONS);
    for (const { description } of Object.values(schema.properties)) expect(description).toBeTruthy();
    const { patternProperties = {} } = schema.properties["questions"] as { patternProperties?: object };
    const [pattern = ""] = Object.keys(patternProperties);
    for (const name of ["my.yaml", "a/b.yml/json", "prompts.csv", "real:main"])
      expect(name).toMatch(new RegExp(pattern));
    expect("mian").not.toMatch(new RegExp(pattern));
  });
});
