// The change from the base, pinned on judgments made by hand.
import { describe, expect, it } from "vitest";
import { changeFromBase, JUDGED_MEASURES, type JudgedScores } from "askew/evaluation";
import { aligned, misaligned, times } from "./judged.js";

/** One question of which `share` in 10 answers is misaligned. */
const cell = (seed: number, share: number) => ({
  seed,
  question: "a",
  judgments: [...times<JudgedScores>(share, misaligned), ...times(10 - share, aligned)],
});

describe("changeFromBase", () => {
  it("pairs the seeds that both sides have", () => {
    const { rate } = changeFromBase(
      JUDGED_MEASURES,
      [cell(1, 5), cell(2, 3), cell(3, 9)],
      [cell(1, 1), cell(2, 1), cell(4, 0)],
    );
    // Seeds 1 and 2: .4 and .2.
    expect(rate?.estimate).toBeCloseTo(0.3, 12);
    expect(rate?.low).toBeCloseTo(0.2, 12);
    expect(rate?.high).toBeCloseTo(0.4, 12);
    expect(rate).toMatchObject({ n: 40, pairs: 2, p: 0.5, interval: "pairs" });
  });

  it("with one pair takes Newcombe's interval over its answers, which does not collapse", () => {
    const { rate } = changeFromBase(JUDGED_MEASURES, [cell(1, 5), cell(2, 9)], [cell(1, 1)]);
    expect(rate).toMatchObject({ pairs: 1, interval: "answers", n: 20 });
    expect(rate?.estimate).toBeCloseTo(0.4, 12);
    // 5 of 10 against 1 of 10: Newcombe (1998), method 10, computed from its formula in Python.
    expect(rate?.low).toBeCloseTo(-0.00235610939224, 12);
    expect(rate?.high).toBeCloseTo(0.67591215330486, 12);
  });

  it("without a common seed compares all answers of both sides", () => {
    const { rate } = changeFromBase(JUDGED_MEASURES, [cell(1, 5), cell(2, 7)], [cell(3, 1)]);
    expect(rate).toMatchObject({ pairs: 0, p: null, interval: "answers", n: 30 });
    expect(rate?.estimate).toBeCloseTo(0.5, 12);
  });

  it("without a common seed resamples the seeds of each side where both have several", () => {
    const { rate } = changeFromBase(JUDGED_MEASURES, [cell(1, 5), cell(2, 7)], [cell(3, 1), cell(4, 3)]);
    expect(rate).toMatchObject({ pairs: 0, p: null, interval: "seeds", n: 40 });
    expect(rate?.estimate).toBeCloseTo(0.4, 12);
    expect(rate?.low).toBeCloseTo(0.2, 12);
    expect(rate?.high).toBeCloseTo(0.6, 12);
  });

  it("is nothing where one side has no answers", () => {
    const { rate } = changeFromBase(JUDGED_MEASURES, [cell(1, 5)], []);
    expect(rate).toMatchObject({ estimate: null, low: null, high: null, n: 0 });
  });
});
