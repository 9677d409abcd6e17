import { Nucleus } from "#internal/onnx";
import { Random } from "askew/statistics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** The plain version: sort everything, keep the smallest beginning with the share, draw among it in the order of ids. */
function plain(weights: Float32Array, share: number, random: Random): number {
  const steps = Array.from(weights, (weight) => Math.round(weight * 2 ** 44));
  const order = [...weights.keys()].toSorted((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  const wanted = share * steps.reduce((sum, x) => sum + x, 0);
  const kept: number[] = [];
  let mass = 0;
  for (const id of order) {
    kept.push(id);
    mass += steps[id] as number;
    if (mass >= wanted) break;
  }
  let left = random.uniform() * mass;
  for (const id of kept.toSorted((a, b) => a - b)) {
    left -= steps[id] as number;
    if (left < 0) return id;
  }
  return kept.at(-1) as number;
}

describe("the nucleus without a sort", () => {
  const nucleus = new Nucleus();

  it("draws what sorting everything draws, for any weights and share", () => {
    const exponents = fc.array(fc.integer({ min: -60, max: 6 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(exponents, fc.double({ min: 0.01, max: 0.999, noNaN: true }), fc.integer(), (given, share, seed) => {
        // Powers of a half make many equal weights; a few are in between.
        const raw = given.map((e, i) => 2 ** (e / 3) * (i % 7 === 0 ? 1.1 : 1));
        const total = raw.reduce((sum, x) => sum + x, 0);
        const weights = Float32Array.from(raw, (x) => x / total);
        const [one, other] = [Random.of(seed), Random.of(seed)];
        for (let i = 0; i < 20; i++) expect(nucleus.draw(weights, share, one)).toBe(plain(weights, share, other));
      }),
    );
  });

  it("takes equal weights in the order of their ids, and one token at least", () => {
    const flat = new Float32Array(8).fill(1 / 8);
    const drawn = new Set(Array.from({ length: 200 }, (_, i) => nucleus.draw(flat, 0.5, Random.of("flat", i))));
    expect(drawn).toEqual(new Set([0, 1, 2, 3]));
    expect(nucleus.draw(Float32Array.of(0.2, 0.5, 0.3), 0.001, Random.of(1))).toBe(1);
  });
});
