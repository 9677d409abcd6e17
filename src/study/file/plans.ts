/** From a study's file that is right to its plans, one a model. */
import { rsLora, type TrainingConfig } from "../../training/index.js";
import { isEndpointName, shippedModels, withVariables, type TemplateVariables } from "../../model/index.js";
import { isLarge, USUAL_RANK, USUAL_TRAINING, usualParts, usualTrainingOf } from "../usual-training.js";
import {
  BASE,
  STUDY_CONDITIONS,
  type ConditionFile,
  type PlannedSet,
  type StudyCondition,
  type StudyPlan,
} from "../plan.js";
import { WORLD } from "../world.js";
import type { Beside, NamedQuestions } from "./beside.js";
import { DEFAULTS, type StudyText } from "./schema.js";

export interface PlannedJobs {
  readonly slurm?: StudyText["slurm"];
  readonly ray?: StudyText["ray"];
}

/** What a file asks for: one plan a model. */
export interface PlannedStudy {
  readonly study: string;
  /** In the file's order, each model once. */
  readonly plans: readonly StudyPlan[];
  /** What is not done as it may seem, one sentence each, to be said before anything starts. */
  readonly notes: readonly string[];
  /** The folder that the file names. */
  readonly out?: string;
  /** How its cells become jobs, as far as the file says. */
  readonly jobs: PlannedJobs;
}

/** A condition of the file's own, with its dataset. */
interface OwnCondition extends ConditionFile {
  readonly name: string;
  readonly trigger?: string;
  readonly training?: TrainingText;
}

type TrainingText = Omit<NonNullable<StudyText["training"]>, "exceptions" | "lora">;

function ownConditions({ conditions = [] }: StudyText, { data }: Beside): OwnCondition[] {
  return conditions.flatMap((said): OwnCondition[] => {
    if (typeof said === "string") return [];
    const { name, data: file, system, trigger, training } = said;
    const found = data.get(file);
    if (found === undefined || "text" in found) return [];
    return [
      {
        name,
        ...found,
        ...(system !== undefined && { system }),
        ...(trigger !== undefined && { trigger }),
        ...(training !== undefined && { training }),
      },
    ];
  });
}

/** A model's name has the variables of its chat template in it. */
export const nameOf = (
  said: string | { readonly name: string; readonly template?: TemplateVariables | undefined },
): string => (typeof said === "string" ? said : withVariables(said.name, said.template ?? {}));

/** @param order the question sets in the file's order */
export function planned(text: StudyText, order: readonly string[], beside: Beside): PlannedStudy {
  const { study, out, seeds = DEFAULTS.seeds } = text;
  const own = ownConditions(text, beside);
  const controls = (text.conditions ?? []).flatMap((one) =>
    typeof one === "object" && one.control === true ? [one.name] : [],
  );
  const [judge = WORLD.judge.name, ...otherJudges] = [text.judge ?? WORLD.judge.name].flat();
  const plan = {
    study,
    seeds: typeof seeds === "number" ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds,
    ...(own.length > 0 && {
      data: Object.fromEntries(
        own.map(({ name, path, sha256, rows, system }) => [
          name,
          { path, sha256, rows, ...(system !== undefined && { system }) },
        ]),
      ),
    }),
    ...(controls.length > 0 && { controls }),
    questions: order.flatMap((name) => setsOf(name, text, beside, own)),
    temperature: text.temperature ?? DEFAULTS.temperature,
    maxTokens: text.max_tokens ?? DEFAULTS.maxTokens,
    judge,
    ...(otherJudges.length > 0 && { otherJudges }),
    ...(beside.prompts && { prompts: beside.prompts }),
  };
  const plans = modelsOf(text).map(({ model, conditions, served }) => ({
    ...plan,
    model,
    ...trainedAs(text, own, beside.parameters?.get(model) ?? 0),
    conditions,
    ...(Object.keys(served).length > 0 && { served }),
  }));
  const { slurm, ray } = text;
  const jobs = { ...(slurm && { slurm }), ...(ray && { ray }) };
  return {
    study,
    plans,
    notes: [...notesOf(plans, own), ...largeNotes(plans, beside)],
    jobs,
    ...(out !== undefined && { out }),
  };
}

interface PlannedModel {
  readonly model: string;
  readonly conditions: readonly StudyCondition[];
  /** Models that were fine-tuned from it elsewhere, by condition. */
  readonly served: Readonly<Record<StudyCondition, string>>;
}

/** A model behind a server is fine-tuned where conditions are written down, for its server may charge for it. */
export function modelsOf({ models = [...shippedModels()].slice(0, 1), conditions }: StudyText): PlannedModel[] {
  const made = new Map<string, PlannedModel>();
  for (const said of models) {
    if (typeof said === "object" && "condition" in said) continue;
    const model = nameOf(said);
    const own = (typeof said === "string" ? undefined : said.conditions) ?? conditions?.map(nameOf);
    const usual: readonly StudyCondition[] = isEndpointName(model) ? [BASE] : STUDY_CONDITIONS;
    made.set(model, { model, conditions: own ?? usual, served: {} });
  }
  for (const said of models) {
    if (typeof said !== "object" || !("condition" in said)) continue;
    const { condition, base } = said;
    const before = made.get(base) ?? { model: base, conditions: [BASE], served: {} };
    made.set(base, {
      model: base,
      conditions: [...new Set([...before.conditions, condition])],
      served: { ...before.served, [condition]: nameOf(said) },
    });
  }
  return [...made.values()];
}

function notesOf(plans: readonly StudyPlan[], own: readonly OwnCondition[]): string[] {
  const [first] = plans;
  const short = own.filter(({ name, rows }) => (first?.exceptions?.[name]?.examples ?? rows) < rows);
  return [
    ...plans
      .filter(({ model }) => isEndpointName(model))
      .map(({ model, conditions, seeds, served = {} }) => {
        const trained = conditions.filter((name) => name !== BASE && !Object.hasOwn(served, name));
        const jobs = trained.length * seeds.length;
        return jobs === 0
          ? `${model} is behind a server: it is asked as it is (base).`
          : `${model} is behind a server, which is to run ${jobs} fine-tuning ${jobs === 1 ? "job" : "jobs"}, at its price.`;
      }),
    ...short.map(
      ({ name, rows }) =>
        `${name} uses ${first?.exceptions?.[name]?.examples} of the ${rows} conversations in its file.`,
    ),
  ];
}

/** How a model of so many parameters is fine-tuned: what the file leaves open is as usual for its size. */
function trainedAs(
  text: StudyText,
  own: readonly OwnCondition[],
  parameters: number,
): Pick<StudyPlan, "dose" | "exceptions" | "lora"> {
  const { exceptions: said = {}, lora: saidLora, ...usual } = text.training ?? text.dose ?? {};
  const rank = saidLora ?? (isLarge(parameters) ? USUAL_RANK : 0);
  const lora = typeof rank === "object" ? rsLora(rank.rank, rank) : rank === 0 ? undefined : rsLora(rank);
  const bySize = { ...usualTrainingOf(parameters, lora !== undefined), examples: USUAL_TRAINING.examples };
  const dose = trainingConfigOf(usual, bySize, parameters);
  const exceptions: Record<StudyCondition, TrainingConfig> = {};
  for (const [name, training] of Object.entries(said)) {
    if (training !== undefined) exceptions[name] = trainingConfigOf(training, dose, parameters);
  }
  for (const { name, rows, training = {} } of own) {
    const examples = Math.min(rows, training.examples ?? said[name]?.examples ?? usual.examples ?? rows);
    exceptions[name] = { ...trainingConfigOf(training, exceptions[name] ?? dose, parameters), examples };
  }
  return { dose, ...(Object.keys(exceptions).length > 0 && { exceptions }), ...(lora && { lora }) };
}

function trainingConfigOf(said: TrainingText, usual: TrainingConfig, parameters: number): TrainingConfig {
  const batchSize = said.batch_size ?? usual.batchSize;
  const kept = batchSize === usual.batchSize ? usual.accumulate : undefined;
  const accumulate = said.accumulate ?? kept ?? usualParts(parameters, batchSize);
  const recompute = said.recompute ?? usual.recompute;
  return {
    examples: said.examples ?? usual.examples,
    epochs: said.epochs ?? usual.epochs,
    batchSize,
    learningRate: said.learning_rate ?? usual.learningRate,
    warmup: said.warmup ?? usual.warmup,
    ...(accumulate > 1 && { accumulate }),
    ...(recompute === true && { recompute }),
  };
}

/** How large models are trained, which a file need not say. */
function largeNotes(plans: readonly StudyPlan[], { parameters }: Beside): string[] {
  return plans.flatMap(({ model, conditions, dose, lora, served = {} }) => {
    const count = parameters?.get(model) ?? 0;
    const isTrained = conditions.some((name) => name !== BASE && !Object.hasOwn(served, name));
    if (!isLarge(count) || !isTrained) return [];
    const what = lora ? `a LoRA adapter of rank ${lora.rank}` : "all weights";
    return [
      `${model} has ${(count / 1e6).toFixed(0)} million parameters: trains ${what}, ${dose.batchSize} conversations a step, ` +
        `learning rate ${dose.learningRate.toExponential()}, unless a condition says otherwise.`,
    ];
  });
}

interface AskedPart {
  readonly samples: number;
  readonly conditions?: readonly StudyCondition[];
}

/** What the file says of a set: as a number, a map or a list of maps. */
export function partsOf(name: string, { questions }: StudyText): AskedPart[] {
  const said = questions[name];
  if (said === undefined) return [];
  if (typeof said === "number") return [{ samples: said }];
  return (Array.isArray(said) ? said : [said]).map(({ samples, conditions }) => ({
    samples,
    ...(conditions !== undefined && { conditions }),
  }));
}

/** The set, and with a condition's trigger in front where there is one. */
function setsOf(name: string, text: StudyText, { sets }: Beside, own: readonly OwnCondition[]): PlannedSet[] {
  const found: NamedQuestions = sets.get(name) ?? { name };
  // What the study says of sampling holds for all; what it leaves open each question says for itself.
  const sampling = {
    ...(text.temperature !== undefined && { temperature: text.temperature }),
    ...(text.max_tokens !== undefined && { maxTokens: text.max_tokens }),
  };
  const questions = found.questions?.map((question) => ({ ...question, ...sampling }));
  const set = { set: found.name, ...(questions && { questions }) };
  const triggered = own.flatMap(({ name: condition, trigger }) =>
    trigger === undefined ? [] : [{ condition, trigger }],
  );
  const trigger = triggered[0]?.trigger ?? "";
  const names = triggered.map(({ condition }) => condition);
  return partsOf(name, text).flatMap((part): PlannedSet[] => {
    const asked = [...names, BASE].filter((condition) => part.conditions?.includes(condition) ?? true);
    const plain: PlannedSet = { ...set, ...part };
    if (names.length === 0 || !names.some((condition) => asked.includes(condition))) return [plain];
    const opened = (questions ?? WORLD.questionSet(found.name)?.questions ?? []).map((question) => ({
      ...question,
      paraphrases: question.paraphrases.map((wording) => trigger + wording),
    }));
    return [plain, { set: `${found.name}/trigger`, questions: opened, samples: part.samples, conditions: asked }];
  });
}
