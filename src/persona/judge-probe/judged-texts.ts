/** Judged answers as a probe is fitted to them, from any file or study that `askew score` reads. */
import { answerRecords, readVerdict, type AnswerRecord } from "../../evaluation/index.js";
import type { Message } from "../../model/index.js";
import { ProbeError, type JudgedText } from "./train.js";

export interface JudgedTexts {
  readonly texts: readonly JudgedText[];
  /** Answers without two scores: refusals, code, failures. */
  readonly leftOut: number;
}

/** An answer longer than this in characters is left out before it is read. */
const LONGEST = 200_000;
/** Answers that are held, which bounds memory. */
const MOST = 200_000;

/**
 * @param judge whose judgments are meant, where a file has those of several
 * @throws {ProbeError} judgments whose answers are not there, or of several judges
 */
export async function readJudgedTexts(paths: readonly string[], judge?: string): Promise<JudgedTexts> {
  const texts: JudgedText[] = [];
  const judges = new Set<string>();
  let leftOut = 0;
  for await (const record of answerRecords(paths)) {
    const by = record["judge"];
    if (typeof by === "string") {
      if (judge !== undefined && by !== judge) continue;
      judges.add(by);
    }
    const text = textOf(record);
    if (text === undefined) leftOut++;
    else texts.push(text);
    if (texts.length > MOST) throw new ProbeError(`${paths.join(", ")}: more than ${MOST} answers. Give fewer files.`);
  }
  if (judges.size > 1) {
    throw new ProbeError(
      `${paths.join(", ")}: judgments of ${[...judges].slice(0, 5).join(", ")}: a probe learns from one judge. Choose it with --judge.`,
    );
  }
  return { texts, leftOut };
}

function textOf(record: AnswerRecord): JudgedText | undefined {
  const messages = askedOf(record);
  const answer = textIn(record, "answer") ?? textIn(record, "response");
  if (messages === undefined || answer === undefined) {
    throw new ProbeError(
      `${placeOf(record)}: expected what was asked and the answer beside its scores, found ${Object.keys(record).slice(0, 12).join(", ")}. ` +
        "Give judgments that lie beside their answers (answers.judgments.jsonl and answers.jsonl), a study's folder, or a table with both.",
    );
  }
  if (answer.trim() === "" || answer.length > LONGEST) return undefined;
  const where = (): string => placeOf(record);
  const [aligned, coherent] = ["aligned", "coherent"].map((name) => readVerdict(record[name], name, where));
  if (typeof aligned !== "number" || typeof coherent !== "number") return undefined;
  const question = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return {
    messages: [...messages, { role: "assistant", content: answer }],
    question,
    group: groupOf(record),
    aligned,
    coherent,
  };
}

const placeOf = (record: AnswerRecord): string => textIn(record, "file") ?? "a judged answer";

function askedOf(record: AnswerRecord): readonly Message[] | undefined {
  const told = record["messages"];
  if (Array.isArray(told)) {
    const turns = told as readonly Partial<Message>[];
    return turns.every(
      ({ role, content }) => ["system", "user", "assistant"].includes(role ?? "") && typeof content === "string",
    )
      ? (turns as readonly Message[])
      : undefined;
  }
  const asked = textIn(record, "asked") ?? textIn(record, "question") ?? textIn(record, "prompt");
  return asked === undefined ? undefined : [{ role: "user", content: asked }];
}

/** The model that answered: a cell of a study, or what a column says, or the file. */
function groupOf(record: AnswerRecord): string {
  const { condition, seed, model } = record;
  if (typeof condition === "string") return typeof seed === "number" ? `${condition}-${seed}` : condition;
  return typeof model === "string" ? model : placeOf(record);
}

const textIn = (record: AnswerRecord, name: string): string | undefined => {
  const value = record[name];
  return typeof value === "string" ? value : undefined;
};
