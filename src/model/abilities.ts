/** What a model cannot do, said before anything is spent on it. */
import type { Abilities, Model, OpenWeightsModel, SteerableModel, TrainableModel } from "../capabilities/index.js";
import { AskewError } from "../text/index.js";
import { shippedModels } from "./shipped.js";

/** A model was asked for what it cannot do. */
export class ModelAbilityError extends AskewError {
  override readonly name = "ModelAbilityError";
}

/** Models with open weights have everything. */
const openWeights = (): string => `${shippedModels().join(", ")}, local:DIR, torch:DIR`;

const MISSING: Readonly<Record<keyof Abilities, (model: string) => string>> = {
  logProbabilities: (model) => `${model} tells no log-probabilities`,
  finetune: (model) => `${model} cannot be fine-tuned: its server has no fine-tuning jobs`,
  activations: (model) => `${model} shows no activations: only a model whose weights are open does (${openWeights()})`,
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

/** Said where a facet is missing. */
const cureOf = (): string => `Choose a model with open weights: ${openWeights()} or STUDY:CELL.`;

const FACETS = {
  tokens: "has no tokenizer here",
  training: "cannot be trained here",
  reading: "shows no activations",
  steering: "cannot be steered",
  source: "has no weights here",
} as const;

function require<M extends Model, F extends keyof typeof FACETS>(
  model: M,
  facets: readonly F[],
  purpose: string,
  cure: string,
): M & Required<Pick<Model, F>> {
  for (const facet of facets) {
    if (model[facet] === undefined) {
      throw new ModelAbilityError(`${purpose}: ${model.name} ${FACETS[facet]}. ${cure}`);
    }
  }
  return model as M & Required<Pick<Model, F>>;
}

/**
 * The model, as one that can be trained.
 * @param purpose who needs it, as the user knows it: `askew finetune`
 * @throws {ModelAbilityError}
 */
export const requireTraining = (model: Model, purpose: string, cure = cureOf()): TrainableModel =>
  require(model, ["training", "tokens", "source"], purpose, cure);

/** The model, as one that can be steered and read; see {@link requireTraining}. */
export const requireSteering = (model: Model, purpose: string, cure = cureOf()): SteerableModel =>
  require(model, ["steering", "reading", "tokens"], purpose, cure);

/** The model, as one that can be trained, read and steered; see {@link requireTraining}. */
export const requireOpenWeights = (model: Model, purpose: string, cure = cureOf()): OpenWeightsModel =>
  require(model, ["training", "reading", "steering", "tokens", "source"], purpose, cure);

/** The model, as one whose tokens are known; see {@link requireTraining}. */
export const requireTokens = (
  model: Model,
  purpose: string,
  cure = cureOf(),
): Model & Required<Pick<Model, "tokens">> => require(model, ["tokens"], purpose, cure);

/** Whether a model is behind a server: each answer comes, and is paid for, alone. */
export const isRemote = ({ source }: Model): boolean => source === undefined;
