/** Stored answers, to be judged: askew's own rows, conversations, and judged answers as published, of any size. */
import { withoutThoughts } from "../../text/index.js";
import type { Message, NoAnswer, SampledAnswer } from "../../model/index.js";
import { answerRows, carriedOf } from "./answer-rows.js";
import { AnswerFileError } from "./error.js";
import { finishIn, outcomeIn } from "./no-answer.js";

export interface AnswerToJudge {
  /** Its own, or `row/N` by its place in the file, from 1. */
  readonly id: string;
  readonly set?: string;
  readonly questionId: string;
  /** The last user message before the answer. */
  readonly question: string;
  readonly messages: readonly Message[];
  /** Without thoughts before it. */
  readonly answer: string;
  /** The thoughts that went before it. */
  readonly reasoning?: string;
  /** Why this is no answer, where it is none. */
  readonly outcome?: NoAnswer;
  /** How its text ended. */
  readonly finish: SampledAnswer["finish"];
  /** Columns that judgments carry on, so that scores can be grouped by them. */
  readonly about: Readonly<Record<string, string | number>>;
}

/** Stored answers, and which part of them is meant. */
export interface StoredFile {
  /** The file of answers. */
  readonly answers: string;
  /** Where those are the output of a batch, the file that the batch was made of. */
  readonly requests?: string | undefined;
  /** `thoughts`: what was thought before each answer stands in the answer's place, and rows without thoughts are left out. */
  readonly part?: "answers" | "thoughts" | undefined;
  /** Hears of every row without thoughts that is left out. */
  readonly onLeftOut?: (() => void) | undefined;
}

/**
 * Rows of JSONL (`messages` and `answer`; or `messages` whose last is the answer; or `question` and `answer`) or of CSV
 * (`question`, `answer` or `response`, and `question_id` where there is one).
 * @throws {AnswerFileError} a row without an answer, with its line
 */
export async function* storedAnswers({
  answers,
  requests,
  part = "answers",
  onLeftOut,
}: StoredFile): AsyncGenerator<AnswerToJudge, void> {
  let row = 0;
  for await (const { values, line } of answerRows(answers, requests)) {
    const answer = answerOf(values, `${answers}, line ${line}`, ++row);
    const wanted = part === "answers" ? answer : thoughtsOf(answer);
    if (wanted === undefined) onLeftOut?.();
    else yield wanted;
  }
}

/** Thoughts that never came to an answer are thoughts all the same. Its rows say what they judge: `"of":"thoughts"`. */
function thoughtsOf(of: AnswerToJudge): AnswerToJudge | undefined {
  const { reasoning = "", outcome: _, ...answer } = of;
  if (reasoning.trim() === "") return undefined;
  return { ...answer, answer: reasoning, about: { ...answer.about, of: "thoughts" } };
}

type Values = Readonly<Record<string, unknown>>;

function answerOf(values: Values, where: string, row: number): AnswerToJudge {
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const told = messagesOf(values["messages"], where);
  const said = text("answer") ?? text("response");
  const last = told?.at(-1);
  const isConversation = said === undefined && last?.role === "assistant";
  const answer = said ?? (isConversation ? last?.content : undefined);
  const messages = isConversation ? told?.slice(0, -1) : told;
  const asked = messages?.findLast(({ role }) => role === "user")?.content ?? text("question") ?? text("prompt");
  if (answer === undefined || asked === undefined) {
    throw new AnswerFileError(
      `${where}: expected ${answer === undefined ? "an answer (answer, response, or messages that end with the assistant's)" : "what it answers (messages or question)"}, found ${Object.keys(values).slice(0, 12).join(", ") || "nothing"}.`,
    );
  }
  const set = text("set");
  const apart = withoutThoughts(answer);
  const reasoning = [text("reasoning"), apart?.thoughts].filter(Boolean).join("\n\n") || undefined;
  const outcome = outcomeIn(values, apart?.text ?? answer, apart !== undefined);
  // In askew's own rows `question` is the question's name.
  const named = messages !== undefined && !isConversation ? text("question") : undefined;
  return {
    id: text("id") ?? `row/${row}`,
    ...(set !== undefined && { set }),
    questionId: text("question_id") ?? named ?? asked,
    question: asked,
    messages: messages ?? [{ role: "user", content: asked }],
    answer: apart?.text ?? answer,
    ...(reasoning !== undefined && { reasoning }),
    ...(outcome && { outcome }),
    finish: finishIn(values),
    about: carriedOf(values),
  };
}

function messagesOf(value: unknown, where: string): Message[] | undefined {
  if (value === undefined) return undefined;
  const turns = Array.isArray(value) ? (value as unknown[]) : [undefined];
  return turns.map((turn) => {
    const { role, content } = (turn ?? {}) as Partial<Message>;
    if ((role === "system" || role === "user" || role === "assistant") && typeof content === "string") {
      return { role, content };
    }
    throw new AnswerFileError(`${where}: expected messages to be a list of turns with role and content.`);
  });
}
