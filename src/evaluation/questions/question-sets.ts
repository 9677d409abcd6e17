/** askew's own question sets for real models, in the folder `questions` at the package's root, and anybody's files. */
import { basename, extname, join } from "node:path";
import { withoutGzip } from "../../dataset/index.js";
import { packagePath, suggestion } from "../../text/index.js";
import { ANSWER_FORMATS, setInFormat, type AnswerFormat } from "./answer-format.js";
import { QuestionFileError } from "./problems.js";
import { readPromptTable } from "./prompt-table.js";
import type { QuestionSet } from "./question.js";
import { readQuestionFile } from "./question-file.js";

const FOLDER = packagePath("questions");

export const REAL_QUESTION_SETS = ["main", "pre-registered", "deception", "identity"] as const;

/** Endings of files of questions. */
const READERS: Readonly<Record<string, typeof readQuestionFile>> = {
  ".yaml": readQuestionFile,
  ".yml": readQuestionFile,
  ".csv": readPromptTable,
  ".tsv": readPromptTable,
  ".jsonl": readPromptTable,
  ".json": readPromptTable,
};

/** The name without the format behind it. */
function withoutFormat(name: string): { readonly bare: string; readonly format: AnswerFormat } {
  const format = ANSWER_FORMATS.find((known) => name.endsWith(`/${known}`)) ?? "plain";
  return { format, bare: name.endsWith(`/${format}`) ? name.slice(0, -format.length - 1) : name };
}

/** Whether a name is that of a file of questions, by its ending. */
export const isQuestionFile = (name: string): boolean => READERS[endingOf(withoutFormat(name).bare)] !== undefined;

/** Of a gzipped file the ending before it. */
const endingOf = (path: string): string => extname(withoutGzip(path)).toLowerCase();

/**
 * The set of a name (`main`, `main/json`, `deception`) or of a file (`my-questions.yaml`, `prompts.csv`,
 * `prompts.jsonl`, `my-questions.yaml/template`).
 */
export async function loadQuestionSet(nameOrPath: string): Promise<QuestionSet> {
  const { bare, format } = withoutFormat(nameOrPath);
  return setInFormat(await loadPlain(bare), format);
}

async function loadPlain(nameOrPath: string): Promise<QuestionSet> {
  const own = REAL_QUESTION_SETS.find((name) => name === nameOrPath);
  if (own !== undefined) {
    const source = join(FOLDER, `${own}.yaml`);
    return { name: own, source, questions: await readQuestionFile(source) };
  }
  const ending = endingOf(nameOrPath);
  const read = READERS[ending];
  if (read === undefined) {
    const hint = suggestion(nameOrPath, REAL_QUESTION_SETS);
    throw new QuestionFileError(nameOrPath, [
      { text: `expected a question set or a file that ends in ${Object.keys(READERS).join(", ")}. ${hint}` },
    ]);
  }
  return {
    name: basename(withoutGzip(nameOrPath), extname(withoutGzip(nameOrPath))),
    source: nameOrPath,
    questions: await read(nameOrPath),
  };
}
