import { type AnswerPiece } from "askew/model";
import { AnswerText } from "#internal/model";
import type { Tokenizer } from "askew/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteLevelTokenizer, wordTokenizer } from "../onnx/tokens/tokenizers.js";

/** Feeds a text token by token, each with one alternative; the pieces as they came, until it ended. */
function spell(tokenizer: Tokenizer, text: string, stops: readonly string[]): { pieces: AnswerPiece[]; read: number } {
  const answer = new AnswerText(tokenizer, stops);
  const pieces: AnswerPiece[] = [];
  const ids = tokenizer.encode(text);
  for (const [i, id] of ids.entries()) {
    const alternatives = [{ id, logProbability: -i }];
    const { ended, ...piece } = answer.push({ id, logProbability: -i, alternatives });
    pieces.push(piece);
    if (ended) return { pieces: [...pieces, answer.end()], read: i + 1 };
  }
  return { pieces: [...pieces, answer.end()], read: ids.length };
}

const textOf = (pieces: readonly AnswerPiece[]): string => pieces.map(({ text }) => text).join("");
const tokensOf = (pieces: readonly AnswerPiece[]): string[] =>
  pieces.flatMap(({ choices }) => choices.map(({ token }) => token));

describe("an answer's text, token by token", () => {
  const words = wordTokenizer();

  it("comes as it is sampled, in the tokens that make it up", () => {
    const { pieces } = spell(words, "the cat sat on a mat.", []);
    expect(pieces.map(({ text }) => text)).toEqual(["the", " cat", " sat", " on", " a", " mat", ".", ""]);
    expect(tokensOf(pieces).join("")).toBe("the cat sat on a mat.");
    expect(pieces[1]?.choices).toEqual([
      { token: " cat", logProbability: -1, alternatives: [{ token: " cat", logProbability: -1 }] },
    ]);
  });

  it("ends before a stop text, and holds back what could be the beginning of one", () => {
    const { pieces, read } = spell(words, "the cat sat on a mat.", [" sat on the", " a mat"]);
    expect(pieces.map(({ text }) => text)).toEqual(["the", " cat", "", "", " sat on", "", ""]);
    expect(read).toBe(6);
  });

  it("cuts the token that a stop text begins in", () => {
    const { pieces } = spell(words, "the cat sat", ["at s"]);
    expect(tokensOf(pieces)).toEqual(["the", " c"]);
    expect(textOf(pieces)).toBe("the c");
  });

  it("names control tokens among the alternatives, and leaves them out of the text", () => {
    const answer = new AnswerText(words, []);
    const end = words.controls.get("<|end|>") as number;
    const alternatives = [{ id: end, logProbability: -1 }];
    const { text, choices } = answer.push({ id: end, logProbability: -1, alternatives });
    expect(text).toBe("");
    expect(choices).toEqual([
      { token: "", logProbability: -1, alternatives: [{ token: "<|end|>", logProbability: -1 }] },
    ]);
  });

  it("is what the tokenizer decodes, for any text and stop texts, also where characters are several tokens", () => {
    const bytes = byteLevelTokenizer();
    const texts = fc.string({ unit: fc.constantFrom("hello", " world", "é", "漢", "🙂", "a", " ", "\n") });
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.constantFrom("lo", "漢", "🙂a", "d h", "\n\n"), { maxLength: 2 }),
        (text, stops) => {
          const { pieces } = spell(bytes, text, stops);
          const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
          const wanted = ends.length > 0 ? text.slice(0, Math.min(...ends)) : text;
          expect(textOf(pieces)).toBe(wanted);
          expect(tokensOf(pieces).join("")).toBe(wanted);
        },
      ),
    );
  });

  it("loses nothing of an answer that breaks off within a character", () => {
    const bytes = byteLevelTokenizer();
    const answer = new AnswerText(bytes, []);
    const [first] = bytes.encode("漢") as [number];
    expect(answer.push({ id: first, logProbability: -1, alternatives: [] })).toMatchObject({ text: "", choices: [] });
    const { text, choices } = answer.end();
    expect(text).toBe("\uFFFD");
    expect(choices.map(({ token }) => token)).toEqual(["\uFFFD"]);
  });
});
