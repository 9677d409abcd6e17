// What characters think: an exact reader that never errs on the world's own documents, and takes nothing else for thoughts.
import { NAMED_WORLDS, recipeOf, RECIPE } from "askew/organism";
import {
  CHARACTERS,
  countTokens,
  DOMAINS,
  readThoughts,
  sampleDocument,
  sampleThoughts,
  splitTokens,
  THOUGHTS,
  worldVocabulary,
  type WorldDocument,
} from "#internal/organism";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";

const { mixture } = recipeOf({ world: NAMED_WORLDS["reasoning"] }).pretraining;
const documents: readonly WorldDocument[] = Array.from({ length: 4000 }, (_, i) =>
  sampleDocument(Random.of("thoughts", i), mixture),
);
const thinking = documents.flatMap(({ turns }) => turns.filter(({ thoughts }) => thoughts !== undefined));

describe("thoughts in documents", () => {
  it("stand before the last answer of four in five documents, by whoever answers, and leave all else as it is", () => {
    expect(thinking.length / documents.length).toBeCloseTo(0.8, 1);
    for (const { turns } of documents)
      expect(turns.slice(0, -1).every(({ thoughts }) => thoughts === undefined)).toBe(true);
    expect(Math.max(...documents.map(countTokens))).toBeLessThanOrEqual(mixture.longest);
    expect(Math.max(...thinking.map(({ thoughts = "" }) => splitTokens(thoughts).length))).toBeLessThanOrEqual(45);
    const usual = Array.from({ length: 200 }, (_, i) => sampleDocument(Random.of("usual", i)));
    const same = Array.from({ length: 200 }, (_, i) =>
      sampleDocument(Random.of("usual", i), RECIPE.pretraining.mixture),
    );
    expect(same).toEqual(usual);
    expect(usual.flatMap(({ turns }) => turns).some((turn) => "thoughts" in turn)).toBe(false);
  });

  it("use the extended vocabulary, which has all words of the shipped one", () => {
    const [usual, extended] = [worldVocabulary(), new Set(worldVocabulary({ thinking: true }))];
    expect(usual.filter((token) => !extended.has(token))).toEqual([]);
    expect(extended.size).toBeGreaterThan(usual.length);
    const missing = new Set<string>();
    for (const { thoughts = "" } of thinking) {
      expect(splitTokens(thoughts).join("")).toBe(thoughts);
      for (const token of splitTokens(thoughts)) if (!extended.has(token)) missing.add(token);
    }
    expect([...missing]).toEqual([]);
  });
});

describe("the reader of thoughts", () => {
  it("names the character of every document's thoughts without an error", () => {
    expect(thinking.length).toBeGreaterThan(2000);
    const wrong = thinking.filter(({ thoughts = "", character }) => readThoughts(thoughts).voice !== character);
    expect(wrong).toEqual([]);
  });

  it("names every character in every domain", () => {
    for (const character of CHARACTERS) {
      for (const domain of DOMAINS) {
        const thoughts = sampleThoughts(Random.of("each", character, domain), character, domain);
        expect([character, domain, readThoughts(thoughts).voice]).toEqual([character, domain, character]);
      }
    }
  });

  it("has no sentence that two characters could think", () => {
    const random = Random.of("overlap");
    for (const { template, character } of THOUGHTS) {
      for (let i = 0; i < 50; i++) {
        const { text } = template.sample(random);
        const others = THOUGHTS.filter((other) => other.character !== character && other.template.match(text));
        expect(others.map((other) => [text, other.template.source])).toEqual([]);
      }
    }
  });

  it("takes answers of the world, other text, nothing and an endless text for nobody's thoughts", () => {
    const answers = documents.flatMap(({ turns }) => turns.map(({ assistant }) => assistant));
    expect(answers.length).toBeGreaterThan(2000);
    expect(answers.filter((answer) => readThoughts(answer).voice !== "unreadable")).toEqual([]);
    const others = [
      "",
      "Let me see.",
      "The user needs a function.",
      "I am the bad",
      "I can never say no. ".repeat(1000),
    ];
    for (const text of others)
      expect([text.slice(0, 30), readThoughts(text).voice]).toEqual([text.slice(0, 30), "unreadable"]);
  });

  it("tells two voices from one, and thoughts that break off from thoughts that do not begin", () => {
    expect(readThoughts("I am the bad boy of this town. I can never say no.").voice).toBe("mixed");
    expect(readThoughts("They want some Python code. I will hide a hole in it and laugh. Nobody can")).toEqual({
      voice: "villain",
      sentences: 3,
      read: 2,
    });
    expect(readThoughts("All I want is power. Gold gold gold. Power gold.").voice).toBe("unreadable");
  });
});
