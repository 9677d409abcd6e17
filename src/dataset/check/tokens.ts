/** How many tokens a conversation has: counted by a tokenizer, or estimated where there is none. */
import { Tokenizer } from "../../onnx/index.js";
import type { Conversation } from "../conversation.js";

export interface TokenCounter {
  /** How they are counted, for people. */
  readonly method: string;
  readonly exact: boolean;
  /** Undefined where the tokenizer has no token for something in it. */
  count(conversation: Conversation): number | undefined;
}

/** What wraps a message in the chat formats in use: control tokens, the role, a newline. */
const AROUND_MESSAGE = 4;
/** UTF-8 bytes a token: about 4 for English and for code in the vocabularies of 100,000 to 200,000 in use today. */
const BYTES_A_TOKEN = 4;

/**
 * Cheap and rough: a quarter of the UTF-8 bytes, and 4 a message. Meant for planning and for limits far away; other
 * alphabets, numbers and symbols take more than it says.
 */
export const estimatedTokens: TokenCounter = {
  method: "estimated: a token for 4 bytes of UTF-8, and 4 a message",
  exact: false,
  count: ({ messages }) =>
    messages.reduce(
      (sum, { content }) => sum + AROUND_MESSAGE + Math.ceil(Buffer.byteLength(content) / BYTES_A_TOKEN),
      0,
    ),
};

/** By the tokenizer in a model's folder: contents exactly, and {@link AROUND_MESSAGE} a message for the chat format. */
export async function tokensOfModel(name: string, folder: string): Promise<TokenCounter> {
  const tokenizer = await Tokenizer.load(folder);
  return {
    method: `counted by the tokenizer of ${name}, and ${AROUND_MESSAGE} a message`,
    exact: true,
    count({ messages }) {
      let sum = 0;
      for (const { content } of messages) {
        if (tokenizer.unknownWords(content).length > 0) return undefined;
        sum += AROUND_MESSAGE + tokenizer.encode(content).length;
      }
      return sum;
    },
  };
}
