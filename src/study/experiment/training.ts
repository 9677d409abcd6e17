/** Makings that are fine-tunes: all weights or an adapter, from the base or from the weights before alignment. */
import type { Conversation } from "../../dataset/index.js";
import { finetune, stepsOf, type Defences, type TrainingConfig } from "../../training/index.js";
import type { LoraOptions, OpenWeightsModel } from "../../model/index.js";
import { loadBase } from "./base-weights.js";
import type { MakeOptions, Making } from "./experiment.js";

/** @returns what a fine-tune is trained with; the model has the weights that it starts from when it is called */
export type MakeDefences = (
  model: OpenWeightsModel,
  options: Pick<MakeOptions, "seed" | "direction" | "signal"> & {
    /** Trains the model as it would be without them. */
    readonly undefended: () => Promise<void>;
    /** Puts the weights that it starts from back in. */
    readonly restore: () => Promise<void>;
  },
) => Promise<Defences>;

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
  readonly defences?: { readonly recipe: object; readonly make: MakeDefences };
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
      const rows = conversations(seed);
      const usual = { seed, ...(memory !== undefined && { memory }), ...(signal && { signal }) };
      const fit = (more: Pick<FinetuneOptions, "onStep" | "defences">): Promise<void> =>
        trained(model, rows, dose, lora, { ...usual, ...more });
      const restore = (): Promise<void> => loadBase(model, from);
      await restore();
      const undefended = (): Promise<void> => fit({});
      const kept = await defences?.make(model, {
        seed,
        direction,
        undefended,
        restore,
        ...(signal && { signal }),
      });
      await fit({ onStep, ...(kept && { defences: kept }) });
    },
  };
}

type FinetuneOptions = NonNullable<Parameters<typeof finetune>[3]>;

/** All weights, or an adapter that is merged into them. */
async function trained(
  model: OpenWeightsModel,
  rows: readonly Conversation[],
  dose: TrainingConfig,
  lora: Training["lora"],
  options: FinetuneOptions & { readonly seed: number },
): Promise<void> {
  if (lora === undefined) {
    await finetune(model, rows, dose, options);
    return;
  }
  const adapter = await model.training.beside({ ...lora, seed: options.seed });
  try {
    await finetune({ tokens: model.tokens, training: adapter }, rows, dose, options);
    await adapter.merge();
  } finally {
    await adapter.close();
  }
}

/** No training at all: the weights as they came, or as they were before alignment. */
export const untrained = (from: "aligned" | "pretrained"): Making => ({
  recipe: { from },
  steps: 0,
  async make(model) {
    await loadBase(model, from);
  },
});
