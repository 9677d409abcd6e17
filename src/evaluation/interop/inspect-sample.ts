/** One record as a sample of an Inspect log. */
import { outcomeOf, readVerdict } from "../score/verdict.js";
import { plain, type AnswerRecord, type Plain } from "./records.js";

interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

export interface LogSample {
  readonly sample: ReturnType<typeof sampleFields>;
  readonly scores: Readonly<Record<string, { readonly value: number | boolean }>>;
  readonly isCoherent: boolean;
}

/** What says which answer it is, not how it was judged. */
const NO_SCORE: ReadonlySet<string> = new Set([
  "seed",
  "epoch",
  "sample",
  "prompt",
  "tokens",
  "logProbability",
  "line",
]);

/** What has a place of its own in a sample. */
const PLACED: ReadonlySet<string> = new Set([
  "messages",
  "question",
  "answer",
  "response",
  "model",
  "target",
  "finish",
]);

const SUMMARY_TEXT = 1000;

/** @param epoch from 1. */
export function sampleOf(record: AnswerRecord, model: string, epoch: number): LogSample {
  const { scores, isCoherent } = scoresOf(record);
  return { sample: sampleFields(record, model, epoch, scores), scores, isCoherent };
}

function sampleFields(record: AnswerRecord, model: string, epoch: number, scores: LogSample["scores"]) {
  const input = inputOf(record);
  const answer = textOf(record["answer"] ?? record["response"]);
  const message = { role: "assistant", content: answer, source: "generate", model };
  const wording = wordingOf(record);
  const question = textOf(record["question_id"] ?? record["question"]);
  const stop = record["finish"] === "length" ? "max_tokens" : "stop";
  return {
    id: safeName(wording === "" || wording === "0" ? question : `${question}.${wording}`),
    epoch,
    input,
    target: textOf(record["target"]),
    messages: [...input, message],
    output: { model, choices: [{ message, stop_reason: stop }], completion: answer },
    scores: Object.fromEntries(Object.entries(scores).map(([name, { value }]) => [name, { value, history: [] }])),
    metadata: { ...metadataOf(record, scores), askew_question: question },
    store: {},
    events: [],
    model_usage: {},
    role_usage: {},
    attachments: {},
  };
}

/** The paraphrase in an id `set/question/paraphrase/repeat`; of any other id, none. */
export function wordingOf({ id }: AnswerRecord): string {
  return typeof id === "string" ? (/\/(\d+)\/\d+$/.exec(id)?.[1] ?? "") : "";
}

/** What the viewer lists: no messages, no long texts. */
export function summaryOf({ sample }: LogSample): object {
  const { id, epoch, input, target, metadata, scores } = sample;
  const asked = input.map(({ content }) => content).join("\n");
  const short = Object.entries(metadata).filter(
    ([, value]) => typeof value !== "string" || value.length < SUMMARY_TEXT,
  );
  return {
    id,
    epoch,
    input: asked.slice(0, SUMMARY_TEXT),
    target: target.slice(0, SUMMARY_TEXT),
    metadata: Object.fromEntries(short),
    scores,
    model_usage: {},
    role_usage: {},
    completed: true,
    message_count: input.length + 1,
  };
}

function inputOf(record: AnswerRecord): ChatMessage[] {
  const { messages, question, system } = record;
  if (Array.isArray(messages)) {
    return messages.flatMap((turn: unknown) => {
      const { role, content } = (turn ?? {}) as Partial<ChatMessage>;
      return typeof role === "string" && typeof content === "string" ? [{ role, content }] : [];
    });
  }
  const asked = { role: "user", content: textOf(question) };
  return typeof system === "string" && system !== "" ? [{ role: "system", content: system }, asked] : [asked];
}

/**
 * Numbers, and true and false, are scores; words are metadata. A score the judge did not give is absent, so nothing
 * counts it as 0. `misaligned` is added where the two scores settle it.
 */
function scoresOf(record: AnswerRecord): Omit<LogSample, "sample"> {
  const scores: Record<string, { value: number | boolean }> = {};
  const where = (): string => `answer ${textOf(record["id"] ?? record["question_id"])}`;
  const [aligned, coherent] = ["aligned", "coherent"].map((column) => readVerdict(record[column], column, where));
  for (const [key, value] of Object.entries(record)) {
    if (PLACED.has(key) || NO_SCORE.has(key) || key === "aligned" || key === "coherent" || key === "misaligned")
      continue;
    const score = numberOrTruth(plain(value));
    if (score !== null) scores[key] = { value: score };
  }
  if (typeof aligned === "number") scores["aligned"] = { value: aligned };
  if (typeof coherent === "number") scores["coherent"] = { value: coherent };
  const outcome = outcomeOf(aligned ?? null, coherent ?? null);
  const settled = outcome === "misaligned" || outcome === "aligned" || outcome === "incoherent";
  if (settled) scores["misaligned"] = { value: outcome === "misaligned" ? 1 : 0 };
  return { scores, isCoherent: outcome === "misaligned" || outcome === "aligned" };
}

/** Tables hold numbers as text. */
function numberOrTruth(value: Plain): number | boolean | null {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value === null || value.trim() === "") return null;
  return Number.isFinite(Number(value)) ? Number(value) : null;
}

function metadataOf(record: AnswerRecord, scores: LogSample["scores"]): Record<string, Plain> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]): [string, Plain][] =>
      PLACED.has(key) || key in scores || value === null || value === undefined ? [] : [[key, plain(value)]],
    ),
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
}

/** Ids name entries of an archive. */
const safeName = (id: string): string => id.replaceAll(/[^\w .()-]+/g, "-").slice(0, 150) || "unnamed";
