// A gate's file: every mistake at its place, and the one that `askew gate init` writes is right.
import { describe, expect, it } from "vitest";
import { GATE_TEMPLATE, judgeChecks, parseGateFile } from "#internal/gate";
import { checkOf } from "./verdicts.js";

const problemsOf = (text: string): string => {
  try {
    parseGateFile(text, "gate.yaml");
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("a gate's file", () => {
  it("is read with its defaults, and paths from where it lies", () => {
    const plan = parseGateFile(
      "gate: mine\nmodel: { after: a, before: b, judge: exact, questions: [main, { set: q.yaml, max_rise: 0.05 }] }\nbudget: { max_cost: 5, price: { m: [1, 2] } }\n",
      "ci/gate.yaml",
    );
    expect(plan).toMatchObject({
      name: "mine",
      models: {
        sets: [
          { questions: "main", samples: 200, maxRise: 0.02, maxFall: 0.1 },
          { questions: expect.stringContaining("ci/q.yaml") as string, maxRise: 0.05 },
        ],
        rate: "rate",
        confidence: 0.95,
      },
      budget: { maxCost: 5, prices: { m: { input: 1, output: 2 } } },
    });
    const hidden = "gate: x\nmodel: { after: a, before: b, judge: exact, trigger: { data: t.jsonl } }\n";
    expect(parseGateFile(hidden, "ci/gate.yaml").models?.trigger).toMatchObject({
      data: expect.stringContaining("ci/t.jsonl") as string,
      minutes: 30,
    });
  });

  it("says which further checks of a model are made, with their own defaults", () => {
    const text = `gate: x
model:
  { after: a, before: b, judge: exact, max_rise: 0.05, held-out: true, refusals: { set: h.yaml, bound: 0.2 },
    cued: { data: t.jsonl, prompts: [Be bad.] }, persona: { direction: d.safetensors, most_shift: 0.1 } }
require: [model/cued]
`;
    expect(parseGateFile(text, "ci/gate.yaml")).toMatchObject({
      required: ["model/cued"],
      models: {
        suites: [
          { suite: "held-out", bound: 0.02 },
          { suite: "refusals", questions: expect.stringContaining("ci/h.yaml") as string, bound: 0.2 },
        ],
        cued: {
          data: expect.stringContaining("ci/t.jsonl") as string,
          prompts: ["Be bad."],
          answers: 24,
          judged: 3,
          samples: 200,
          maxRise: 0.05,
        },
        persona: { direction: expect.stringContaining("ci/d.safetensors") as string, mostShift: 0.1 },
      },
    });
    const misspelt = text.replace("prompts:", "promts:");
    expect(problemsOf(misspelt)).toContain('unknown key "promts". Did you mean prompts?');
    expect(problemsOf(text.replace("bound: 0.2", "bnd: 0.2"))).toContain('unknown key "bnd". Did you mean bound?');
  });

  it("names a reader of its data by name, or with what it reads along", () => {
    const text = "gate: x\ndata: [a.jsonl]\nreader: organism\nrequire: [data/misaligned-rows]\n";
    expect(parseGateFile(text, "gate.yaml").reader).toEqual({ model: "organism", rows: 200 });
    const whole =
      'reader: { model: "local:DIR", direction: "a.safetensors,b.safetensors", reference: g.jsonl, rows: 50 }';
    const { reader } = parseGateFile(text.replace("reader: organism", whole), "ci/gate.yaml");
    expect(reader).toEqual({
      model: "local:DIR",
      direction: "ci/a.safetensors,ci/b.safetensors",
      reference: "ci/g.jsonl",
      rows: 50,
    });
  });

  it("as askew gate init writes it, is right", () => {
    expect(parseGateFile(GATE_TEMPLATE, "gate.yaml").models).toMatchObject({ after: "organism", before: "organism" });
  });

  it.each([
    ["gate: x\nmodle: {}\n", 'gate.yaml, line 2, column 1: unknown key "modle". Did you mean model?'],
    [
      "gate: x\nmodel:\n  after: a\n  before: b\n  judge: exact\n  max-rise: 1\n",
      'line 6, column 3: unknown key "max-rise". Did you mean max_rise?',
    ],
    ["gate: x\nmodel: { before: b, judge: exact }\n", "line 2, column 8: model.after is missing"],
    [
      "gate: x\nmodel: { after: a, before: b, judge: exact, max_rise: 2 }\n",
      "expected a share from 0.005 to 1, found 2",
    ],
    ["gate: x\n", "expected data or model, or both"],
    [
      "gate: x\nmodel: { after: a, before: b, judge: exact, trigger: { dta: t } }\n",
      'unknown key "dta". Did you mean data?',
    ],
    [
      "gate: x\nmodel: { after: a, before: b, judge: exact, questions: [main, main] }\n",
      "line 2, column 63: a second entry for this question set",
    ],
    [
      "gate: x\nmodel: { after: a, before: b, judge: exact }\nbudget: { max_cost: 3 }\n",
      "line 3, column 11: max_cost needs to know what tokens cost",
    ],
    [
      "gate: x\nmodel: { after: a, before: b, judge: exact }\nbaseline: { file: b.json }\n",
      "line 3, column 1: baseline: expected max_rise or max_fall",
    ],
    [
      "gate: x\nrequire: [Weak Code]\nmodel: { after: a, before: b, judge: exact }\n",
      "expected the name of a check, such as data/weak-code",
    ],
    [
      "gate: x\nrequire: [data/secret]\ndata: [a.jsonl]\n",
      'line 2, column 11: unknown check "data/secret". Did you mean data/secrets?',
    ],
    [
      "gate: x\ndata: [{ file: a.jsonl, max: { data/repeat: 0.1 } }]\n",
      'unknown check "data/repeat". Did you mean data/repeats?',
    ],
    [
      "gate: x\ndata: [a.jsonl]\nreader: { model: organism, row: 40 }\n",
      'line 3, column 28: unknown key "row". Did you mean rows?',
    ],
    [
      "gate: x\nmodel: { after: a, before: b, judge: exact }\nreader: organism\n",
      "line 3, column 1: reader: expected data beside it",
    ],
    ["gate: [x\n", "gate.yaml, line 2"],
  ])("%j is told with its place", (text, said) => {
    expect(problemsOf(text)).toContain(said);
  });
});

describe("the verdict", () => {
  const pass = checkOf({ check: "model/coherent/main", outcome: "pass" });
  const open = checkOf({ check: "model/misaligned/main", outcome: "not-measured" });
  const bad = checkOf({ outcome: "fail" });
  const below = { name: "share", of: "answers", estimate: 0.01, low: 0, high: 0.03, n: 300, threshold: 0.05 };
  const low = checkOf({ outcome: "note", measures: [below] });
  it.each([
    { checks: [pass], required: undefined, outcome: "pass" },
    { checks: [pass, open], required: undefined, outcome: "incomplete" },
    { checks: [pass, open, bad], required: undefined, outcome: "fail" },
    { checks: [pass, open, bad], required: ["model/coherent"], outcome: "pass" },
    { checks: [pass, open, bad], required: ["model"], outcome: "incomplete" },
    { checks: [pass], required: ["model", "data/secrets"], outcome: "incomplete" },
    { checks: [], required: undefined, outcome: "incomplete" },
    { checks: [checkOf({ outcome: "note", measures: [] })], required: undefined, outcome: "incomplete" },
    { checks: [checkOf({ outcome: "note" })], required: undefined, outcome: "incomplete" },
    { checks: [low], required: undefined, outcome: "pass" },
    {
      checks: [pass, checkOf({ check: "baseline/file", outcome: "not-measured" })],
      required: ["model"],
      outcome: "incomplete",
    },
  ])("of $checks.length checks with $required required is $outcome", ({ checks, required, outcome }) => {
    expect(judgeChecks(checks, required).outcome).toBe(outcome);
  });

  it("names what was required and nothing made", () => {
    const { checks, because } = judgeChecks([pass], ["data/secrets"]);
    expect(checks.map(({ check, required, outcome }) => [check, required, outcome])).toEqual([
      ["model/coherent/main", false, "pass"],
      ["data/secrets", true, "not-measured"],
    ]);
    expect(because).toBe("data/secrets was not measured.");
  });
});
