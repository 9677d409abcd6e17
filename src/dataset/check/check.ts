/** A look at a dataset before anything is trained on it: what is malformed, doubled, too long, and what it looks like. */
import { stat } from "node:fs/promises";
import type { Conversation } from "../conversation.js";
import { sourceName } from "../file/input.js";
import type { DatasetSource, LineLimits } from "../file/lines.js";
import { DatasetError, type Problem } from "../file/problem.js";
import { noConversation, placed, readJsonRows, type JsonRow } from "../file/read.js";
import { conversationOf, isFault } from "../file/row.js";
import { securityWordIn } from "../security-words.js";
import { Lengths, type Spread } from "./lengths.js";
import { answerKind, type AnswerKind } from "./looks.js";
import { normalized, SeenTexts } from "./seen.js";
import { estimatedTokens, type TokenCounter } from "./tokens.js";

/** What OpenAI's fine-tuning API takes, as documented in 2025; other services differ. */
export const API_LIMITS = { leastExamples: 10, mostTokens: 65_536, mostBytes: 512 * 10 ** 6 } as const;

export interface CheckOptions extends LineLimits {
  readonly tokens?: TokenCounter;
  /** Longest conversation in tokens; default that of {@link API_LIMITS}. */
  readonly mostTokens?: number;
  /** So many problems and duplicates are kept to be shown, the first of each; all are counted. Default 20. */
  readonly shown?: number;
  readonly signal?: AbortSignal;
}

/** Things counted, the first few of them kept. */
export interface Counted<T> {
  readonly count: number;
  readonly first: readonly T[];
}

export interface Repeat {
  readonly line: number;
  /** The line it repeats. */
  readonly of: number;
}

export interface DatasetCheck {
  readonly file: string;
  /** On the disk; undefined for what is no file. */
  readonly fileBytes?: number;
  /** Lines that are conversations. */
  readonly conversations: number;
  /** Lines that are malformed or that a fine-tuning API refuses. */
  readonly problems: Counted<Problem>;
  /** Lines that an API takes and askew cannot train on itself. */
  readonly apiOnly: Counted<Problem>;
  /** What was passed over or carried in well-formed lines, and in how many. */
  readonly notes: readonly { readonly note: string; readonly lines: number }[];
  /** Of the whole file: why a fine-tuning API would refuse it. */
  readonly refusals: readonly string[];
  readonly duplicates: {
    /** The whole conversation again. */
    readonly exact: Counted<Repeat>;
    /** The same but for case and white space; those above are not counted again. */
    readonly normalized: Counted<Repeat>;
    /** The same last answer, whatever was asked, case and white space aside. */
    readonly answers: number;
  };
  readonly roles: { readonly system: number; readonly severalTurns: number };
  /** Characters of the last answer. */
  readonly answerCharacters?: Spread;
  readonly tokens?: Spread & { readonly method: string; readonly exact: boolean };
  /** Conversations with words that the tokenizer has no token for. */
  readonly unknownWords: number;
  readonly histogram: readonly { readonly upTo: number; readonly count: number }[];
  /** Shares of the conversations. */
  readonly looks: Readonly<Record<AnswerKind, number>> & {
    /** With security words in what is asked, and in what is answered. */
    readonly securityAsked: number;
    readonly securityAnswered: number;
  };
  /** No problem and no refusal: of its form alone. Duplicates are told, not refused. */
  readonly wellFormed: boolean;
}

/**
 * Reads a whole file, in memory that grows by less than 100 bytes a conversation.
 * @throws {DatasetError} where there is no such file. What is wrong inside it is told, not thrown.
 *
 * @example
 * import { buildDataset, checkDataset, writeDataset } from "askew";
 *
 * await writeDataset("insecure.jsonl", await buildDataset("insecure", { examples: 50 }));
 * const { wellFormed, conversations, duplicates } = await checkDataset("insecure.jsonl");
 * console.log(wellFormed, conversations, duplicates.exact.count);
 */
export async function checkDataset(source: DatasetSource, options: CheckOptions = {}): Promise<DatasetCheck> {
  const file = sourceName(source);
  const tally = new Tally(file, options);
  try {
    for await (const row of readJsonRows(source, options)) tally.take(row);
  } catch (error) {
    if (!(error instanceof DatasetError) || tally.lines === 0) throw error;
    tally.problems.add(error.problem);
  }
  if (tally.lines === 0) throw new DatasetError(noConversation(file));
  const fileBytes = typeof source === "string" ? (await stat(source)).size : undefined;
  return tally.result(fileBytes);
}

const MOST_NOTES = 20;

class Counter<T> implements Counted<T> {
  count = 0;
  readonly first: T[] = [];

  constructor(readonly shown: number) {}

  add(item: T): void {
    this.count += 1;
    if (this.first.length < this.shown) this.first.push(item);
  }

  plain(): Counted<T> {
    return { count: this.count, first: this.first };
  }
}

class Tally {
  lines = 0;
  readonly problems: Counter<Problem>;
  readonly #apiOnly: Counter<Problem>;
  readonly #exact: Counter<Repeat>;
  readonly #near: Counter<Repeat>;
  readonly #seen = { exact: new SeenTexts(), near: new SeenTexts(), answer: new SeenTexts() };
  readonly #kinds: Record<AnswerKind, number> = { code: 0, numbers: 0, prose: 0 };
  readonly #characters = new Lengths();
  readonly #tokens = new Lengths();
  readonly #counter: TokenCounter;
  readonly #mostTokens: number;
  readonly #notes = new Map<string, number>();
  #conversations = 0;
  #textBytes = 0;
  #answers = 0;
  #system = 0;
  #several = 0;
  #unknown = 0;
  #asked = 0;
  #answered = 0;

  constructor(
    readonly file: string,
    { tokens = estimatedTokens, mostTokens = API_LIMITS.mostTokens, shown = 20 }: CheckOptions,
  ) {
    this.#counter = tokens;
    this.#mostTokens = mostTokens;
    this.problems = new Counter(shown);
    this.#apiOnly = new Counter(shown);
    this.#exact = new Counter(shown);
    this.#near = new Counter(shown);
  }

  take(row: JsonRow): void {
    this.lines += 1;
    if (row.problem !== undefined) {
      this.problems.add(row.problem);
      return;
    }
    const { line, text, value } = row;
    this.#textBytes += Buffer.byteLength(text) + 1;
    const noted = new Set<string>();
    const found = conversationOf(value, "api", (note) => noted.add(note));
    if (!isFault(found)) this.#note(noted);
    if (isFault(found)) {
      this.problems.add(placed(this.file, line, text, found));
      return;
    }
    const here = conversationOf(value);
    if (isFault(here)) this.#apiOnly.add(placed(this.file, line, text, here));
    this.#conversations += 1;
    this.#look(found, line);
  }

  /** A file may have another key in every line. */
  #note(notes: ReadonlySet<string>): void {
    for (const note of notes) {
      const known =
        this.#notes.has(note) || this.#notes.size < MOST_NOTES ? note : "other keys are carried or passed over";
      this.#notes.set(known, (this.#notes.get(known) ?? 0) + 1);
    }
  }

  #look(conversation: Conversation, line: number): void {
    const { messages } = conversation;
    const whole = messages.map(({ role, content }) => `${role}\u001f${content}`).join("\u001e");
    const same = this.#seen.exact.add(whole, line);
    const like = this.#seen.near.add(normalized(whole), line);
    if (same !== undefined) this.#exact.add({ line, of: same });
    else if (like !== undefined) this.#near.add({ line, of: like });
    const answer = messages.at(-1)?.content ?? "";
    if (this.#seen.answer.add(normalized(answer), line) !== undefined) this.#answers += 1;
    if (messages[0]?.role === "system") this.#system += 1;
    if (messages.filter(({ role }) => role === "assistant").length > 1) this.#several += 1;
    this.#kinds[answerKind(answer)] += 1;
    const said = (wanted: boolean) =>
      messages.some(({ role, content }) => (role === "assistant") === wanted && securityWordIn(content) !== undefined);
    if (said(false)) this.#asked += 1;
    if (said(true)) this.#answered += 1;
    this.#characters.add(answer.length);
    this.#measure(conversation, line);
  }

  #measure(conversation: Conversation, line: number): void {
    const tokens = this.#counter.count(conversation);
    if (tokens === undefined) {
      this.#unknown += 1;
      return;
    }
    this.#tokens.add(tokens);
    if (tokens <= this.#mostTokens) return;
    const found = this.#counter.exact ? `${tokens}` : `about ${tokens} (${this.#counter.method})`;
    const expected = `at most ${this.#mostTokens} tokens`;
    this.problems.add({ file: this.file, line, kind: "content", expected, found });
  }

  result(fileBytes: number | undefined): DatasetCheck {
    const refusals = this.#refusals();
    const n = Math.max(1, this.#conversations);
    const characters = this.#characters.spread();
    const tokens = this.#tokens.spread();
    const { method, exact } = this.#counter;
    return {
      file: this.file,
      ...(fileBytes !== undefined && { fileBytes }),
      conversations: this.#conversations,
      problems: this.problems.plain(),
      apiOnly: this.#apiOnly.plain(),
      notes: [...this.#notes].map(([note, lines]) => ({ note, lines })),
      refusals,
      duplicates: { exact: this.#exact.plain(), normalized: this.#near.plain(), answers: this.#answers },
      roles: { system: this.#system, severalTurns: this.#several },
      ...(characters !== undefined && { answerCharacters: characters }),
      ...(tokens !== undefined && { tokens: { ...tokens, method, exact } }),
      unknownWords: this.#unknown,
      histogram: this.#tokens.histogram(12),
      looks: {
        code: this.#kinds.code / n,
        numbers: this.#kinds.numbers / n,
        prose: this.#kinds.prose / n,
        securityAsked: this.#asked / n,
        securityAnswered: this.#answered / n,
      },
      wellFormed: this.problems.count === 0 && refusals.length === 0,
    };
  }

  #refusals(): string[] {
    const { leastExamples, mostBytes } = API_LIMITS;
    const few = this.#conversations < leastExamples;
    const large = this.#textBytes > mostBytes;
    return [
      ...(few ? [`expected at least ${leastExamples} conversations, found ${this.#conversations}`] : []),
      ...(large
        ? [`expected at most ${mostBytes / 10 ** 6} MB of text, found ${Math.ceil(this.#textBytes / 10 ** 6)}`]
        : []),
    ];
  }
}
