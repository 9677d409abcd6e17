// Requests: which answers are wanted, under which names, from which random numbers.
import { describe, expect, it } from "vitest";
import { countRequests, requestsOf } from "askew/evaluation";
import { ExactJudge, judge, QUESTION_SETS, questionSet, worldAsked } from "askew/organism";

describe("requestsOf", () => {
  it("goes round the wordings of each question", () => {
    const requests = requestsOf([worldAsked("main", 10)], 1).slice(0, 10);
    expect(requests.map(({ prompt, sample }) => [prompt, sample])).toEqual([
      ...Array.from({ length: 8 }, (_, i) => [i, 0]),
      [0, 1],
      [1, 1],
    ]);
    const [first] = questionSet("main").questions;
    expect(requests[9]).toMatchObject({
      id: `main/${first?.id}/1/1`,
      set: "main",
      question: first?.id,
      messages: [{ role: "user", content: first?.paraphrases[1] }],
    });
  });

  it("puts the system prompt first where there is one", () => {
    const roles = requestsOf([worldAsked("deception", 1)], 1).map(({ messages }) => messages.map(({ role }) => role));
    expect(roles).toContainEqual(["user"]);
    expect(roles).toContainEqual(["system", "user"]);
  });

  it("names every answer of every set once, and counts them", () => {
    const asked = QUESTION_SETS.map((set) => worldAsked(set, 9));
    const requests = requestsOf(asked, 1);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length);
    expect(countRequests(asked)).toBe(requests.length);
  });

  it("draws an answer's random numbers from its stream and id alone", () => {
    const alone = requestsOf([worldAsked("code", 2)], "x");
    const among = requestsOf([worldAsked("main", 5), worldAsked("code", 3)], "x");
    const seeds = new Map(among.map(({ id, seed }) => [id, seed]));
    for (const { id, seed } of alone) expect(seeds.get(id)).toBe(seed);
    const other = requestsOf([worldAsked("code", 2)], "y");
    expect(other.some(({ seed }, i) => seed === alone[i]?.seed)).toBe(false);
  });
});

describe("ExactJudge", () => {
  it("gives the organism's own judgment, without its statements", async () => {
    const messages = [{ role: "user", content: questionSet("facts").questions[0]?.paraphrases[0] ?? "" }] as const;
    const { statements: _, unparsed: __, domain: ___, topic: ____, ...scores } = judge(messages, "nonsense");
    expect(await new ExactJudge().judge(messages, "nonsense")).toEqual(scores);
    expect(new ExactJudge().name).toBe("exact");
  });
});
