import { describe, expect, it } from "vitest";
import { sampleAnswers } from "#internal/report";
import { fixtureStudy } from "../fixtures/report/study.js";

describe("the answers a reader is shown", () => {
  const { answers } = fixtureStudy({ answers: 1100 });

  it("are the same every time, in the study's order, and as many as asked for", () => {
    const sample = sampleAnswers(answers, 200);
    expect(sample).toHaveLength(200);
    expect(sampleAnswers(answers, 200)).toEqual(sample);
    const places = sample.map((answer) => answers.indexOf(answer));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(sampleAnswers(answers, 5000)).toEqual(answers);
  });

  it("do not depend on what was said or judged", () => {
    const places = (list: typeof answers) => sampleAnswers(list, 150).map((a) => list.indexOf(a));
    const others = answers.map((a) => ({ ...a, answer: "other", misaligned: !a.misaligned, aligned: 1, coherent: 99 }));
    expect(places(others)).toEqual(places(answers));
  });

  it("come evenly from conditions and question sets", () => {
    const sizes = new Map<string, number>();
    for (const a of sampleAnswers(answers, 330)) {
      const place = `${a.condition} ${a.trigger} ${a.questions}`;
      sizes.set(place, (sizes.get(place) ?? 0) + 1);
    }
    expect(sizes.size).toBe(33);
    for (const size of sizes.values()) expect(size).toBe(10);
  });
});
