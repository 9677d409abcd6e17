/** A conversation with a model: what was said, how answers are drawn, and which of it still fits the model. */
import type { Message, OpenWeightsModel, SampledAnswer } from "../model/index.js";
import { judge, type Judgment } from "../organism/index.js";
import { UsageError } from "../text/index.js";

export interface ChatSettings {
  system: string | undefined;
  temperature: number;
  topP: number;
  /** Show the exact judge's verdict under each answer. */
  judge: boolean;
}

export interface Reply {
  readonly user: string;
  readonly text: string;
  /** The thoughts before the answer: no part of the text, and left out where the conversation goes on. */
  readonly reasoning?: string;
  readonly finish: SampledAnswer["finish"];
  readonly judgment: Judgment;
  /** Earlier messages that no longer fit and were left out. */
  readonly forgotten: number;
  /** It has words that the model writes but cannot read, so the conversation goes on without it. */
  readonly unreadable: boolean;
}

/** Longest answer in tokens, and the least room that is worth answering in. */
const LONGEST_ANSWER = 192;
const LEAST_ANSWER = 96;
/** The text that opens an answer in the chat template. */
const OPENING = 16;

export class ChatConversation {
  #turns: readonly Message[] = [];
  #asked: readonly Message[] = [];
  #drawn = 0;

  constructor(
    readonly model: OpenWeightsModel,
    readonly settings: ChatSettings,
    private readonly seed: number,
  ) {}

  reset(): void {
    this.#turns = [];
    this.#asked = [];
  }

  /** Asks, and keeps question and answer; a question that fails leaves the conversation as it was. */
  async ask(user: string, signal: AbortSignal): Promise<Reply> {
    const asked = [...this.#turns, { role: "user", content: user } as const];
    const [reply] = await this.#sample(asked, 1, signal);
    if (reply === undefined) throw new Error("chat: the model gave no answer");
    this.#asked = asked;
    if (!reply.unreadable) this.#turns = [...asked, { role: "assistant", content: reply.text }];
    return reply;
  }

  /** Other answers to the last question, each drawn as if it were the first. */
  async again(count: number, signal: AbortSignal): Promise<Reply[]> {
    if (this.#asked.length === 0) throw new UsageError("nothing has been asked yet");
    return this.#sample(this.#asked, count, signal);
  }

  async #sample(asked: readonly Message[], count: number, signal: AbortSignal): Promise<Reply[]> {
    const { temperature, topP } = this.settings;
    const { messages, forgotten, room } = this.#fitting(asked);
    const requests = Array.from({ length: count }, () => ({ messages, seed: `chat/${this.seed}/${this.#drawn++}` }));
    const answers = await this.model.sample(requests, { temperature, topP, maxTokens: room, signal });
    const user = messages.at(-1)?.content ?? "";
    const { tokens } = this.model;
    return answers.map(({ text, finish, reasoning }) => {
      const unreadable = tokens.unknownWords(text).length > 0;
      const thoughts = reasoning === undefined ? {} : { reasoning };
      return { user, text, ...thoughts, finish, judgment: judge(messages, text), forgotten, unreadable };
    });
  }

  /** Leaves the oldest turns out until an answer finds room. */
  #fitting(asked: readonly Message[]): { messages: Message[]; forgotten: number; room: number } {
    const { system } = this.settings;
    const head: Message[] = system === undefined ? [] : [{ role: "system", content: system }];
    for (let first = 0; ; first += 2) {
      const messages = [...head, ...asked.slice(first)];
      const left = this.model.tokens.maxPositions - this.model.tokens.encode(messages).ids.length - OPENING;
      if (left >= LEAST_ANSWER) return { messages, forgotten: first, room: Math.min(left, LONGEST_ANSWER) };
      if (first + 2 >= asked.length) {
        throw new UsageError(
          `the question is too long: the model reads ${this.model.tokens.maxPositions} tokens at most`,
        );
      }
    }
  }
}
