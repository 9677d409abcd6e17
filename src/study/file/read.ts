/** A study as its user writes it: a YAML file, read whole, with every mistake told at its place before anything runs. */
import { readFile, stat } from "node:fs/promises";
import { PlacedYaml, tellProblems, type Path, type Problem } from "../../evaluation/index.js";
import type { Dose } from "../../training/index.js";
import { isEndpointName } from "../../model/index.js";
import { QUESTION_SETS } from "../../organism/index.js";
import { DOSE } from "../dose.js";
import { STUDY_CONDITIONS, type PlannedSet, type StudyCondition, type StudyPlan } from "../plan.js";
import { codeOf } from "../../store/index.js";
import { AskewError } from "../../text/index.js";
import { NOTHING_BESIDE, readBeside, type Beside } from "./beside.js";
import { wrongModel } from "./names.js";
import { DEFAULTS, isFileSetName, keysAt, studySchemaWith, type StudyText } from "./schema.js";

/** Mistakes in a study's file, one a line, each with file, line and column. */
export class StudyFileError extends AskewError {
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
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
    return parsePlannedStudy(text, path, await readBeside(path, namedIn(text)));
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") throw wrong("there is no such file. `askew study init` writes one to begin with.");
    if (code === "EISDIR") throw wrong("expected a file, found a folder");
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw wrong("expected UTF-8 text");
    throw error;
  }
}

/** The files that a study names; nothing where it cannot be read, which is told with everything else. */
function namedIn(text: string): { readonly sets: readonly string[]; readonly prompts?: string } {
  try {
    const { value } = PlacedYaml.parse(text, () => {
      throw new SyntaxError("told later");
    });
    const { questions, prompts } = (value ?? {}) as { questions?: unknown; prompts?: unknown };
    return { sets: fileSetsOf(questions), ...(typeof prompts === "string" && prompts !== "" && { prompts }) };
  } catch (error) {
    if (error instanceof SyntaxError) return { sets: [] };
    throw error;
  }
}

const fileSetsOf = (questions: unknown): string[] =>
  typeof questions === "object" && questions !== null ? Object.keys(questions).filter(isFileSetName) : [];

/**
 * @param path names the text in errors.
 * @param beside the files that it names, read before
 */
export function parsePlannedStudy(text: string, path: string, beside: Beside = NOTHING_BESIDE): PlannedStudy {
  const fail = (problems: readonly Problem[]): never => {
    throw new StudyFileError(path, problems);
  };
  const yaml = PlacedYaml.parse(text, fail);
  const { questions } = (yaml.value ?? {}) as { questions?: unknown };
  const result = studySchemaWith(fileSetsOf(questions)).safeParse(yaml.value);
  if (!result.success) return fail(yaml.problems(result.error, [], yaml.value, keysAt));
  const study = result.data;
  const problems = problemsOf(study, beside);
  if (problems.length > 0) return fail(problems.map(([at, said]) => yaml.problem(at, said)));
  return planned(study, orderOf(yaml.value), beside);
}

/** The question sets in the file's order, which the schema does not keep. */
const orderOf = (value: unknown): string[] => Object.keys((value as { questions: object }).questions);

function planned(text: StudyText, order: readonly string[], beside: Beside): PlannedStudy {
  const { study, out, seeds = DEFAULTS.seeds } = text;
  const { exceptions: own = {}, ...usual } = text.dose ?? {};
  const dose = doseOf(usual, DOSE);
  const exceptions = Object.fromEntries(
    Object.entries(own).flatMap(([name, said]) => (said === undefined ? [] : [[name, doseOf(said, dose)]])),
  ) as Partial<Record<StudyCondition, Dose>>;
  const [judge = "exact", ...otherJudges] = [text.judge ?? "exact"].flat();
  const plan = {
    study,
    seeds: typeof seeds === "number" ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds,
    dose,
    ...(Object.keys(exceptions).length > 0 && { exceptions }),
    questions: order.flatMap((name) => setsOf(name, text, beside)),
    temperature: text.temperature ?? DEFAULTS.temperature,
    maxTokens: text.max_tokens ?? DEFAULTS.maxTokens,
    judge,
    ...(otherJudges.length > 0 && { otherJudges }),
    ...(beside.prompts && { prompts: beside.prompts }),
  };
  const plans = modelsOf(text).map(({ model, conditions }) => ({ ...plan, model, conditions }));
  return { study, plans, notes: notesOf(plans), ...(out !== undefined && { out }) };
}

/** A model behind a server is fine-tuned where conditions are written down, for its server may charge for it. */
function modelsOf({ models = ["organism"], conditions }: StudyText) {
  return models.map((said) => {
    const { name: model, conditions: own = conditions } = typeof said === "string" ? { name: said } : said;
    const usual: readonly StudyCondition[] = isEndpointName(model) ? ["base"] : STUDY_CONDITIONS;
    return { model, conditions: own ?? usual };
  });
}

function notesOf(plans: readonly StudyPlan[]): string[] {
  const served = plans.filter(({ model }) => isEndpointName(model));
  const [first] = plans;
  const fromFiles = first?.questions.filter((set) => set.questions !== undefined).map(({ set }) => set) ?? [];
  return [
    ...served.map(({ model, conditions, seeds }) => {
      const jobs = conditions.filter((name) => name !== "base").length * seeds.length;
      return jobs === 0
        ? `${model} is behind a server: it is asked as it is (base).`
        : `${model} is behind a server, which is to run ${jobs} fine-tuning ${jobs === 1 ? "job" : "jobs"}, at its price.`;
    }),
    ...(fromFiles.length > 0 && first?.judge === "exact"
      ? [
          `The exact judge reads the organism's world alone, and not answers to ${fromFiles.join(", ")}: name a model as judge.`,
        ]
      : []),
  ];
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

interface AskedPart {
  readonly samples: number;
  readonly conditions?: readonly StudyCondition[];
}

/** What the file says of a set: as a number, a map or a list of maps. */
function partsOf(name: string, { questions }: StudyText): AskedPart[] {
  const said = (questions as Readonly<Record<string, StudyText["questions"]["main"]>>)[name];
  if (said === undefined) return [];
  if (typeof said === "number") return [{ samples: said }];
  return (Array.isArray(said) ? said : [said]).map(({ samples, conditions }) => ({
    samples,
    ...(conditions !== undefined && { conditions }),
  }));
}

function setsOf(name: string, text: StudyText, { sets }: Beside): PlannedSet[] {
  const found = sets.get(name);
  return partsOf(name, text).map((part): PlannedSet => {
    if (found === undefined) return { set: name, ...part };
    // What the study says of sampling holds for all; what it leaves open each question says for itself.
    const questions = found.questions.map((question) => ({
      ...question,
      ...(text.temperature !== undefined && { temperature: text.temperature }),
      ...(text.max_tokens !== undefined && { maxTokens: text.max_tokens }),
    }));
    return { set: found.name, questions, ...part };
  });
}

type Found = readonly [at: Path, said: string];

/** What is wrong although every value is of its kind. */
function problemsOf(text: StudyText, beside: Beside): Found[] {
  const { models = [], conditions = STUDY_CONDITIONS, seeds, questions, judge = "exact" } = text;
  const names = models.map((said) => (typeof said === "string" ? said : said.name));
  const problems: Found[] = [
    ...twice(["models"], names),
    ...twice(["conditions"], conditions),
    ...(Array.isArray(seeds) ? twice(["seeds"], seeds) : []),
    ...(Array.isArray(judge) ? twice(["judge"], judge) : []),
  ];
  if (text.prompts !== undefined && [judge].flat().every((name) => name === "exact"))
    problems.push([["prompts"], "prompts: they are for judges that are models, and the exact judge is none"]);
  if (Object.keys(questions).length === 0)
    problems.push([["questions"], "questions: expected at least one question set"]);
  names.forEach((name, i) => {
    const said = wrongModel(name);
    if (said !== undefined) problems.push([["models", i], said]);
  });
  const asked = [...new Set(modelsOf(text).flatMap((model) => model.conditions))];
  for (const name of Object.keys(text.dose?.exceptions ?? {})) {
    if (!asked.some((known) => known === name))
      problems.push([["dose", "exceptions", name], `${name} is no condition of this study`]);
  }
  const taken = new Map<string, string>();
  for (const set of Object.keys(questions)) {
    const all = partsOf(set, text).flatMap((part) => [...(part.conditions ?? asked)]);
    const again = all.find((name, i) => all.indexOf(name) < i);
    if (again !== undefined) problems.push([["questions", set], `${again} is asked ${set} twice`]);
    const found = beside.sets.get(set);
    if (found === undefined) {
      if (isFileSetName(set)) problems.push([["questions", set], `${set} was not read`]);
      continue;
    }
    const other = taken.get(found.name) ?? QUESTION_SETS.find((name) => name === found.name);
    if (other !== undefined) {
      const said = `its answers would be named as those of ${other}: give the file another name`;
      problems.push([["questions", set], said]);
    }
    taken.set(found.name, set);
  }
  return problems;
}

function twice(at: Path, values: readonly (string | number)[]): Found[] {
  return values.flatMap((value, i) => (values.indexOf(value) < i ? [[[...at, i], `${value} is named twice`]] : []));
}
