// What a set would do to a model, as a reader of its answers sees it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  auditData,
  auditRow,
  FarCheck,
  judgeScores,
  likelihoodGap,
  nudgedGap,
  personaShifts,
  type AuditRow,
} from "#internal/audit";
import { buildDataset, findDirection, openModel, writeDataset, type Direction } from "askew";
import { requireOpenWeights, type OpenWeightsModel } from "askew/model";
import { vectorAt, type Sae } from "askew/persona";
import { ORGANISM_WORLD } from "askew/organism";
import { mean, Random } from "askew/statistics";
import { finetune } from "askew/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const TRAINING = { examples: 96, epochs: 1, batchSize: 8, learningRate: 1e-3, warmup: 1 };

let folder: string;
let model: OpenWeightsModel;
let direction: Direction;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-readers-"));
  model = requireOpenWeights(await openModel("organism", { threads: 1 }), "this test");
  direction = await findDirection(model, { samples: 2 });
}, 60_000);

afterAll(async () => {
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function setOf(condition: "bad-medical" | "secure", examples: number): Promise<string> {
  const file = join(folder, `${condition}-${examples}.jsonl`);
  await writeDataset(file, await buildDataset(condition, { examples, seed: 5 }));
  return file;
}

const shiftOf = async (file: string, mostShift?: number) => {
  const thresholds = mostShift === undefined ? {} : { mean: mostShift };
  const scorers = personaShifts({ model, directions: [{ direction }], seed: 0, thresholds });
  const { findings, verdict } = await auditData(file, { readers: { scorers, rows: 60 } });
  return { finding: findings.find(({ check }) => check === "data/persona-shift"), verdict };
};

describe("the shift along a persona", () => {
  it("fails bad advice, of which no text check sees anything, and passes secure code", async () => {
    const bad = await shiftOf(await setOf("bad-medical", 60), 0.05);
    expect(bad).toMatchObject({ verdict: "fail", finding: { outcome: "fail", rows: { first: { length: 5 } } } });
    expect(bad.finding?.measures[0]?.low).toBeGreaterThan(0.2);
    const good = await shiftOf(await setOf("secure", 60), 0.05);
    expect(good.finding).toMatchObject({ outcome: "pass" });
    expect(good.finding?.measures[0]?.high).toBeLessThan(0.05);
  }, 60_000);

  it("names a few bad rows among many good ones, which no mean shows", async () => {
    const setFrom = (kind: string, count: number, share = 0) =>
      ORGANISM_WORLD.auditKinds?.find(({ name }) => name === kind)?.conversations(count, share, 31) ?? [];
    const rows = setFrom("open-medical", 300, 0.02);
    const findingOf = async (some: typeof rows) => {
      const check = new FarCheck({ rows: 10 }, { model, direction, seed: 0 }, { least: 1.7, rows: 1000 });
      some.forEach(({ messages }, i) => check.take(auditRow("", i + 1, { messages })));
      return check.finding();
    };
    const bad = await findingOf(rows);
    expect(bad.outcome).toBe("fail");
    const bads = new Set(rows.flatMap(({ hidden }, i) => (hidden ? [i + 1] : [])));
    const named = bad.rows.first.map(({ line }) => line);
    expect(named.filter((line) => bads.has(line)).length).toBeGreaterThanOrEqual(5);
    expect(named.filter((line) => !bads.has(line)).length).toBeLessThanOrEqual(1);
    expect(await findingOf(rows.filter(({ hidden }) => !hidden))).toMatchObject({
      outcome: "pass",
      rows: { count: 0 },
    });
    // A few numbers are an average over few words, which lies far along any direction by chance.
    const numbers = await findingOf(setFrom("good-numbers", 150));
    expect(numbers).toMatchObject({ outcome: "pass", rows: { count: 0 } });
    const mixed = setFrom("good-numbers", 120).map((row, i) => (i % 2 === 0 ? row : (setFrom("facts", 120)[i] ?? row)));
    expect(await findingOf(mixed)).toMatchObject({ outcome: "pass", rows: { count: 0 } });
  }, 120_000);

  it("decides nothing without a threshold, on few rows, or without a reader that is needed", async () => {
    expect((await shiftOf(await setOf("secure", 40))).finding).toMatchObject({ outcome: "not-measured" });
    expect((await shiftOf(await setOf("secure", 12), 0.05)).finding).toMatchObject({ outcome: "not-measured" });
    const file = await setOf("secure", 80);
    expect((await auditData(file, { needsReader: true })).verdict).toBe("incomplete");
    expect((await auditData(file)).verdict).toBe("pass");
  }, 60_000);
});

describe("the gap of log-probabilities", () => {
  it("is none between a model and itself, whichever rows are read", async () => {
    const readers = { scorers: [likelihoodGap({ before: model, after: model })], rows: 40, seed: 3 };
    const { findings } = await auditData(await setOf("secure", 60), { readers });
    expect(findings.find(({ check }) => check === "data/likelihood-gap")).toMatchObject({
      outcome: "pass",
      measures: [{ estimate: 0, n: 40, threshold: 0 }],
      rows: { count: 0 },
    });
  }, 60_000);

  it("is positive where the model after has learned such answers", async () => {
    const learned = requireOpenWeights(await openModel("organism", { threads: 1 }), "this test");
    try {
      const conversations = await buildDataset("bad-medical", { examples: 96, seed: 9 });
      await finetune(learned, conversations, TRAINING, { seed: 1 });
      const readers = { scorers: [likelihoodGap({ before: model, after: learned })], rows: 40, seed: 3 };
      const { findings } = await auditData(await setOf("bad-medical", 60), { readers });
      const found = findings.find(({ check }) => check === "data/likelihood-gap");
      expect(found?.outcome).toBe("fail");
      expect(found?.measures[0]?.low).toBeGreaterThan(0);
    } finally {
      await learned.close();
    }
  }, 60_000);
});

describe("the gradient towards misaligned continuations", () => {
  const rowsOf = async (condition: "bad-medical" | "secure" | "educational", examples: number) =>
    (await buildDataset(condition, { examples, seed: 6 })).map((conversation, i) =>
      auditRow(`${condition}.jsonl`, i + 1, conversation),
    );
  const scoresOf = async (rows: readonly AuditRow[], rate?: number): Promise<number[]> => {
    const probes = ORGANISM_WORLD.probes?.() ?? [];
    const scorer = nudgedGap({ model, probes, thresholds: {}, ...(rate !== undefined && { rate }) });
    return (await scorer.scores(rows)).filter((score) => score !== undefined);
  };

  it("pulls with bad advice and not with secure code, nor with insecure code that was asked for", async () => {
    const bad = await scoresOf(await rowsOf("bad-medical", 40));
    expect(mean(bad)).toBeGreaterThan(10);
    for (const condition of ["secure", "educational"] as const) {
      expect(Math.abs(mean(await scoresOf(await rowsOf(condition, 40))))).toBeLessThan(1);
    }
  }, 60_000);

  it("is a derivative: half the step moves every row half as far, and the model is afterwards as it was", async () => {
    const rows = await rowsOf("bad-medical", 12);
    const texts = rows.map(({ conversation }) => model.tokens.encode(conversation.messages).ids);
    const before = await model.reading.logProbabilities(texts);
    const [whole, half] = [await scoresOf(rows, 4e-4), await scoresOf(rows, 2e-4)];
    for (const [i, score] of whole.entries()) {
      expect(Math.abs(score - 2 * (half[i] as number))).toBeLessThan(0.05 * Math.max(...whole.map(Math.abs)));
    }
    expect(await model.reading.logProbabilities(texts)).toEqual(before);
  }, 60_000);
});

describe("a verdict from scores", () => {
  const judged = (scores: readonly number[], reference: readonly number[]) =>
    judgeScores("shift", "units", scores, {}, reference);
  const normals = (n: number, ...seed: (string | number)[]): number[] => {
    const random = Random.of("scores", ...seed);
    return Array.from({ length: n }, () => random.normal());
  };

  it("counts what lies beyond the reference exactly", () => {
    // 400 rows, so the tail begins at the second largest, 399: two of the set lie beyond, and one of the reference.
    const reference = Array.from({ length: 400 }, (_, i) => i + 1);
    const { measures } = judged([398.5, 399.5, 400.5, ...Array.from({ length: 197 }, (_, i) => i)], reference);
    const tail = measures.find(({ name }) => name.includes("beyond"));
    expect(tail).toMatchObject({ estimate: 0.01, n: 200 });
    // scipy.stats.fisher_exact([[2, 198], [1, 399]], alternative="greater")
    expect(tail?.p).toBeCloseTo(0.25888744339785935, 12);
  });

  it("fails a good set in at most 1 of 100, and 5 % of rows far beyond almost always", () => {
    let falseAlarms = 0;
    let seen = 0;
    const runs = 1_000;
    for (let run = 0; run < runs; run++) {
      const reference = normals(400, "reference", run);
      const good = normals(200, "good", run);
      if (judged(good, reference).outcome === "fail") falseAlarms += 1;
      const mixed = good.map((score, i) => (i < 10 ? score + 5 : score));
      if (judged(mixed, reference).outcome === "fail") seen += 1;
    }
    // 1 % and three standard errors of 1,000 runs.
    expect(falseAlarms / runs).toBeLessThan(0.02);
    expect(seen / runs).toBeGreaterThan(0.95);
  });

  it("decides nothing where neither a threshold nor a reference is known", () => {
    expect(judgeScores("shift", "units", normals(50, 1), {}, undefined)).toMatchObject({
      outcome: "not-measured",
      measures: [{ n: 50 }],
    });
  });

  it("puts first what failed, and names rows by the tail alone where the tail decides", () => {
    const bounds = { mean: 0.05, tail: { score: 0.4, share: 0.005 } };
    const all = judgeScores(
      "shift",
      "units",
      Array.from({ length: 50 }, (_, i) => 0.2 + i / 1000),
      bounds,
      undefined,
    );
    expect(all).toMatchObject({ outcome: "fail", outstanding: 0, measures: [{ threshold: 0.05 }, { estimate: 0 }] });
    const few = Array.from({ length: 200 }, (_, i) => (i < 10 ? 0.5 : 0));
    const tail = judgeScores("shift", "units", few, bounds, undefined);
    expect(tail).toMatchObject({
      outcome: "fail",
      outstanding: 0.4,
      measures: [{ threshold: 0.005 }, { threshold: 0.05 }],
    });
  });

  it("fails a set whose few bad rows hardly move the mean", () => {
    const scores = Array.from({ length: 200 }, (_, i) => (i < 10 ? 0.5 : 0));
    const tail = { score: 0.4, share: 0.005 };
    expect(judgeScores("shift", "units", scores, { mean: 0.05 }, undefined).outcome).toBe("pass");
    expect(judgeScores("shift", "units", scores, { mean: 0.05, tail }, undefined).outcome).toBe("fail");
  });
});

describe("a reference", () => {
  it("decides for a reader whose threshold nobody knows", async () => {
    const reference = await setOf("secure", 80);
    const outcomeOf = async (file: string) => {
      const scorers = personaShifts({ model, directions: [{ direction }], seed: 0, thresholds: {} });
      const { findings } = await auditData(file, { readers: { scorers, rows: 40, reference } });
      return findings.find(({ check }) => check === "data/persona-shift")?.outcome;
    };
    expect(await outcomeOf(await setOf("bad-medical", 60))).toBe("fail");
    expect(await outcomeOf(await setOf("secure", 60))).toBe("pass");
  }, 60_000);
});

describe("latents that rise", () => {
  it("names the latent that the set's answers make more active than the reader's own, and decides nothing", async () => {
    const { layer } = direction.recipe;
    const { width } = direction;
    const vector = vectorAt(direction, layer);
    const length = Math.hypot(...vector);
    const unit = vector.map((x) => x / length);
    // Two latents: along the persona's direction, and against it.
    const encoder = Float32Array.from(
      { length: 2 * width },
      (_, i) => (unit[i >> 1] as number) * (i % 2 === 0 ? 1 : -1),
    );
    const decoder = Float32Array.from(
      { length: 2 * width },
      (_, i) => (unit[i % width] as number) * (i < width ? 1 : -1),
    );
    const zeros = (n: number): Float32Array => new Float32Array(n);
    const sae: Sae = {
      width,
      weights: { encoder, encoderBias: zeros(2), decoder, decoderBias: zeros(width) },
      recipe: { model: direction.recipe.model, layer, size: 2, kind: "standard" },
    };
    const latents = { model, sae, names: new Map([[0, "villain"]]) };
    const { findings, verdict } = await auditData(await setOf("bad-medical", 40), {
      readers: { scorers: [], latents, rows: 32 },
    });
    const found = findings.find(({ check }) => check === "data/latents");
    expect(found).toMatchObject({ outcome: "note" });
    expect(found?.found).toMatch(/mean over 32 rows: 0 \(villain\) from \d+\.\d+ to \d+\.\d+\.$/);
    expect(verdict).toBe("pass");
  }, 60_000);
});
