/** What a model cannot do, said before anything is spent on it. */
import { AskewError } from "../text/index.js";
import type { Abilities, Model } from "./model.js";
import { shippedModels } from "./shipped.js";

/** A model was asked for what it cannot do. */
export class ModelAbilityError extends AskewError {
  override readonly name = "ModelAbilityError";
}

const MISSING: Readonly<Record<keyof Abilities, (model: string) => string>> = {
  logProbabilities: (model) => `${model} tells no log-probabilities`,
  finetune: (model) => `${model} cannot be fine-tuned: its server has no fine-tuning jobs`,
  activations: (model) =>
    `${model} shows no activations: only a model in this process does (${shippedModels().join(", ")}, local:DIR)`,
};

/**
 * Refuses a model that lacks an ability.
 * @param purpose who needs it, as the user knows it: `askew judge`
 * @param cure what to do instead; in words that follow a full stop
 * @throws {ModelAbilityError}
 */
export function requireAbility(
  model: Pick<Model, "name" | "can">,
  ability: keyof Abilities,
  purpose: string,
  cure = "Choose another model.",
): void {
  if (model.can[ability]) return;
  throw new ModelAbilityError(`${purpose}: ${MISSING[ability](model.name)}. ${cure}`);
}
