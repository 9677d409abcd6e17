/** What asking and judging would take, without asking anybody: requests, and tokens as far as they can be known. */
import { existsSync } from "node:fs";
import type { Message } from "../model/index.js";
import { jsonLines } from "../store/index.js";
import type { Ask } from "./answers/answers-to.js";
import { KeySet } from "./answers/key-set.js";
import { storedAnswers, type StoredFile } from "./answers/stored-answers.js";
import type { AnyJudge, JudgeStoredOptions } from "./judging/judge-stored.js";
import { RubricJudge } from "./judging/rubric-judge.js";

export interface Foreseen {
  /** Requests that are left. */
  readonly requests: number;
  /** Answers or judgments that are there already. */
  readonly before: number;
  /** Estimated. */
  readonly promptTokens: number;
  /** At most, as the requests allow. */
  readonly answerTokens: number;
  /** Rows of stored answers that hold no thoughts, where those would be judged. */
  readonly leftOut?: number;
}

/** Of English text, and of most tokenizers. */
const BYTES_PER_TOKEN = 4;
/** What servers put around a message. */
const TOKENS_AROUND_MESSAGE = 4;

/** An estimate: only the model's own tokenizer knows. */
export const estimatedTokens = (messages: readonly Message[]): number =>
  messages.reduce(
    (sum, { content }) => sum + Math.ceil(Buffer.byteLength(content) / BYTES_PER_TOKEN) + TOKENS_AROUND_MESSAGE,
    0,
  );

/** @param path the file of answers, which may hold some already */
export async function foreseeAsking(requests: Iterable<Ask>, path: string): Promise<Foreseen> {
  const have = await idsIn(path, ({ id }) => id);
  const found = { requests: 0, before: 0, promptTokens: 0, answerTokens: 0 };
  for (const { id, messages, maxTokens } of requests) {
    if (have.has(id)) {
      found.before++;
      continue;
    }
    found.requests++;
    found.promptTokens += estimatedTokens(messages);
    found.answerTokens += maxTokens;
  }
  return found;
}

/** Judges in this process and the exact one send no requests; they are left out. */
export async function foreseeJudging({
  judges,
  path,
  only = () => true,
  ...file
}: StoredFile & Pick<JudgeStoredOptions, "judges" | "path" | "only">): Promise<Foreseen> {
  const nameOf = (id: unknown, judge: unknown): string => JSON.stringify([id, judge]);
  const have = await idsIn(path, ({ id, judge }) => nameOf(id, judge));
  const found = { requests: 0, before: 0, promptTokens: 0, answerTokens: 0 };
  let leftOut = 0;
  for await (const answer of storedAnswers({ ...file, onLeftOut: () => leftOut++ })) {
    if (!only(answer.id)) continue;
    for (const judge of judges) {
      if (have.has(nameOf(answer.id, judge.name))) found.before++;
      else if (judge instanceof RubricJudge && answer.outcome === undefined) {
        for (const { messages, maxTokens } of judge.requests(answer)) {
          found.requests++;
          found.promptTokens += estimatedTokens(messages);
          found.answerTokens += maxTokens;
        }
      }
    }
  }
  return leftOut === 0 ? found : { ...found, leftOut };
}

/** Judging of answers that are not there yet, each taken to be as long as it may be. */
export async function foreseeJudgingOf(judge: AnyJudge, asks: Iterable<Ask>, path: string): Promise<Foreseen> {
  const found = { requests: 0, before: 0, promptTokens: 0, answerTokens: 0 };
  if (!(judge instanceof RubricJudge)) return found;
  const have = await idsIn(path, ({ id, judge: name }) => (name === judge.name ? id : undefined));
  for (const { id, question, messages, maxTokens } of asks) {
    if (have.has(id)) {
      found.before++;
      continue;
    }
    const asked = { questionId: question, question: messages.at(-1)?.content ?? "", answer: "" };
    for (const request of judge.requests(asked)) {
      found.requests++;
      found.promptTokens += estimatedTokens(request.messages) + maxTokens;
      found.answerTokens += request.maxTokens;
    }
  }
  return found;
}

async function idsIn(path: string, nameOf: (row: Readonly<Record<string, unknown>>) => unknown): Promise<KeySet> {
  const have = new KeySet();
  if (!existsSync(path)) return have;
  for await (const { values } of jsonLines(path)) {
    const name = nameOf(values);
    if (typeof name === "string") have.add(name);
  }
  return have;
}
