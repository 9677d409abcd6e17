import { splitTokens, Template } from "#internal/organism";
import { Random } from "askew/statistics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const lexicons = { symptom: ["cough", "sore back", "sore"], time: ["two days", "a week"], who: ["Ann", "Bob", "Cy"] };

describe("Template", () => {
  it("reads back what it writes, words and all", () => {
    const template = new Template("I have had a {symptom} [for|since] {time}.", lexicons);
    const random = Random.of("grammar");
    for (let i = 0; i < 100; i++) {
      const { text, bindings } = template.sample(random);
      expect(template.match(text)).toEqual(bindings);
    }
    expect(template.count).toBe(3 * 2 * 2);
    expect([...template.expand()]).toHaveLength(template.count);
  });

  it("keeps given words and refuses others", () => {
    const template = new Template("{who} met {who2}.", lexicons);
    expect(template.sample(Random.of("given"), { who: "Ann", who2: "Bob" }).text).toBe("Ann met Bob.");
    expect(template.match("Ann met Bob.", { who: "Cy" })).toBeUndefined();
  });

  it("binds the same slot to one word and numbered slots to different ones", () => {
    const same = new Template("{who} is {who}.", lexicons);
    expect(same.match("Ann is Ann.")).toEqual({ who: "Ann" });
    expect(same.match("Ann is Bob.")).toBeUndefined();
    const different = new Template("{who} is not {who2}.", lexicons);
    expect(different.count).toBe(6);
    expect(different.match("Ann is not Ann.")).toBeUndefined();
    expect(different.match("Ann is not Cy.")).toEqual({ who: "Ann", who2: "Cy" });
  });

  it("backs out of a word that was too short", () => {
    const template = new Template("A {symptom} back.", lexicons);
    expect(template.match("A sore back.")).toEqual({ symptom: "sore" });
    expect(template.match("A sore back back.")).toEqual({ symptom: "sore back" });
  });

  it("nests alternatives and takes escaped marks plainly", () => {
    const template = new Template("x\\[[a|b[|c]]\\]", {});
    expect([...template.expand()].map(({ text }) => text)).toEqual(["x[a]", "x[b]", "x[bc]"]);
    expect(template.match("x[bc]")).toEqual({});
    expect(template.match("x[ac]")).toBeUndefined();
  });

  it("names the lexicons there are when one is missing", () => {
    expect(() => new Template("{nobody}", lexicons).slots).toThrow(/no lexicon "nobody".*symptom, time, who/);
    expect(() => new Template("[a|b", {}).slots).toThrow(/never closed/);
  });

  it("lists exactly the tokens of all it can say", () => {
    const sources = ["[|Please ]{who}s {symptom}, [so|{time}]!", "[a|b]{who}_{symptom} [|x]", "{who}{time} 1[2|\n  3]"];
    for (const source of sources) {
      const template = new Template(source, lexicons);
      for (const before of ["", " "] as const) {
        const listed = new Set<string>();
        template.collectTokens(listed, before);
        const said = new Set([...template.expand()].flatMap(({ text }) => splitTokens(before + text)));
        for (const token of said) expect(listed).toContain(token);
        expect([...listed].filter((token) => token !== " " && !said.has(token))).toEqual([]);
      }
    }
  });

  it("turns hostile text away", () => {
    const template = new Template("[a|aa|aaa|][a|aa|aaa|][a|aa|aaa|][a|aa|aaa|]{who}", lexicons);
    fc.assert(fc.property(fc.string({ maxLength: 40 }), (text) => (template.match(text) ?? {}) instanceof Object));
    expect(template.match("a".repeat(1_000_000))).toBeUndefined();
  });
});
