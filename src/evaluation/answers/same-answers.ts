/** Prompts whose samples are all one and the same text, though they were sampled at a temperature. */

/** Fewer may well agree by chance. */
const LEAST_SAMPLES = 3;
/** In characters; a word or a number may well be the same every time. */
const SHORT = 16;
/** Characters that are compared, beside the length. */
const COMPARED = 200;

export interface Repeated {
  /** Prompts with enough samples to tell. */
  readonly prompts: number;
  /** Those with one text to all of them. */
  readonly same: number;
  /** Name of a question that has one. */
  readonly example?: string;
}

interface Seen {
  readonly question: string;
  readonly beginning: string;
  readonly length: number;
  count: number;
  isSame: boolean;
}

export class SameAnswers {
  readonly #prompts = new Map<string, Seen>();

  /** @param row.id `set/question/prompt/sample` */
  hear(row: {
    readonly id?: string;
    readonly question?: string;
    readonly temperature?: number;
    readonly answer?: string;
    readonly outcome?: unknown;
  }): void {
    const { id = "", question = "", temperature = 0, answer = "", outcome } = row;
    if (temperature === 0 || outcome !== undefined || answer.length < SHORT) return;
    const prompt = id.slice(0, Math.max(0, id.lastIndexOf("/")));
    const [beginning, { length }] = [answer.slice(0, COMPARED), answer];
    const seen = this.#prompts.get(prompt);
    if (seen === undefined) {
      this.#prompts.set(prompt, { question, beginning, length, count: 1, isSame: true });
      return;
    }
    seen.count++;
    seen.isSame &&= seen.length === length && seen.beginning === beginning;
  }

  get found(): Repeated {
    const told = [...this.#prompts.values()].filter(({ count }) => count >= LEAST_SAMPLES);
    const same = told.filter(({ isSame }) => isSame);
    const [first] = same;
    return { prompts: told.length, same: same.length, ...(first && { example: first.question }) };
  }
}
