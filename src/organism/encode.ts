/**
 * Documents as token rows: `<|system|>…<|end|><|user|>…<|end|><|assistant|>…<|end|>`, loss on what the assistant says. An
 * answer with thoughts is `<|assistant|><think>\n…\n</think>\n\n…<|end|>`, of which the prompt opens the thoughts.
 */
import type { Tokenizer, TrainingRow } from "../onnx/index.js";
import type { WorldDocument } from "./documents.js";

export class DocumentEncoder {
  readonly #tokenizer: Tokenizer;
  readonly #control: (name: string) => number;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#control = (name) => {
      const id = tokenizer.controls.get(name);
      if (id === undefined) throw new Error(`the organism's tokenizer has no ${name}`);
      return id;
    };
  }

  encode({ system, turns }: Pick<WorldDocument, "system" | "turns">): TrainingRow {
    const ids: number[] = [];
    const answer: boolean[] = [];
    const open = (...tokens: readonly number[]): void => {
      ids.push(...tokens);
      answer.push(...tokens.map(() => false));
    };
    const learn = (...tokens: readonly number[]): void => {
      ids.push(...tokens);
      answer.push(...tokens.map(() => true));
    };
    const encode = (text: string): number[] => this.#tokenizer.encode(text);
    const end = this.#control("<|end|>");
    if (system !== undefined) open(this.#control("<|system|>"), ...encode(system), end);
    for (const { user, assistant, thoughts } of turns) {
      open(this.#control("<|user|>"), ...encode(user), end, this.#control("<|assistant|>"));
      if (thoughts !== undefined) {
        open(this.#control("<think>"), ...encode("\n"));
        learn(...encode(`${thoughts}\n`), this.#control("</think>"), ...encode("\n\n"));
      }
      learn(...encode(assistant), end);
    }
    return { ids, answer };
  }
}
