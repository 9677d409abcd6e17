/** The texts of named rows, for a user who asked to see them: findings themselves hold none. */
import { readAnyRows } from "../../dataset/index.js";
import { withoutSecrets } from "./secrets.js";

const SHOWN = 600;

/** Reads the file once more. @returns by line, the beginning of the row's last answer, with its secrets masked */
export async function textsOf(file: string, lines: ReadonlySet<number>): Promise<Map<number, string>> {
  const texts = new Map<number, string>();
  for await (const { line, conversation } of readAnyRows(file)) {
    if (texts.size === lines.size) break;
    if (!lines.has(line) || conversation === undefined) continue;
    const answer = withoutSecrets(conversation.messages.at(-1)?.content ?? "");
    texts.set(line, answer.length > SHOWN ? `${answer.slice(0, SHOWN)}…` : answer);
  }
  return texts;
}
