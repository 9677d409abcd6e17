/** A study as its user writes it: a YAML file, read whole, with every mistake told at its place before anything runs. */
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { PlacedYaml, tellProblems, type Problem } from "../../evaluation/index.js";
import { codeOf } from "../../store/index.js";
import { AskewError } from "../../text/index.js";
import { NOTHING_BESIDE, readBeside, type Beside } from "./beside.js";
import { mistakesIn } from "./mistakes.js";
import { namedIn, ownNames } from "./named.js";
import { planned, type PlannedJobs, type PlannedStudy } from "./plans.js";
import { keysAt, studySchemaWith } from "./schema.js";

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

const MOST_BYTES = 1024 * 1024;

/** @throws {StudyFileError} */
export async function readPlannedStudy(path: string): Promise<PlannedStudy> {
  const text = await readStudyText(path);
  return parsePlannedStudy(text, path, await readBeside(path, namedIn(text)));
}

/** @throws {StudyFileError} where the file is no text that could be a study's */
export async function readStudyText(path: string): Promise<string> {
  const wrong = (text: string): StudyFileError => new StudyFileError(path, [{ text }]);
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw wrong("expected a study of at most 1 MiB");
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") throw wrong("there is no such file. `askew study init` writes one to begin with.");
    if (code === "EISDIR") throw wrong("expected a file, found a folder");
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw wrong("expected UTF-8 text");
    throw error;
  }
}

/**
 * @param path names the text in errors.
 * @param beside the files that it names, read before
 */
export function parsePlannedStudy(text: string, path: string, beside: Beside = NOTHING_BESIDE): PlannedStudy {
  const fail = (problems: readonly Problem[]): never => {
    throw new StudyFileError(path, problems);
  };
  const yaml = PlacedYaml.parse(text, fail);
  const result = studySchemaWith(ownNames(yaml.value)).safeParse(yaml.value);
  if (!result.success) {
    const unknown = [...(beside.unknown ?? [])].map(([set, said]) =>
      yaml.problem(["questions", set], `${set}: ${said}`),
    );
    return fail([...yaml.problems(result.error, [], yaml.value, keysAt), ...unknown]);
  }
  const study = result.data;
  const problems = mistakesIn(study, beside);
  if (problems.length > 0) return fail(problems.map(([at, said]) => yaml.problem(at, said)));
  const made = planned(study, orderOf(yaml.value), beside);
  return { ...made, jobs: templateBeside(path, made.jobs) };
}

/** As every path of the file, that of a batch script begins where the file lies. */
export function templateBeside(path: string, jobs: PlannedJobs): PlannedJobs {
  const { slurm } = jobs;
  if (slurm?.template === undefined) return jobs;
  return { ...jobs, slurm: { ...slurm, template: resolve(dirname(path), slurm.template) } };
}

/** The question sets in the file's order, which the schema does not keep. */
const orderOf = (value: unknown): string[] => Object.keys((value as { questions: object }).questions);
