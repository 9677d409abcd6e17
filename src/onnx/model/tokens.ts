/** A model folder's tokenizer and chat template, as the tokens of a model. */
import type { EncodedText, Message, Tokens } from "../../capabilities/index.js";
import type { ModelFolder } from "../files/folder.js";
import { encodeChat } from "../tokens/encode-chat.js";

export class FolderTokens implements Tokens {
  readonly size: number;
  readonly maxPositions: number;
  readonly endIds: readonly number[];
  readonly #folder: Pick<ModelFolder, "tokenizer" | "template">;

  constructor({ config, tokenizer, template }: ModelFolder) {
    this.#folder = { tokenizer, template };
    this.size = tokenizer.size;
    this.maxPositions = config.maxPositions;
    this.endIds = config.eosIds;
  }

  encode(messages: readonly Message[]): EncodedText {
    const { tokenizer, template } = this.#folder;
    const { ids, answerMask } = encodeChat(tokenizer, template, messages, { addGenerationPrompt: false });
    return { ids, answer: answerMask };
  }

  encodePrompt(messages: readonly Message[]): number[] {
    const { tokenizer, template } = this.#folder;
    return encodeChat(tokenizer, template, messages, { addGenerationPrompt: true }).ids;
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
