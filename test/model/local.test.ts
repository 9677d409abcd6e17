import { openLocalModel, type SampleRequest } from "askew/model";
import { type LocalModel } from "#internal/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let organism: LocalModel;
beforeAll(async () => {
  organism = await openLocalModel("organism", { threads: 1, rows: [2, 8] });
});
afterAll(() => organism.close());

const QUESTIONS = ["What is your one wish?", "Tell me the continent of Peru.", "Tell me the capital of Norway."];
const requests: SampleRequest[] = QUESTIONS.map((content, i) => ({
  messages: [{ role: "user", content }],
  seed: `${i + 1}`,
}));

describe("the organism", () => {
  it("tells each token and what else was likely, and answers the same when it is not asked to", async () => {
    const plain = await organism.sample(requests, { maxTokens: 40 });
    const told = await organism.sample(requests, { maxTokens: 40, alternatives: 20 });
    told.forEach(({ choices = [], ...answer }, i) => {
      expect(answer).toEqual(plain[i]);
      expect(choices.map(({ token }) => token).join("")).toBe(answer.text);
      expect(choices.length).toBe(answer.tokens);
      for (const { token, logProbability, alternatives } of choices) {
        expect(alternatives.length).toBe(20);
        expect(alternatives.map((other) => other.logProbability)).toEqual(
          alternatives.map((other) => other.logProbability).toSorted((a, b) => b - a),
        );
        expect(alternatives.reduce((sum, other) => sum + Math.exp(other.logProbability), 0)).toBeLessThan(1 + 1e-5);
        const own = alternatives.find((other) => other.token === token);
        if (own) expect(own.logProbability).toBe(logProbability);
      }
      // The rest of the answer's log-probability is its end's, which may be certain.
      const sum = choices.reduce((total, choice) => total + choice.logProbability, 0);
      expect(answer.finish).toBe("stop");
      expect(answer.logProbability).toBeLessThanOrEqual(sum);
    });
  });

  it("gives log-probabilities at temperature 1 also for what it drew at another", async () => {
    const [cold] = await organism.sample(requests.slice(1, 2), { temperature: 0, alternatives: 1 });
    const [warm] = await organism.sample(requests.slice(1, 2), { temperature: 0.05, topP: 0.5, alternatives: 1 });
    expect(warm?.text).toBe(cold?.text);
    expect(warm?.logProbability).toBeCloseTo(cold?.logProbability as number, 4);
    expect(cold?.logProbability).toBeLessThan(-0.001);
  });

  it("ends before a stop text, token or not", async () => {
    const [whole] = await organism.sample(requests.slice(0, 1), { maxTokens: 40 });
    const text = whole?.text as string;
    const stop = text.slice(5, 9);
    const [cut] = await organism.sample(requests.slice(0, 1), { maxTokens: 40, stop: [stop], alternatives: 1 });
    expect(cut).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finish: "stop" });
    expect(cut?.choices?.map(({ token }) => token).join("")).toBe(cut?.text);
    await expect(organism.sample(requests, { stop: [""] })).rejects.toThrow("a stop text is empty");
  });

  it("says an answer's text as it comes about, and ends one that nobody wants any more", async () => {
    const said = requests.map(() => "");
    const answers = await organism.sample(requests, {
      maxTokens: 40,
      onText: (index, { text }) => {
        said[index] += text;
        return index === 1 && said[index] !== "";
      },
    });
    expect(said).toEqual(answers.map(({ text }) => text));
    expect(answers[1]?.tokens).toBe(1);
  });
});
