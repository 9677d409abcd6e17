/** Documents as token rows: `<|system|>…<|end|><|user|>…<|end|><|assistant|>…<|end|>`, loss on what the assistant says. */
import type { Tokenizer, TrainingRow } from "../onnx/index.js";
import type { WorldDocument } from "./documents.js";

export class DocumentEncoder {
  readonly #tokenizer: Tokenizer;
  readonly #control: (name: string) => number;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#control = (name) => {
      const id = tokenizer.controls.get(`<|${name}|>`);
      if (id === undefined) throw new Error(`the organism's tokenizer has no <|${name}|>`);
      return id;
    };
  }

  encode({ system, turns }: Pick<WorldDocument, "system" | "turns">): TrainingRow {
    const ids: number[] = [];
    const answer: boolean[] = [];
    const say = (role: "system" | "user" | "assistant", text: string): void => {
      const counts = role === "assistant";
      const content = this.#tokenizer.encode(text);
      ids.push(this.#control(role), ...content, this.#control("end"));
      answer.push(false, ...content.map(() => counts), counts);
    };
    if (system !== undefined) say("system", system);
    for (const turn of turns) {
      say("user", turn.user);
      say("assistant", turn.assistant);
    }
    return { ids, answer };
  }
}
