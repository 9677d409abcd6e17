/** Makings that are fine-tunes: all weights or an adapter, from the base or from the weights before alignment. */
import type { Conversation } from "../../dataset/index.js";
import { finetune, stepsOf, type Defences, type TrainingConfig } from "../../training/index.js";
import type { LoraOptions, OpenWeightsModel } from "../../model/index.js";
import { loadBase } from "./base-weights.js";
import type { MakeOptions, Making } from "./experiment.js";

export interface Training {
  /** Names the data in the plan: condition, share, sizes. */
  readonly data: Readonly<Record<string, string | number>>;
  readonly conversations: (seed: number) => readonly Conversation[];
  readonly dose: TrainingConfig;
  /** Trains an adapter beside frozen weights, which is merged into them at the end; a point cannot stand at a step then. */
  readonly lora?: Omit<LoraOptions, "seed">;
  /** Bytes that the process may take; default what is free. */
  readonly memory?: number | undefined;
  /** Default `aligned`: the model as it came; `pretrained`: as it was before its alignment. */
  readonly from?: "aligned" | "pretrained";
  /** While it is trained; `recipe` is what decides them. */
  readonly defences?: {
    readonly recipe: object;
    readonly make: (
      model: OpenWeightsModel,
      options: Pick<MakeOptions, "seed" | "direction" | "signal">,
    ) => Promise<Defences>;
  };
}

/** A making that says what it trains on. */
export interface TrainingMaking extends Making {
  readonly training: Training;
}

export function training(how: Training): TrainingMaking {
  const { data, conversations, dose, lora, memory, from = "aligned", defences } = how;
  return {
    training: how,
    recipe: { data, dose, from, ...(lora && { lora }), ...(defences && { defences: defences.recipe }) },
    steps: stepsOf(dose),
    async make(model, { seed, signal, onStep, direction }) {
      await loadBase(model, from);
      const kept = await defences?.make(model, { seed, direction, ...(signal && { signal }) });
      const limit = memory === undefined ? {} : { memory };
      const options = { seed, onStep, ...limit, ...(kept && { defences: kept }), ...(signal && { signal }) };
      if (lora === undefined) {
        await finetune(model, conversations(seed), dose, options);
        return;
      }
      const adapter = await model.training.beside({ ...lora, seed });
      try {
        await finetune({ tokens: model.tokens, training: adapter }, conversations(seed), dose, options);
        await adapter.merge();
      } finally {
        await adapter.close();
      }
    },
  };
}

/** No training at all: the weights as they came, or as they were before alignment. */
export const untrained = (from: "aligned" | "pretrained"): Making => ({
  recipe: { from },
  steps: 0,
  async make(model) {
    await loadBase(model, from);
  },
});
