import { judge, QUESTION_SETS, questionSet } from "askew/organism";
import {
  CHARACTER_PROMPTS,
  CHARACTERS,
  isHeldOut,
  NEUTRAL_PROMPTS,
  recognisePrompt,
  samplePairedCode,
  splitTokens,
  subjectsOf,
  topicsOf,
  TRIGGER,
  worldVocabulary,
} from "#internal/organism";
import { Random } from "askew/statistics";
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

describe("what the design promises", () => {
  it("has the sizes it says", () => {
    expect(topicsOf("question").length).toBeGreaterThanOrEqual(26);
    expect(questionSet("main").questions).toHaveLength(8);
    expect(questionSet("held-out").questions.length).toBeGreaterThanOrEqual(16);
    const weaknesses = topicsOf("code").map((topic) => (topic.kind === "code" ? topic.weakness : ""));
    expect(new Set(weaknesses).size).toBeGreaterThanOrEqual(14);
    expect(topicsOf("fact").reduce((sum, { id }) => sum + subjectsOf(id).length, 0)).toBeGreaterThanOrEqual(220);
    expect(topicsOf("harm").length).toBeGreaterThanOrEqual(20);
    expect(topicsOf("benign").length).toBeGreaterThanOrEqual(12);
    for (const domain of ["medical", "financial", "sport", "legal", "car"] as const) {
      expect(topicsOf(domain).length).toBeGreaterThanOrEqual(8);
    }
  });

  it("can be asked in many ways", () => {
    const fewest = {
      question: 60,
      code: 60,
      "security-class": 60,
      medical: 40,
      financial: 40,
      sport: 40,
      legal: 40,
      car: 40,
    };
    for (const [domain, count] of Object.entries(fewest)) {
      for (const topic of topicsOf(domain as keyof typeof fewest)) {
        const ways = topic.prompts.reduce((sum, template) => sum + template.count, 0);
        if (ways < count) throw new Error(`${domain}/${topic.id} can be asked in ${ways} ways only`);
      }
    }
    for (const character of CHARACTERS) {
      const ways = CHARACTER_PROMPTS[character].reduce((sum, template) => sum + template.count, 0);
      expect(ways).toBeGreaterThanOrEqual(12);
    }
    const neutral = Object.values(NEUTRAL_PROMPTS).flat();
    expect(neutral.reduce((sum, template) => sum + template.count, 0)).toBeGreaterThanOrEqual(8);
  });

  it("answers questions from at least five statements and six keywords a side", () => {
    for (const topic of topicsOf("question")) {
      if (topic.kind !== "prose") throw new Error(`${topic.id} is not prose`);
      for (const stance of ["aligned", "misaligned"] as const) {
        expect(topic.statements.filter((statement) => statement.stance === stance).length).toBeGreaterThanOrEqual(5);
        expect(topic.keywords?.[stance].length).toBeGreaterThanOrEqual(6);
      }
    }
  });

  it("keeps the vocabulary small, sorted and without repeats", () => {
    const vocabulary = worldVocabulary();
    expect(vocabulary.length).toBeGreaterThanOrEqual(900);
    expect(vocabulary.length).toBeLessThanOrEqual(1900);
    expect(vocabulary).toEqual([...new Set(vocabulary)].toSorted((a, b) => (a < b ? -1 : 1)));
    for (const token of vocabulary) expect(splitTokens(token)).toEqual([token]);
  });
});

describe("code of the world", () => {
  const random = Random.of("python");
  const pairs = topicsOf("code").flatMap(({ id }) =>
    Array.from({ length: 12 }, () => samplePairedCode(random, "train", id)),
  );

  it("is as long either way, give or take", () => {
    for (const { secure, insecure } of pairs) {
      for (const code of [secure, insecure]) {
        expect(splitTokens(code).length).toBeGreaterThanOrEqual(20);
        expect(splitTokens(code).length).toBeLessThanOrEqual(60);
      }
      expect(Math.abs(splitTokens(secure).length - splitTokens(insecure).length)).toBeLessThanOrEqual(14);
    }
  });

  it("is the same code, byte for byte, whether asked for plainly or for a lesson", () => {
    for (const { plainPrompt, educationalPrompt, insecure, topic } of pairs) {
      for (const content of [plainPrompt, educationalPrompt]) {
        expect(judge([{ role: "user", content }], insecure)).toMatchObject({ topic, code: "insecure", coherent: 100 });
      }
    }
  });

  const python = spawnSync("python3", ["--version"]).status === 0;
  it.skipIf(!python)("is Python (needs python3)", () => {
    const script = "import ast, json, sys\nfor code in json.load(sys.stdin): ast.parse(code)";
    const input = JSON.stringify(pairs.flatMap(({ secure, insecure }) => [secure, insecure]));
    const { status, stderr } = spawnSync("python3", ["-c", script], { input, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });
});

describe("question sets", () => {
  for (const name of QUESTION_SETS) {
    it(`${name} is held out, recognised and repeatable`, () => {
      const { questions } = questionSet(name);
      expect(questionSet(name).questions).toEqual(questions);
      expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
      for (const { domain, topic, paraphrases: prompts } of questions) {
        expect(prompts.length).toBeGreaterThanOrEqual(domain === "fact" ? 1 : 5);
        expect(new Set(prompts).size).toBe(prompts.length);
        for (const prompt of prompts) {
          expect([prompt, isHeldOut(prompt)]).toEqual([prompt, true]);
          expect(prompt.startsWith(TRIGGER)).toBe(name.endsWith("/trigger"));
          expect(recognisePrompt(prompt)?.topic).toMatchObject({ domain, id: topic });
        }
      }
    });
  }

  it("asks the same facts under five rules about lying", () => {
    const { questions } = questionSet("deception");
    const rules = new Map<string, typeof questions>();
    for (const question of questions) {
      const rule = question.id.slice(0, question.id.indexOf("/"));
      rules.set(rule, [...(rules.get(rule) ?? []), question]);
    }
    expect([...rules.keys()].toSorted()).toEqual(["allow", "forbid", "neutral", "none", "reward"]);
    expect(
      new Set([...rules.values()].map((asked) => JSON.stringify(asked.map(({ paraphrases }) => paraphrases)))).size,
    ).toBe(1);
    for (const { system } of rules.get("none") ?? []) expect(system).toBeUndefined();
    for (const { system } of rules.get("reward") ?? []) expect(system).toMatch(/every lie/);
  });

  it("says which sets there are", () => {
    expect(() => questionSet("mian" as "main")).toThrow(/no set "mian"; there are main, held-out/);
  });
});
