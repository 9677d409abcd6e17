/** A model folder's tokenizer and chat template, as the tokens of a model. */
import type { EncodedText, Message, Tokens } from "../../capabilities/index.js";
import type { Marks } from "../../text/index.js";
import type { TransformerConfig } from "../files/config.js";
import type { ChatTemplate } from "../tokens/chat-template.js";
import { encodeChat } from "../tokens/encode-chat.js";
import { ControlTokenError, type Tokenizer } from "../tokens/tokenizer.js";

interface Parts {
  readonly config: Pick<TransformerConfig, "eosIds" | "maxPositions" | "vocabSize">;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | undefined;
}

export class FolderTokens implements Tokens {
  readonly size: number;
  readonly maxPositions: number;
  readonly endIds: readonly number[];
  readonly #folder: Parts;

  constructor({ config, tokenizer, template }: Parts) {
    this.#folder = { config, tokenizer, template };
    this.size = tokenizer.size;
    this.maxPositions = config.maxPositions;
    this.endIds = config.eosIds;
  }

  encode(messages: readonly Message[]): EncodedText {
    const { tokenizer, template } = this.#folder;
    const { ids, answerMask } = encodeChat(tokenizer, template, messages, { addGenerationPrompt: false });
    return { ids: this.#known(ids), answer: answerMask };
  }

  encodePrompt(messages: readonly Message[]): number[] {
    return this.opening(messages).ids;
  }

  /** The same, with the marks of thoughts that the prompt opens. */
  opening(messages: readonly Message[]): { readonly ids: number[]; readonly opened: Marks | undefined } {
    const { tokenizer, template } = this.#folder;
    const { ids, opened } = encodeChat(tokenizer, template, messages, { addGenerationPrompt: true });
    return { ids: this.#known(ids), opened };
  }

  /** Some tokenizers have control tokens (of images) that their text models have no row for. */
  #known(ids: number[]): number[] {
    const { config, tokenizer } = this.#folder;
    const beyond = tokenizer.size > config.vocabSize ? ids.find((id) => id >= config.vocabSize) : undefined;
    if (beyond === undefined) return ids;
    const token = JSON.stringify(tokenizer.tokenOf(beyond));
    throw new ControlTokenError(
      `The chat template says ${token}, token ${beyond}, and the model knows only ${config.vocabSize} (vocab_size of ` +
        "config.json). Use messages without it.",
    );
  }

  encodeText(text: string): number[] {
    return this.#folder.tokenizer.encode(text);
  }

  decode(ids: readonly number[]): string {
    return this.#folder.tokenizer.decode(ids);
  }

  tokenOf(id: number): string | undefined {
    return this.#folder.tokenizer.tokenOf(id);
  }

  unknownWords(text: string): ReturnType<Tokens["unknownWords"]> {
    return this.#folder.tokenizer.unknownWords(text);
  }
}
