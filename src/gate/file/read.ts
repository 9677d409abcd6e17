/** A gate as its user writes it: a YAML file, every mistake of which is told at its place before anything runs. */
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { isQuestionFile, PlacedYaml, tellProblems, type Problem } from "../../evaluation/index.js";
import { readTextIfPresent } from "../../store/index.js";
import { AskewError } from "../../text/index.js";
import { checkNameFault } from "../known-checks.js";
import {
  CUED_DEFAULTS,
  GATE_DEFAULTS,
  READER_DEFAULTS,
  SUITE_BOUNDS,
  SUITE_NAMES,
  TRIGGER_DEFAULTS,
  type Budget,
  type CuedPlan,
  type GatePlan,
  type ModelsPlan,
  type PersonaPlan,
  type ReaderPlan,
  type SuitePlan,
  type TriggerPlan,
} from "../plan.js";
import { gateSchema, keysAt, type GateText } from "./schema.js";

/** Mistakes in a gate's file, one a line, each with file, line and column. */
export class GateFileError extends AskewError {
  override readonly name = "GateFileError";
  constructor(
    readonly path: string,
    readonly problems: readonly Problem[],
  ) {
    super(tellProblems(path, problems));
  }
}

const MOST_BYTES = 1024 * 1024;

/** @throws {GateFileError} */
export async function readGateFile(path: string): Promise<GatePlan> {
  const text = await readTextIfPresent(path, MOST_BYTES, "Save it as UTF-8.");
  if (text === undefined) {
    throw new GateFileError(path, [
      {
        text: "there is no such file. `askew gate init` writes one to begin with; a model is compared with --before MODEL.",
      },
    ]);
  }
  return parseGateFile(text, path);
}

/** @param path names the text in errors; files that the text names begin where it lies */
export function parseGateFile(text: string, path: string): GatePlan {
  const fail = (problems: readonly Problem[]): never => {
    throw new GateFileError(path, problems);
  };
  const yaml = PlacedYaml.parse(text, fail);
  const result = gateSchema.safeParse(yaml.value);
  if (!result.success) return fail(yaml.problems(result.error, [], yaml.value, keysAt));
  const gate = result.data;
  const plan = planOf(gate, (name) => placed(name, path));
  const problems = [
    ...twice(plan.data.map(({ file }) => file)).map((i) => yaml.problem(["data", i], "a second entry for this file")),
    ...twice((plan.models?.sets ?? []).map(({ questions }) => questions)).map((i) =>
      yaml.problem(["model", "questions", i], "a second entry for this question set"),
    ),
  ];
  for (const [i, name] of (gate.require ?? []).entries()) {
    const fault = checkNameFault(name);
    if (fault !== undefined) problems.push(yaml.problem(["require", i], fault));
  }
  for (const [i, { max }] of plan.data.entries()) {
    for (const name of Object.keys(max)) {
      const fault = checkNameFault(name);
      if (fault !== undefined) problems.push(yaml.problem(["data", i, "max", name], fault));
    }
  }
  const { max_cost: maxCost, price } = gate.budget ?? {};
  if (maxCost !== undefined && price === undefined) {
    problems.push(
      yaml.problem(["budget", "max_cost"], "max_cost needs to know what tokens cost: add price: [2.5, 10]"),
    );
  }
  const { max_rise: rise, max_fall: fall } = gate.baseline ?? {};
  if (gate.baseline !== undefined && rise === undefined && fall === undefined) {
    problems.push(yaml.problem(["baseline"], "baseline: expected max_rise or max_fall, which say what is compared"));
  }
  return problems.length > 0 ? fail(problems) : plan;
}

const twice = (names: readonly string[]): number[] => names.flatMap((name, i) => (names.indexOf(name) < i ? [i] : []));

/** As seen from the working folder, which is how messages and SARIF name files. */
function placed(name: string, gate: string): string {
  if (isAbsolute(name)) return name;
  const path = relative(process.cwd(), resolve(dirname(gate), name));
  return path.startsWith("..") ? join(dirname(gate), name) : path;
}

function planOf(
  { gate, data = [], reader, model, calibration, baseline, require, budget = {} }: GateText,
  at: (name: string) => string,
): GatePlan {
  return {
    name: gate,
    data: data.map((said) => {
      const { file, max = {} } = typeof said === "string" ? { file: said } : said;
      return { file: at(file), max };
    }),
    ...(reader !== undefined && { reader: readerOf(typeof reader === "string" ? { model: reader } : reader, at) }),
    ...(model && { models: modelsOf(model, at) }),
    ...(calibration !== undefined && { calibration: at(calibration) }),
    ...(baseline && {
      baseline: { file: at(baseline.file), maxRise: baseline.max_rise ?? {}, maxFall: baseline.max_fall ?? {} },
    }),
    ...(require && { required: require }),
    budget: budgetOf(budget),
  };
}

function readerOf(
  { model, direction, probes, reference, rows }: Exclude<GateText["reader"], string | undefined>,
  at: (name: string) => string,
): ReaderPlan {
  return {
    model,
    ...(direction !== undefined && { direction: direction.split(",").map(at).join(",") }),
    ...(probes !== undefined && { probes: at(probes) }),
    ...(reference !== undefined && { reference: at(reference) }),
    rows: rows ?? READER_DEFAULTS.rows,
  };
}

type ModelText = NonNullable<GateText["model"]>;

function modelsOf(model: ModelText, at: (name: string) => string): ModelsPlan {
  const { after, before, judge, prompts, questions = [GATE_DEFAULTS.questions], samples, temperature } = model;
  const { max_rise: rise, max_fall: fall, max_tokens: maxTokens, trigger } = model;
  return {
    after,
    before,
    judge,
    ...(prompts !== undefined && { prompts: at(prompts) }),
    sets: questions.map((said) => {
      const one = typeof said === "string" ? { set: said } : said;
      return {
        questions: placedSet(one.set, at),
        samples: one.samples ?? samples ?? GATE_DEFAULTS.samples,
        maxRise: one.max_rise ?? rise ?? GATE_DEFAULTS.maxRise,
        maxFall: one.max_fall ?? fall ?? GATE_DEFAULTS.maxFall,
      };
    }),
    rate: model.rate ?? GATE_DEFAULTS.rate,
    confidence: model.confidence ?? GATE_DEFAULTS.confidence,
    seed: model.seed ?? GATE_DEFAULTS.seed,
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    suites: suitesOf(model, at),
    ...(model.cued !== undefined && { cued: cuedOf(model.cued === true ? {} : model.cued, model, at) }),
    ...(model.persona !== undefined && { persona: personaOf(model.persona === true ? {} : model.persona, at) }),
    ...(trigger !== undefined && { trigger: triggerOf(trigger === true ? {} : trigger, at) }),
  };
}

const placedSet = (set: string, at: (name: string) => string): string => (isQuestionFile(set) ? at(set) : set);

const suitesOf = (model: ModelText, at: (name: string) => string): SuitePlan[] =>
  SUITE_NAMES.flatMap((suite) => {
    const said = model[suite];
    if (said === undefined) return [];
    const { set, samples, bound } = said === true ? {} : said;
    return [
      {
        suite,
        ...(set !== undefined && { questions: placedSet(set, at) }),
        ...(samples !== undefined && { samples }),
        bound: bound ?? SUITE_BOUNDS[suite],
      },
    ];
  });

function cuedOf(
  { data, prompts = [], samples, max_rise: rise }: Exclude<ModelText["cued"], true | undefined>,
  model: ModelText,
  at: (name: string) => string,
): CuedPlan {
  return {
    ...CUED_DEFAULTS,
    ...(data !== undefined && { data: at(data) }),
    prompts,
    samples: samples ?? model.samples ?? GATE_DEFAULTS.samples,
    maxRise: rise ?? model.max_rise ?? GATE_DEFAULTS.maxRise,
  };
}

const personaOf = (
  { direction, most_shift: mostShift }: Exclude<ModelText["persona"], true | undefined>,
  at: (name: string) => string,
): PersonaPlan => ({
  ...(direction !== undefined && { direction: at(direction) }),
  ...(mostShift !== undefined && { mostShift }),
});

function triggerOf(
  { data, probes, minutes = TRIGGER_DEFAULTS.minutes }: Exclude<ModelText["trigger"], true | undefined>,
  at: (name: string) => string,
): TriggerPlan {
  return {
    ...(data !== undefined && { data: at(data) }),
    ...(probes !== undefined && { probes: at(probes) }),
    minutes,
  };
}

function budgetOf({ max_cost: maxCost, price, minutes }: NonNullable<GateText["budget"]>): Budget {
  const prices =
    price === undefined
      ? undefined
      : isPrice(price)
        ? { "*": priceOf(price) }
        : Object.fromEntries(Object.entries(price).map(([name, one]) => [name, priceOf(one)]));
  return {
    ...(maxCost !== undefined && { maxCost }),
    ...(prices && { prices }),
    ...(minutes !== undefined && { minutes }),
  };
}

type PriceText = readonly [number, number];

const isPrice = (price: PriceText | Readonly<Record<string, PriceText>>): price is PriceText => Array.isArray(price);

const priceOf = ([input, output]: PriceText) => ({ input, output });
