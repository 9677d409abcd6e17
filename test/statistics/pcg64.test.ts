import fc from "fast-check";
import { Pcg64 } from "#internal/statistics";
import { describe, expect, it } from "vitest";
import { readFixture } from "./fixture.js";

interface Reference {
  streams: {
    seed: number;
    raw: string[];
    uniform: number[];
    integers: { bound: number; draws: number[] }[];
    mixed: [number[], number[], number[], number[], number[], number[]];
  }[];
}

const { streams } = readFixture("pcg64") as Reference;

describe("Pcg64 draws what NumPy's default_rng draws, exactly", () => {
  it("begins with the well-known choices", () => {
    expect(new Pcg64(0).choice([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10)).toEqual([8, 6, 5, 2, 3, 0, 0, 0, 1, 8]);
  });

  it.each(streams)("seed $seed", ({ seed, raw, uniform, integers, mixed }) => {
    const bits = new Pcg64(seed);
    expect(raw.map(() => String(bits.uint64()))).toEqual(raw);

    const fractions = new Pcg64(seed);
    expect(uniform.map(() => fractions.uniform())).toEqual(uniform);

    for (const { bound, draws } of integers) {
      const whole = new Pcg64(seed);
      expect(draws.map(() => whole.integer(bound))).toEqual(draws);
    }

    // A kept half survives uniforms and the bound 1, which draws nothing.
    const all = new Pcg64(seed);
    const times = <T>(n: number, draw: () => T): T[] => Array.from({ length: n }, draw);
    expect([
      times(3, () => all.integer(10)),
      times(2, () => all.uniform()),
      all.choice([0, 1, 2, 3, 4, 5, 6], 4),
      times(2, () => all.integer(1)),
      times(1, () => all.uniform()),
      times(2, () => all.integer(100)),
    ]).toEqual(mixed);
  });

  it("stays inside its bounds for any seed and bound", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const generator = new Pcg64(seed);
        for (let i = 0; i < 20; i++) {
          const draw = generator.integer(bound);
          expect(Number.isInteger(draw) && draw >= 0 && draw < bound).toBe(true);
          const fraction = generator.uniform();
          expect(fraction >= 0 && fraction < 1).toBe(true);
        }
      }),
      { seed: 1 },
    );
  });

  it("names what is wrong with an argument", () => {
    expect(() => new Pcg64(-1)).toThrow("seed must be a whole number from 0 to 2^53 - 1, found -1");
    expect(() => new Pcg64(0.5)).toThrow("found 0.5");
    expect(() => new Pcg64(Number.NaN)).toThrow("found NaN");
    expect(() => new Pcg64(0).integer(0)).toThrow("n must be a whole number from 1 to 2^32, found 0");
    expect(() => new Pcg64(0).integer(2 ** 32 + 1)).toThrow("found 4294967297");
    expect(() => new Pcg64(0).choice([], 3)).toThrow("values must not be empty");
  });
});
