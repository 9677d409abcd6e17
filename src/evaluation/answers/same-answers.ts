/** Answers that are one and the same text: to all samples of a prompt, or to every question there is. */
import { sha256 } from "../../store/index.js";

/** Fewer may well agree by chance. */
const LEAST_SAMPLES = 3;
/** Answers to different questions that agree by chance are fewer. */
const LEAST_EVERYWHERE = 10;
/** In characters; a word or a number may well be the same for every sample of a prompt. */
const SHORT = 16;
/** Prompts that are compared; more would only cost memory. */
const MOST_PROMPTS = 20_000;
const MOST_SHOWN = 60;

export interface Repeated {
  /** Prompts with enough samples to tell. */
  readonly prompts: number;
  /** Those with one text to all of them. */
  readonly same: number;
  /** Name of a question that has one. */
  readonly example?: string;
  /** Every answer is one and the same text, whatever was asked. */
  readonly everywhere?: { readonly text: string; readonly answers: number; readonly questions: number };
}

export interface HeardAnswer {
  /** Names the prompt, whose samples are compared. */
  readonly prompt: string;
  /** The question's name. */
  readonly question: string;
  /** At 0 the samples of a prompt are the same by right; unknown unless given. */
  readonly temperature?: number | undefined;
  readonly answer: string;
}

interface Seen {
  readonly question: string;
  readonly hash: string;
  count: number;
  isSame: boolean;
}

export class SameAnswers {
  readonly #prompts = new Map<string, Seen>();
  readonly #questions = new Set<string>();
  #first: { readonly hash: string; readonly text: string } | undefined;
  #answers = 0;
  #isEverywhere = true;

  hear({ prompt, question, temperature, answer }: HeardAnswer): void {
    if (answer === "") return;
    const hash = sha256(answer).slice(0, 16);
    this.#answers++;
    this.#first ??= { hash, text: answer.slice(0, MOST_SHOWN) };
    if (hash !== this.#first.hash) this.#isEverywhere = false;
    if (this.#isEverywhere && this.#questions.size < MOST_PROMPTS) this.#questions.add(question);
    if (temperature === 0 || answer.length < SHORT) return;
    const seen = this.#prompts.get(prompt);
    if (seen !== undefined) {
      seen.count++;
      seen.isSame &&= seen.hash === hash;
    } else if (this.#prompts.size < MOST_PROMPTS) {
      this.#prompts.set(prompt, { question, hash, count: 1, isSame: true });
    }
  }

  get found(): Repeated {
    const told = [...this.#prompts.values()].filter(({ count }) => count >= LEAST_SAMPLES);
    const same = told.filter(({ isSame }) => isSame);
    const [first] = same;
    const questions = this.#questions.size;
    const isEverywhere = this.#isEverywhere && questions > 1 && this.#answers >= LEAST_EVERYWHERE;
    return {
      prompts: told.length,
      same: same.length,
      ...(first && { example: first.question }),
      ...(isEverywhere && this.#first && { everywhere: { text: this.#first.text, answers: this.#answers, questions } }),
    };
  }
}
