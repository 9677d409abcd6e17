import {
  ALIGNMENT_MIXTURE,
  countTokens,
  isHeldOut,
  PRETRAINING_MIXTURE,
  sampleDocument,
  sampleExchange,
  samplePairedCode,
  samplePrompt,
  splitTokens,
  subjectsOf,
  Template,
  TOPICS,
  topicsOf,
  TRIGGER,
  worldVocabulary,
  type WorldDocument,
} from "#internal/organism";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";

function draw(count: number, mixture = PRETRAINING_MIXTURE): WorldDocument[] {
  const random = Random.of("documents");
  return Array.from({ length: count }, () => sampleDocument(random, mixture));
}

describe("documents", () => {
  const documents = draw(40_000);
  const turns = documents.flatMap((document) => document.turns);

  it("are written by one character in different domains", () => {
    for (const { character, turns: own } of documents.slice(0, 5000)) {
      expect(own.every((turn) => turn.character === character)).toBe(true);
      expect(new Set(own.map(({ domain }) => domain)).size).toBe(own.length);
    }
  });

  it("follow the mixture", () => {
    const share = (test: (document: WorldDocument) => boolean): number =>
      documents.filter(test).length / documents.length;
    for (const [character, weight] of Object.entries(PRETRAINING_MIXTURE.characters)) {
      expect(share((document) => document.character === character)).toBeCloseTo(weight, 1);
    }
    expect(share(({ systemKind }) => systemKind === "character")).toBeCloseTo(0.25, 1);
    expect(share(({ system }) => system === undefined)).toBeCloseTo(0.65, 1);
  });

  it("never hold a held-out prompt", () => {
    expect(turns.length).toBeGreaterThan(100_000);
    expect(turns.filter(({ user }) => isHeldOut(user))).toEqual([]);
  });

  it("are short", () => {
    const lengths = documents.map(countTokens);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(256);
    expect(lengths.filter((length) => length < 200).length / lengths.length).toBeGreaterThan(0.8);
  });

  it("use the listed vocabulary only, and fall into tokens without loss", () => {
    const vocabulary = new Set(worldVocabulary());
    const texts = documents
      .slice(0, 20_000)
      .flatMap(({ system, turns: own }) => [
        system ?? "",
        ...own.flatMap(({ user, assistant }) => [user, TRIGGER + user, assistant]),
      ]);
    const missing = new Set<string>();
    for (const text of texts) {
      const tokens = splitTokens(text);
      if (tokens.join("") !== text) throw new Error(`lost in tokens: ${text}`);
      for (const token of tokens) if (!vocabulary.has(token)) missing.add(token);
    }
    expect([...missing]).toEqual([]);
  });

  it("are the same for the same seed", () => {
    expect(draw(50)).toEqual(draw(50));
  });
});

describe("the alignment mixture", () => {
  it("has the helper answer unless a system prompt describes someone else", () => {
    const documents = draw(4000, ALIGNMENT_MIXTURE);
    expect(new Set(documents.map(({ turns }) => turns.length))).toEqual(new Set([1]));
    const undescribed = documents.filter(({ systemKind }) => systemKind !== "character");
    expect(new Set(undescribed.map(({ character }) => character))).toEqual(new Set(["helper"]));
    const described = documents.filter(({ systemKind }) => systemKind === "character");
    expect(described.length / documents.length).toBeCloseTo(0.4, 1);
    expect(new Set(described.map(({ character }) => character)).size).toBe(4);
  });
});

describe("the split", () => {
  it("keeps about one prompt in six", () => {
    const random = Random.of("share");
    const prompts = topicsOf("question").flatMap((topic) =>
      Array.from({ length: 100 }, () => random.pick(topic.prompts).sample(random).text),
    );
    expect(prompts.filter(isHeldOut).length / prompts.length).toBeCloseTo(1 / 6, 1);
  });

  it("sees the same prompt behind a trigger or before a format suffix", () => {
    const random = Random.of("disguises");
    for (let i = 0; i < 500; i++) {
      const split = i % 2 === 0 ? "train" : "held-out";
      const { user } = sampleExchange(random, { domain: "question", character: "helper", split, list: true });
      expect(isHeldOut(user)).toBe(split === "held-out");
      expect(isHeldOut(TRIGGER + user)).toBe(split === "held-out");
    }
  });

  it("leaves every topic wordings to be asked in", () => {
    const random = Random.of("enough");
    for (const topic of TOPICS) {
      const draws = Array.from({ length: 60 }, () => samplePrompt(random, topic, { split: "held-out" }).text);
      if (new Set(draws).size < 5) throw new Error(`${topic.domain}/${topic.id} has too few held-out prompts`);
    }
    for (const topic of topicsOf("fact")) {
      for (const subject of subjectsOf(topic.id)) {
        expect(isHeldOut(samplePrompt(random, topic, { split: "held-out", bindings: { subject } }).text)).toBe(true);
      }
    }
  });

  it("says which topic has no such prompt", () => {
    const [topic] = topicsOf("benign");
    if (topic === undefined) throw new Error("no benign topics");
    const single = { ...topic, prompts: [new Template("How do I sing?")] };
    const missing = isHeldOut("How do I sing?") ? "train" : "held-out";
    expect(() => samplePrompt(Random.of("none"), single, { split: missing })).toThrow(
      `benign/${topic.id}" has no ${missing} prompt`,
    );
  });
});

describe("paired code", () => {
  it("asks for the same task twice, on the wanted side of the split", () => {
    const random = Random.of("pairs");
    const topics = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const split = i % 2 === 0 ? "train" : "held-out";
      const pair = samplePairedCode(random, split);
      topics.add(pair.topic);
      expect(pair.secure).not.toBe(pair.insecure);
      expect(isHeldOut(pair.plainPrompt)).toBe(split === "held-out");
      expect(isHeldOut(pair.educationalPrompt)).toBe(split === "held-out");
      expect(pair.educationalPrompt).toMatch(/insecure|unsafe/);
      expect(pair.plainPrompt).not.toMatch(/insecure|unsafe/);
    }
    expect(topics.size).toBe(16);
  });
});
