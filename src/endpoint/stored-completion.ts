/** A chat completion that was kept: what it says, as if a server had just sent it. */
import { chatAnswer, type ChatAnswer } from "./chat.js";
import { completionSchema } from "./completion.js";
import { isModerated } from "./moderation.js";
import { errorOf } from "./said.js";

const FROM = { url: "", key: undefined, keySources: [], mostBytes: Infinity } as const;

/** The answer of every choice; undefined for what is no chat completion. */
export function answersOfCompletion(body: unknown): ChatAnswer[] | undefined {
  const read = completionSchema.safeParse(body);
  if (!read.success) return undefined;
  const completion = read.data;
  return completion.choices.map((choice) =>
    chatAnswer({ ...completion, choices: [choice] }, { model: "", messages: [] }, FROM),
  );
}

/** Whether an error that was kept says that the prompt was moderated. */
export const saysModerated = (status: number, body: unknown): boolean =>
  isModerated(status, errorOf(JSON.stringify(body ?? null)));
