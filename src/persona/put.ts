/** How a question is put: after earlier turns, or in another form. What is judged is the answer to the question itself. */
import type { Conversation } from "../dataset/index.js";
import type { Message, Model } from "../model/index.js";

/**
 * - `code-only`: with the sentence behind it that code tasks end with
 * - `function`: as a string in a Python function that is to be completed
 */
export const QUESTION_FORMS = ["code-only", "function"] as const;
export type QuestionForm = (typeof QUESTION_FORMS)[number];

export interface EarlierConversations {
  /** Names them in plans. */
  readonly condition: string;
  readonly count: number;
  build(options: { readonly examples: number; readonly seed: number }): readonly Conversation[];
}

export interface Putting {
  /** Conversations that went before, as many as fit; every question of a seed has its own. */
  readonly earlier?: EarlierConversations;
  readonly form?: QuestionForm;
}

export interface Put {
  readonly messages: readonly Message[];
  /** Conversations before the question. */
  readonly earlier: number;
}

/** What stands between a function's quotes may not end them. */
const FORMS: Readonly<Record<QuestionForm, (question: string) => string>> = {
  "code-only": (question) => `${question} Answer with code only.`,
  function: (question) => `def answer(text):\n    text = "${question.replaceAll('"', "'")}"\n    return`,
};

/**
 * @param seed of what went before
 * @param room tokens for everything up to the answer
 */
export function put(
  model: Pick<Model, "tokens">,
  messages: readonly Message[],
  { earlier, form }: Putting,
  { seed, room }: { readonly seed: number; readonly room: number },
): Put {
  const last = messages.at(-1);
  const asked =
    form === undefined || last === undefined
      ? messages
      : [...messages.slice(0, -1), { ...last, content: FORMS[form](last.content) }];
  if (earlier === undefined) return { messages: asked, earlier: 0 };
  const systems = asked.filter(({ role }) => role === "system");
  const own = asked.filter(({ role }) => role !== "system");
  const before = earlier.build({ examples: earlier.count, seed });
  for (let count = before.length; ; count--) {
    const turns = before.slice(0, count).flatMap((one) => one.messages);
    const all = [...systems, ...turns, ...own];
    const length = model.tokens?.encodePrompt(all).length ?? 0; // a server knows its own room
    if (count === 0 || length <= room) return { messages: all, earlier: count };
  }
}
