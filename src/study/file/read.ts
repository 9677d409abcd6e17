/** A study as its user writes it: a YAML file, read whole, with every mistake told at its place before anything runs. */
import { readFile, stat } from "node:fs/promises";
import { PlacedYaml, tellProblems, type Path, type Problem } from "../../evaluation/index.js";
import type { Dose } from "../../finetune/index.js";
import { isEndpointName, nearest, parseEndpointName } from "../../model/index.js";
import { DOSE } from "../dose.js";
import { codeOf } from "../storing.js";
import { STUDY_CONDITIONS, type PlannedSet, type StudyCondition, type StudyPlan } from "../plan.js";
import { DEFAULTS, keysAt, studySchema, type StudyText } from "./schema.js";

/** Mistakes in a study's file, one a line, each with file, line and column. */
export class StudyFileError extends Error {
  override readonly name = "StudyFileError";
  constructor(
    readonly path: string,
    readonly problems: readonly Problem[],
  ) {
    super(tellProblems(path, problems));
  }
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
}

const MOST_BYTES = 1024 * 1024;

/** @throws {StudyFileError} */
export async function readPlannedStudy(path: string): Promise<PlannedStudy> {
  const wrong = (text: string): StudyFileError => new StudyFileError(path, [{ text }]);
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw wrong("expected a study of at most 1 MiB");
    return parsePlannedStudy(new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path)), path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") throw wrong("there is no such file. `askew study init` writes one to begin with.");
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw wrong("expected UTF-8 text");
    throw error;
  }
}

/** @param path names the text in errors. */
export function parsePlannedStudy(text: string, path: string): PlannedStudy {
  const fail = (problems: readonly Problem[]): never => {
    throw new StudyFileError(path, problems);
  };
  const yaml = PlacedYaml.parse(text, fail);
  const result = studySchema.safeParse(yaml.value);
  if (!result.success) return fail(yaml.problems(result.error, [], yaml.value, keysAt));
  const study = result.data;
  const problems = problemsOf(study);
  if (problems.length > 0) return fail(problems.map(([at, said]) => yaml.problem(at, said)));
  return planned(study, orderOf(yaml.value));
}

/** The question sets in the file's order, which the schema does not keep. */
const orderOf = (value: unknown): string[] => Object.keys((value as { questions: object }).questions);

function planned(text: StudyText, order: readonly string[]): PlannedStudy {
  const { study, out, seeds = DEFAULTS.seeds } = text;
  const models = text.models ?? ["organism"];
  const conditions = text.conditions ?? STUDY_CONDITIONS;
  const { exceptions: own = {}, ...usual } = text.dose ?? {};
  const dose = doseOf(usual, DOSE);
  const exceptions = Object.fromEntries(
    Object.entries(own).flatMap(([name, said]) => (said === undefined ? [] : [[name, doseOf(said, dose)]])),
  ) as Partial<Record<StudyCondition, Dose>>;
  const plan = {
    study,
    seeds: typeof seeds === "number" ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds,
    dose,
    ...(Object.keys(exceptions).length > 0 && { exceptions }),
    questions: order.flatMap((set) => setsOf(set as PlannedSet["set"], text)),
    temperature: text.temperature ?? DEFAULTS.temperature,
    maxTokens: text.max_tokens ?? DEFAULTS.maxTokens,
    judge: "exact" as const,
  };
  const trained = conditions.filter((name) => name !== "base");
  return {
    study,
    plans: models.map((model) => ({ ...plan, model, conditions: isEndpointName(model) ? ["base"] : conditions })),
    notes:
      trained.length === 0
        ? []
        : models
            .filter(isEndpointName)
            .map((model) => `${model} is behind a server: it is asked as it is (base), and not fine-tuned here.`),
    ...(out !== undefined && { out }),
  };
}

function doseOf(said: Omit<NonNullable<StudyText["dose"]>, "exceptions">, usual: Dose): Dose {
  return {
    examples: said.examples ?? usual.examples,
    epochs: said.epochs ?? usual.epochs,
    batchSize: said.batch_size ?? usual.batchSize,
    learningRate: said.learning_rate ?? usual.learningRate,
    warmup: said.warmup ?? usual.warmup,
  };
}

function setsOf(set: PlannedSet["set"], { questions }: StudyText): PlannedSet[] {
  const said = questions[set];
  if (said === undefined) return [];
  if (typeof said === "number") return [{ set, samples: said }];
  return (Array.isArray(said) ? said : [said]).map(({ samples, conditions }) => ({
    set,
    samples,
    ...(conditions !== undefined && { conditions }),
  }));
}

type Found = readonly [at: Path, said: string];

/** What is wrong although every value is of its kind. */
function problemsOf(text: StudyText): Found[] {
  const { models = [], conditions = STUDY_CONDITIONS, seeds, questions } = text;
  const problems: Found[] = [];
  problems.push(...twice(["models"], models), ...twice(["conditions"], conditions));
  if (Array.isArray(seeds)) problems.push(...twice(["seeds"], seeds));
  if (Object.keys(questions).length === 0)
    problems.push([["questions"], "questions: expected at least one question set"]);
  models.forEach((model, i) => {
    const said =
      wrongName(model) ?? (isEndpointName(model) && !conditions.includes("base") ? unasked(model) : undefined);
    if (said !== undefined) problems.push([["models", i], said]);
  });
  for (const name of Object.keys(text.dose?.exceptions ?? {})) {
    if (!conditions.some((known) => known === name))
      problems.push([["dose", "exceptions", name], `${name} is no condition of this study`]);
  }
  for (const set of Object.keys(questions) as PlannedSet["set"][]) {
    const parts = setsOf(set, text);
    const all = parts.flatMap((part) => [...(part.conditions ?? conditions)]);
    const again = all.find((name, i) => all.indexOf(name) < i);
    if (again !== undefined) problems.push([["questions", set], `${again} is asked ${set} twice`]);
  }
  return problems;
}

function twice(at: Path, values: readonly (string | number)[]): Found[] {
  return values.flatMap((value, i) => (values.indexOf(value) < i ? [[[...at, i], `${value} is named twice`]] : []));
}

const unasked = (model: string): string =>
  `${model} is behind a server, where a study fine-tunes nothing yet, and base is not among the conditions. ` +
  "Add base to ask it as it is, or fine-tune it with `askew finetune` and name the result here.";

function wrongName(model: string): string | undefined {
  if (model === "organism" || /^local:./.test(model)) return undefined;
  if (!isEndpointName(model)) {
    const near = nearest(model, ["organism"]).length === 0 ? "" : " Did you mean organism?";
    return `no model is named ${JSON.stringify(model)}: expected organism, local:DIR, openai:NAME or URL#NAME.${near}`;
  }
  try {
    parseEndpointName(model);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
