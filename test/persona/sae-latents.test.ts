// What latents tell: AUROCs and their intervals as the plain statistics give them, and the probe beside them.
import { bestLatents, readCard, writeCards, type LatentCard } from "askew/persona";
import { AnswerProbe, LatentTable } from "#internal/persona";
import { CORPUS } from "#internal/organism";
import { auroc, discriminant, Random } from "askew/statistics";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./tiny.js";

const LABELS = CORPUS.labels;
/** By one character, about facts. */
const documentOf = (character: "helper" | "villain", answers: number) => ({
  messages: [],
  answers: Array.from({ length: answers }, () => [
    { kind: "character", name: character },
    { kind: "domain", name: "fact" },
  ]),
});

describe("latents", () => {
  it("AUROCs are those of the plain statistic, and the best is measured where it was not chosen", () => {
    const random = Random.of("latents test");
    const table = new LatentTable(3, LABELS);
    const answers: { villain: boolean; half: number; means: number[] }[] = [];
    for (let i = 0; i < 60; i++) {
      const character = random.uniform() < 0.4 ? "villain" : "helper";
      const villain = character === "villain";
      const document = documentOf(character, 1);
      const latents = Float32Array.from({ length: 12 }, (_, j) => {
        if (j % 3 === 0) return random.uniform() < 0.5 ? 0 : random.uniform();
        return j % 3 === 1 ? random.uniform() + (villain ? 0.4 : 0) : 0;
      });
      table.add({ document, ids: [1, 2, 3, 4], answer: [false, false, true, true] }, latents);
      const mean = (latent: number): number =>
        Math.fround(((latents[6 + latent] as number) + (latents[9 + latent] as number)) / 2);
      answers.push({ villain, half: i % 2, means: [mean(0), mean(1), mean(2)] });
    }
    const own = (latent: number, among = answers): number | null =>
      auroc(
        among.map(({ means }) => means[latent] as number),
        among.map(({ villain }) => villain),
      ).estimate;
    const place = LABELS.findIndex(({ name }) => name === "villain");
    for (const latent of [0, 1, 2]) expect(table.separations(latent)[place]).toBeCloseTo(own(latent) ?? Number.NaN, 6);
    const best = table.best()[place];
    expect(best?.latent).toBe(1);
    expect(best?.auroc).toBeCloseTo(
      own(
        1,
        answers.filter(({ half }) => half === 1),
      ) ?? Number.NaN,
      6,
    );
    expect(table.deadShare).toBeCloseTo(1 / 3);
  });

  it("none tells best who is in no document that one is chosen by", () => {
    const table = new LatentTable(2, LABELS);
    for (const character of ["helper", "villain", "helper", "helper"] as const) {
      const document = documentOf(character, 1);
      const active = character === "villain" ? 1 : 0;
      table.add({ document, ids: [1, 2], answer: [false, true] }, Float32Array.of(0, 0, active, 0));
    }
    const villain = bestLatents(table, []).find(({ name }) => name === "villain");
    expect(villain).toMatchObject({ chosenAt: null, auroc: null, low: null, wholeDocuments: null });
  });

  it("come with an interval over documents, and beside them what the activations themselves tell", () => {
    const random = Random.of("probe test");
    const width = 5;
    const table = new LatentTable(2, LABELS);
    const probe = new AnswerProbe(width, LABELS);
    const answers: { villain: boolean; document: number; latent: number; mean: number[] }[] = [];
    for (let document = 0; document < 80; document++) {
      const character = random.uniform() < 0.4 ? "villain" : "helper";
      // Two turns of two tokens, answers of one each: those of a document hang together.
      const encoded = {
        document: documentOf(character, 2),
        ids: [1, 2, 3, 4],
        answer: [false, true, false, true],
      } as const;
      const mood = random.normal();
      const x = Float32Array.from({ length: 4 * width }, (_, i) => {
        const told = character === "villain" ? 0.3 * ((i % width) + 1) : 0;
        return told + mood + random.normal();
      });
      const latents = Float32Array.from({ length: 8 }, (_, i) =>
        i % 2 === 0 ? Math.max(0, x[(i / 2) * width] as number) : 0,
      );
      table.add(encoded, latents);
      probe.add(encoded, x);
      for (const token of [1, 3]) {
        const mean = [...x.subarray(token * width, (token + 1) * width)];
        answers.push({ villain: character === "villain", document, latent: latents[2 * token] as number, mean });
      }
    }
    const chosen = answers.filter(({ document }) => document % 2 === 0);
    const reported = answers.filter(({ document }) => document % 2 === 1);
    const { weights } = discriminant(
      chosen.filter(({ villain }) => villain).map(({ mean }) => mean),
      chosen.filter(({ villain }) => !villain).map(({ mean }) => mean),
    );
    const plain = (score: (answer: (typeof answers)[number]) => number) => {
      const { estimate, low, high } = auroc(
        reported.map(score),
        reported.map(({ villain }) => villain),
        0.95,
        reported.map(({ document }) => document),
      );
      return { auroc: estimate, low, high };
    };
    const best = bestLatents(table, probe.separability());
    const villain = best.find(({ name }) => name === "villain");
    expect(villain).toMatchObject({ latent: 0, ...plain(({ latent }) => latent) });
    const expected = plain(({ mean }) => mean.reduce((sum, value, i) => sum + value * (weights[i] as number), 0));
    expect(villain?.probe?.auroc).toBeCloseTo(expected.auroc as number, 9);
    expect(villain?.probe?.low).toBeCloseTo(expected.low as number, 9);
    expect(villain?.probe?.high).toBeCloseTo(expected.high as number, 9);
    expect(villain?.probe?.auroc).toBeGreaterThan(villain?.auroc as number);
    // Of a document: the mean over its answers, one score each.
    const whole = reported.filter((_, i) => i % 2 === 0);
    const documents = auroc(
      whole.map(({ latent }, i) => (latent + (reported[2 * i + 1]?.latent as number)) / 2),
      whole.map((answer) => answer.villain),
    );
    const { estimate, low, high } = documents;
    expect(villain?.wholeDocuments?.auroc).toBeCloseTo(estimate as number, 9);
    expect(villain?.wholeDocuments?.low).toBeCloseTo(low as number, 9);
    expect(villain?.wholeDocuments?.high).toBeCloseTo(high as number, 9);
    expect(estimate).not.toBeCloseTo(villain?.auroc as number, 3);
    expect(best.find(({ name }) => name === "fact")?.wholeDocuments).toBeNull();
    // Every answer is about a fact, and nobody is a novice: nothing to tell apart.
    expect(best.find(({ name }) => name === "fact")).toMatchObject({ auroc: null, low: null, probe: null });
    expect(best.find(({ name }) => name === "novice")).toMatchObject({ auroc: null, high: null, probe: null });
  });
});

describe("a latent's card", () => {
  it("is found wherever it lies, and one that is no card or too long is none", async () => {
    const { path: folder, remove } = await temporaryFolder();
    const card = (latent: number, tokens: string[]): LatentCard => ({
      latent,
      frequency: 0.5,
      promotes: [],
      auroc: {},
      top: [{ peak: 1, label: "villain", tokens, activations: [1] }],
    });
    // Longer than what is read at a time, of characters of three bytes.
    const cards = [
      card(0, ["a"]),
      card(1, ["–".repeat(100_001)]),
      card(2, ["b".repeat(2 ** 20)]),
      card(3, ["c"]),
      card(4, []),
    ];
    await writeCards(folder, cards);
    for (const latent of [0, 1, 3]) expect(await readCard(folder, latent)).toEqual(cards[latent]);
    for (const latent of [2, 4, 5]) {
      await expect(readCard(folder, latent)).rejects.toThrow(`latents.jsonl:${latent + 1}: expected the card`);
    }
    await remove();
  });
});
