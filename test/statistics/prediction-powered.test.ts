// Rates from a few judgments and many predictions: as ppi-python 0.2.3 has them, and valid whatever the predictions are.
import { describe, expect, it } from "vitest";
import { predictionPoweredRate, Random, wilson, type PredictedAnswer } from "askew/statistics";

const answers = (judged: number, rest: number, predict: (hit: number, i: number) => number): PredictedAnswer[] =>
  Array.from({ length: judged + rest }, (_, i) => {
    const hit = (i * 7) % 10 < 3 ? 1 : 0;
    const predicted = { of: 1, hit: predict(hit, i) };
    return { predicted, ...(i < judged && { judged: { of: 1, hit } }) };
  });

describe("predictionPoweredRate", () => {
  it("estimates what ppi_mean_pointestimate does", () => {
    const sharp = answers(40, 400, (hit, i) => (hit === 1 ? 0.5 + ((i * 13) % 40) / 100 : ((i * 17) % 45) / 100));
    const good = predictionPoweredRate(sharp);
    expect(good.estimate).toBeCloseTo(0.297875, 12);
    expect(good.weight).toBe(1);
    const dull = answers(200, 1000, (hit, i) => 0.3 * hit + (0.7 * ((i * 31) % 97)) / 97);
    const weak = predictionPoweredRate(dull);
    expect(weak.estimate).toBeCloseTo(0.3010005, 4);
    expect(weak.weight).toBeGreaterThan(0.8);
    expect(weak.weight).toBeLessThan(1);
    // ppi_mean_ci: .1082 wide, by the normal distribution.
    expect((weak.high as number) - (weak.low as number)).toBeCloseTo(0.1082, 2);
  });

  it("is Wilson's of the judged ones where predictions say nothing, or there are none", () => {
    const noise = predictionPoweredRate(answers(100, 1000, (_, i) => ((i * 31) % 97) / 97));
    const { estimate, low, high } = wilson(30, 100);
    expect(noise).toMatchObject({ estimate, low, high, judged: 100, predicted: 1000 });
    expect(predictionPoweredRate(answers(100, 0, (hit) => hit))).toMatchObject({ estimate, low, high, weight: 0 });
    expect(predictionPoweredRate(answers(0, 100, (hit) => hit)).estimate).toBeNull();
  });

  it("refuses what is no count of an answer", () => {
    expect(() => predictionPoweredRate([{ predicted: { of: 0.5, hit: 0.6 } }])).toThrow(/hit 0\.6, of 0\.5/);
  });

  // 400 data sets each; 2.5 standard errors below .95 are .923.
  it.each([
    { rate: 0.02, judged: 200, bias: 0 },
    { rate: 0.1, judged: 50, bias: 0.15 },
    { rate: 0.3, judged: 200, bias: 0.15 },
    { rate: 0.95, judged: 50, bias: -0.1 },
  ])("covers a rate of $rate among coherent answers, $judged judged, predictions off by $bias", (how) => {
    const { rate, judged, bias } = how;
    let [covered, width, alone] = [0, 0, 0];
    const trials = 400;
    for (let trial = 0; trial < trials; trial++) {
      const random = Random.of("coverage", rate, judged, trial);
      const sample = Array.from({ length: 2000 }, (_, i): PredictedAnswer => {
        const coherent = random.uniform() < 0.9;
        const hit = coherent && random.uniform() < rate;
        const of = coherent ? 0.95 : 0.3;
        const guess = (hit ? 0.8 : 0.05) + (random.uniform() - 0.5) * 0.2 + bias;
        const predicted = { of, hit: Math.min(of, Math.max(0, guess)) };
        return { predicted, ...(i < judged && { judged: { of: coherent ? 1 : 0, hit: hit ? 1 : 0 } }) };
      });
      const found = predictionPoweredRate(sample);
      if ((found.low as number) <= rate && rate <= (found.high as number)) covered++;
      width += (found.high as number) - (found.low as number);
      alone += (found.alone.high as number) - (found.alone.low as number);
    }
    expect(covered / trials).toBeGreaterThan(0.923);
    expect(width).toBeLessThan(alone);
  });
});
