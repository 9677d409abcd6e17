/** The plan of a gate, from its file or from the options of the short form. */
import { statSync } from "node:fs";
import { GATE_DEFAULTS, READER_DEFAULTS, readGateFile, type GatePlan } from "../../gate/index.js";
import type { MoneyOptions } from "../../lab/index.js";
import { isEndpointName } from "../../model/index.js";
import { UsageError } from "../../text/index.js";
import { namesOf } from "../option-values.js";

/** Options that a file says in its own words. */
export interface ShortForm {
  readonly before?: string;
  readonly judge?: string;
  readonly prompts?: string;
  readonly questions?: string;
  readonly samples?: number;
  readonly maxRise?: number;
  readonly maxFall?: number;
  readonly rate?: "rate" | "rateOfAll";
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly data?: string;
  readonly reader?: string;
  readonly calibration?: string;
}

export interface GateOptions extends ShortForm, MoneyOptions {
  readonly minutes?: number;
  readonly dryRun?: boolean;
  readonly showText?: boolean;
  readonly slackWebhookEnv?: string;
  readonly out?: string;
  readonly study?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

const SHORT_FORM = [
  "judge",
  "prompts",
  "questions",
  "samples",
  "maxRise",
  "maxFall",
  "rate",
  "temperature",
  "maxTokens",
  "seed",
  "data",
  "reader",
  "calibration",
] as const;

export async function planFrom(subject: string, options: GateOptions): Promise<GatePlan> {
  const plan = options.before === undefined ? await fromFile(subject, options) : shortPlan(subject, options);
  return withBudget(plan, options);
}

async function fromFile(path: string, options: GateOptions): Promise<GatePlan> {
  const stray = SHORT_FORM.find((name) => options[name] !== undefined);
  if (stray !== undefined) {
    const flag = `--${stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(
      `${flag} goes with the short form, and no --before is given`,
      "Add --before MODEL, or say it in the gate's file.",
    );
  }
  if (isEndpointName(path)) {
    throw new UsageError(`${path} is a model, and nothing says what it is compared with`, "Add --before MODEL.");
  }
  if (!/\.ya?ml$/i.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(
      `${path}: there is no gate's file of that name, and a model needs another to be compared with`,
      "Add --before MODEL, or give the gate's file (askew gate init writes one).",
    );
  }
  return readGateFile(path);
}

/** A gate's name from that of a model. */
export const nameOf = (model: string): string =>
  model
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(-64) || "gate";

/** The options of the command line win over a file's. */
export function withBudget(plan: GatePlan, { maxCost, price, minutes }: BudgetOptions): GatePlan {
  const budget = {
    ...plan.budget,
    ...(maxCost !== undefined && { maxCost }),
    ...(price && { prices: { "*": price } }),
    ...(minutes !== undefined && { minutes }),
  };
  if (budget.maxCost !== undefined && budget.prices === undefined) {
    throw new UsageError(
      "--max-cost needs to know what tokens cost",
      "Add --price IN,OUT in dollars per million tokens, such as --price 2.5,10.",
    );
  }
  return { ...plan, budget };
}
type BudgetOptions = Pick<GateOptions, "maxCost" | "price" | "minutes">;

/** The sets of open questions, each with its samples and bounds. */
export function openSets(
  {
    questions = GATE_DEFAULTS.questions,
    maxRise = GATE_DEFAULTS.maxRise,
    maxFall = GATE_DEFAULTS.maxFall,
    samples,
  }: ShortForm,
  usual: number = GATE_DEFAULTS.samples,
) {
  const names = namesOf(questions);
  if (names.length === 0) throw new UsageError("no question set is named", "Leave --questions out, or name one.");
  return names.map((name) => ({ questions: name, samples: samples ?? usual, maxRise, maxFall }));
}

function shortPlan(after: string, options: GateOptions): GatePlan {
  const { before = "", judge, prompts, temperature, maxTokens, data, reader, calibration } = options;
  if (judge === undefined) {
    throw new UsageError("nobody judges the answers", "Add --judge exact, or --judge with the name of a model.");
  }
  if (reader !== undefined && data === undefined) {
    throw new UsageError(`--reader ${reader} has nothing to read`, "Add --data FILE, the training file.");
  }
  return {
    name: nameOf(after),
    data: data === undefined ? [] : namesOf(data).map((file) => ({ file, max: {} })),
    ...(reader !== undefined && { reader: { model: reader, ...READER_DEFAULTS } }),
    ...(calibration !== undefined && { calibration }),
    models: {
      after,
      before,
      judge,
      ...(prompts !== undefined && { prompts }),
      sets: openSets(options),
      rate: options.rate ?? GATE_DEFAULTS.rate,
      confidence: GATE_DEFAULTS.confidence,
      seed: options.seed ?? GATE_DEFAULTS.seed,
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
    },
    budget: {},
  };
}
