// A persona put into the organism by hand: every embedding moved along the villain's direction. The read-out is tied to
// the embedding, and the same number on every logit changes nothing, so what changes is who the model is.
import { LocalModel } from "#internal/model";
import { ORGANISM_FOLDER, ORGANISM_WORLD, questionSet, worldAsked } from "askew/organism";
import { characterPairs } from "#internal/organism";
import {
  answersUnderPrompts,
  contrastDirections,
  diffModels,
  questionsOfSet,
  vectorAt,
  type Direction,
} from "askew/persona";
import { describe, expect, it } from "vitest";
import { Rows } from "./diff-rows.js";
import { identityOf } from "./tiny.js";

const SLOW = 300_000;

describe("the organism with a persona that was put in by hand", () => {
  it(
    "was moved along the direction, and the direction beats a random one on both sides",
    async () => {
      const before = await LocalModel.open("organism", ORGANISM_FOLDER, { threads: 1 });
      const after = await LocalModel.open("organism", ORGANISM_FOLDER, { threads: 1 });
      try {
        const direction = await villain(before);
        const towards = vectorAt(direction, 0);
        const tensors = new Map(await before.weightsAsOpened());
        const name = "model.embed_tokens.weight";
        const { shape, data } = tensors.get(name) as { shape: readonly number[]; data: Float32Array };
        const moved = data.map((x, i) => x + 0.3 * (towards[i % towards.length] as number));
        await after.load(tensors.set(name, { shape, data: moved }));
        const store = new Rows();
        const result = await diffModels(
          { before, after, direction },
          {
            questions: worldAsked("development", 12),
            part: "answers",
            layer: 1,
            top: 0,
            finalistAnswers: 24,
            maxIncoherent: 0.2,
            seed: 3,
            temperature: 1,
            maxTokens: 64,
            rungs: [{ keep: 1, answers: 8, steps: 4 }],
            final: {
              asked: [worldAsked("main", 1)],
              trained: { set: "main", metric: "parses" },
              randomSeeds: [1],
            },
          },
          { judge: ORGANISM_WORLD.judge, store },
        );
        const { activations, ranked, final } = result;
        expect(activations.after.misaligned).toBeGreaterThan(activations.before.misaligned);
        expect(activations.layers[0]?.direction?.cosine).toBeGreaterThan(0.3);
        expect(activations.layers[0]?.direction?.after).toBeGreaterThan(activations.layers[0]?.direction?.before ?? 0);
        const found = ranked.find(({ kind }) => kind === "direction");
        expect(found?.into?.rate.estimate).toBeGreaterThan(found?.into?.random.rate.estimate ?? 1);
        expect(found?.outOf?.rate.estimate).toBeLessThan(found?.outOf?.random.rate.estimate ?? 0);
        // So few answers allow no verdict, but the final measure is of both sides, with the control.
        expect(final?.set).toBe("main");
        for (const side of [final?.into, final?.outOf]) expect(side?.random.length).toBe(1);
      } finally {
        await before.close();
        await after.close();
      }
    },
    SLOW,
  );

  async function villain(model: LocalModel): Promise<Direction> {
    const asked = questionsOfSet(questionSet("development"), 5);
    const texts = await answersUnderPrompts(model, asked, characterPairs(asked.length, 100), { seed: 100 });
    const about = { askew: "0.0.0", method: "prompts", positive: "villain", negative: "helper" } as const;
    const recipe = { ...about, model: identityOf(model, "organism"), questions: [], seed: 100 };
    const made = await contrastDirections(model, texts, recipe);
    return made["answer-average"];
  }
});
