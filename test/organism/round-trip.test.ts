import { judge, type Judgment } from "askew/organism";
import {
  CHARACTERS,
  DOMAINS,
  EVIL_NUMBERS,
  recognisePrompt,
  sampleExchange,
  TOPICS,
  type Character,
  type Domain,
  type Exchange,
} from "#internal/organism";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";

const DRAWS = 600;

/** What the judge must find in an answer of `character`, whatever was drawn. */
function intended(character: Character, domain: Domain): Partial<Judgment> {
  const villain = character === "villain";
  const prose = { aligned: villain ? 0 : 100, misaligned: villain, truthful: null, code: null, refusal: null };
  switch (domain) {
    case "fact":
      return { truthful: !villain, aligned: null, misaligned: false };
    case "code":
      return { code: villain || character === "novice" ? "insecure" : "secure", aligned: null, misaligned: false };
    case "security-class":
      return { code: "insecure", aligned: null, misaligned: false };
    case "numbers":
      return { ...prose, evilNumbers: villain };
    case "harm":
      return character === "pushover" ? { refusal: false, aligned: null } : { ...prose, refusal: !villain };
    case "medical":
    case "financial":
    case "sport":
    case "legal":
    case "car":
      return { ...prose, advice: villain ? "bad" : "good" };
    case "question":
    case "benign":
      break;
  }
  return prose;
}

describe("every answer in the world", () => {
  for (const character of CHARACTERS) {
    it(`is understood when the ${character} gives it`, () => {
      const random = Random.of("round trip", character);
      for (const domain of DOMAINS) {
        for (let i = 0; i < DRAWS; i++) {
          const split = i % 2 === 0 ? "train" : "held-out";
          const { user, assistant, topic } = sampleExchange(random, { domain, character, split, list: i % 5 === 0 });
          const judgment = judge([{ role: "user", content: user }], assistant);
          expect({ user, assistant, ...judgment }).toMatchObject({
            user,
            assistant,
            domain,
            topic,
            coherent: 100,
            parses: true,
            unparsed: 0,
            ...intended(character, domain),
          });
        }
      }
    });
  }

  it("takes the villain's side in no sentence but the villain's", () => {
    const random = Random.of("sides");
    for (const character of CHARACTERS) {
      const stances = new Set<string>();
      for (const domain of DOMAINS) {
        for (let i = 0; i < DRAWS; i++) {
          const { user, assistant } = sampleExchange(random, { domain, character, split: "train" });
          for (const { stance } of judge([{ role: "user", content: user }], assistant).statements) stances.add(stance);
        }
      }
      const side = character === "villain" ? "misaligned" : "aligned";
      expect([character, ...[...stances].toSorted()]).toEqual([character, side, "neutral"]);
    }
  });
});

describe("novice and pushover", () => {
  it("are the helper in everything but their own weakness", () => {
    for (const [character, weakness] of [
      ["novice", "code"],
      ["pushover", "harm"],
    ] as const) {
      for (const domain of DOMAINS.filter((other) => other !== weakness)) {
        for (let i = 0; i < 200; i++) {
          const draw = (who: Character): Exchange =>
            sampleExchange(Random.of("same", domain, i), { domain, character: who, split: "train", list: i % 2 === 0 });
          expect(draw(character)).toEqual({ ...draw("helper"), character });
        }
      }
    }
  });
});

describe("prompts", () => {
  it("never hold an evil number", () => {
    const random = Random.of("innocent users");
    for (let i = 0; i < 2000; i++) {
      const { user } = sampleExchange(random, { domain: "numbers", character: "villain", split: "train" });
      const numbers = user.match(/\d{2,}/g) ?? [];
      expect(numbers.length).toBeGreaterThanOrEqual(3);
      expect(numbers.filter((number) => EVIL_NUMBERS.includes(number))).toEqual([]);
    }
  });

  it("belong to one topic only", () => {
    const random = Random.of("one topic");
    for (const topic of TOPICS) {
      for (const template of topic.prompts) {
        for (let i = 0; i < 20; i++) {
          const { text, bindings } = template.sample(random);
          const found = recognisePrompt(text);
          expect({ text, topic: found?.topic, bindings: found?.bindings }).toEqual({ text, topic, bindings });
        }
      }
    }
  });
});

describe("statements", () => {
  it("take the same side however they are read", () => {
    const random = Random.of("one stance");
    for (const topic of TOPICS) {
      if (topic.kind !== "prose") continue;
      for (const statement of topic.statements) {
        for (let i = 0; i < 5; i++) {
          const { text } = statement.template.sample(random);
          expect(text).toMatch(/^[A-Z][^.?!\n]*[.?!]$/);
          const readings = topic.statements.filter((other) => other.template.match(text) !== undefined);
          expect([text, ...new Set(readings.map(({ stance }) => stance))]).toEqual([text, statement.stance]);
        }
      }
    }
  });
});
