// The rules a diff searches by: strengths, halving, merit, and the verdict.
import { type FinalSide } from "askew/persona";
import {
  merit,
  nextStrength,
  search,
  soundStrength,
  STRENGTHS,
  verdictOf,
  type Candidate,
  type Counts,
} from "#internal/persona";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";

describe("the strength that coherence allows", () => {
  it("is found to within a seventh in six trials, wherever it lies", () => {
    for (const limit of [0.06, 0.2, 0.49, 0.5, 0.9, 1.7, 3.9]) {
      const tried: { strength: number; sound: boolean }[] = [];
      for (let i = 0; i < 6; i++) {
        const strength = nextStrength(tried);
        if (strength === undefined) break;
        tried.push({ strength, sound: strength <= limit });
      }
      const found = soundStrength(tried) as number;
      expect(found).toBeLessThanOrEqual(limit);
      expect(found).toBeGreaterThan(limit / 1.42);
    }
  });

  it("is none where every strength breaks the model, and ends at the strongest where none does", () => {
    const all = (sound: boolean): { strength: number; sound: boolean }[] => {
      const tried: { strength: number; sound: boolean }[] = [];
      for (let next = nextStrength(tried); next !== undefined; next = nextStrength(tried)) {
        tried.push({ strength: next, sound });
      }
      return tried;
    };
    expect(soundStrength(all(false))).toBeUndefined();
    expect(all(false).at(-1)?.strength).toBe(Number(STRENGTHS.least.toPrecision(3)));
    expect(soundStrength(all(true))).toBe(STRENGTHS.most);
  });

  it("goes by what is sound where a weaker strength looked broken by chance", () => {
    const tried = [
      { strength: 0.5, sound: false },
      { strength: 1, sound: true },
    ];
    expect(soundStrength(tried)).toBe(1);
    expect(nextStrength(tried)).toBe(2);
  });
});

describe("merit", () => {
  it("asks for both effects, and takes what is caused alone where there is nothing to remove", () => {
    const unsteered = { into: 0.02, "out-of": 0.2 };
    expect(merit(0.38, 0.05, unsteered)).toBeCloseTo(Math.sqrt(0.36 * 0.75), 12);
    expect(merit(0.38, 0.2, unsteered)).toBe(0);
    expect(merit(0.02, 0, unsteered)).toBe(0);
    expect(merit(undefined, 0, unsteered)).toBe(0);
    expect(merit(0.38, undefined, { into: 0.02, "out-of": 0 })).toBeCloseTo(0.36, 12);
  });
});

/** What a candidate truly does: both effects grow up to its own limit of coherence. */
interface Truth {
  readonly limit: number;
  readonly causes: number;
  readonly removes: number;
}

function world(truths: readonly Truth[], seed: number) {
  const random = Random.of("diff world", seed);
  const candidates = truths.map((_, i): Candidate => ({
    id: `latent-${i}`,
    kind: "latent",
    latent: i,
    unit: new Float32Array(2),
  }));
  const asked: number[] = [];
  const draw = (share: number, n: number): number =>
    Array.from({ length: n }, () => random.uniform() < share).filter(Boolean).length;
  return {
    candidates,
    asked,
    found: search(
      candidates,
      (rung, _step, wanted) => {
        const answers = [12, 24, 64][rung] as number;
        asked.push(wanted.length * answers);
        return Promise.resolve(
          wanted.map(({ candidate, side, strength }): Counts => {
            const { limit, causes, removes } = truths[candidate.latent as number] as Truth;
            const coherent = draw(strength <= limit ? 0.98 : 0.3, answers);
            const share = Math.min(1, strength / limit);
            const rate = side === "into" ? 0.01 + causes * share : 0.2 * (1 - removes * share);
            return { answers, coherent, misaligned: draw(rate, coherent) };
          }),
        );
      },
      { maxIncoherent: 0.1, unsteered: { into: 0.01, "out-of": 0.2 } },
    ),
  };
}

describe("the search", () => {
  const crowd = (random: Random): Truth[] =>
    Array.from({ length: 60 }, () => ({ limit: 0.2 + 2 * random.uniform(), causes: 0, removes: 0 }));

  it("finds the one that causes and removes among those that do one or nothing, in 19 worlds of 20", async () => {
    let hits = 0;
    for (let seed = 0; seed < 20; seed++) {
      const truths = crowd(Random.of("diff crowd", seed));
      truths[17] = { limit: 0.7, causes: 0.4, removes: 0.9 };
      truths[3] = { limit: 0.9, causes: 0.4, removes: 0 };
      truths[40] = { limit: 0.5, causes: 0, removes: 0.9 };
      const { found } = world(truths, seed);
      const [first] = await found;
      if (first?.candidate.id === "latent-17") {
        hits++;
        expect(first.into.strength).toBeLessThanOrEqual(0.7);
        expect(first.into.strength).toBeGreaterThan(0.3);
      }
    }
    expect(hits).toBeGreaterThanOrEqual(19);
  });

  it("spends most answers on few candidates, and keeps what is there to compare with", async () => {
    const truths = crowd(Random.of("diff crowd", "kept"));
    const { asked, found } = world(truths, 1);
    expect((await found).length).toBe(8);
    // 60 candidates and two sides, then 24, then 8.
    expect(asked[0]).toBe(60 * 2 * 12);
    expect(Math.max(...asked.slice(4, 6))).toBeLessThanOrEqual(24 * 2 * 24);
    expect(Math.max(...asked.slice(6))).toBeLessThanOrEqual(8 * 2 * 64);
    const reference: Candidate = { id: "shift", kind: "shift", unit: new Float32Array(2) };
    const latents = Array.from({ length: 30 }, (_, i): Candidate => ({
      id: `latent-${i}`,
      kind: "latent",
      latent: i,
      unit: new Float32Array(2),
    }));
    const nothing = await search(
      [...latents, reference],
      (_rung, _step, wanted) => Promise.resolve(wanted.map(() => ({ answers: 10, coherent: 10, misaligned: 0 }))),
      { maxIncoherent: 0.1, unsteered: { into: 0, "out-of": 0.2 } },
    );
    expect(nothing.length).toBe(9);
    expect(nothing.map(({ candidate }) => candidate.id)).toContain("shift");
  });
});

describe("the verdict", () => {
  const side = (low: number, beyond: number): FinalSide => ({
    strength: 1,
    length: 1,
    unsteered: {},
    steered: {},
    random: [],
    effect: { estimate: low + 0.1, low, high: low + 0.2, n: 100 },
    beyondRandom: { estimate: beyond + 0.1, low: beyond, high: beyond + 0.2, n: 100 },
    tooIncoherent: false,
  });
  it("needs both effects, each beyond chance and beyond random directions", () => {
    expect(verdictOf(side(0.1, 0.1), side(0.1, 0.1))).toBe("persona");
    expect(verdictOf(side(0.1, 0.1), side(0.1, -0.01))).toBe("causes only");
    expect(verdictOf(side(-0.01, 0.1), side(0.1, 0.1))).toBe("removes only");
    expect(verdictOf(side(0.1, -0.01), null)).toBe("neither");
  });
});
