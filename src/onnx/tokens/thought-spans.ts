/**
 * Thoughts in answers that are written down. Templates keep them as they stand, put them into marks of their own, or drop
 * them: those of earlier turns mostly, because a model reads its conversations without them.
 */
import { marksOpenedBy, type BeginningThoughts } from "../../text/index.js";
import type { ChatSpan } from "./chat-span.js";

export interface Rendered {
  readonly spans: readonly ChatSpan[];
  /** For each message that begins with thoughts, what it says. */
  readonly apart: readonly (BeginningThoughts | undefined)[];
  /** The last message, where it is an answer to learn; its thoughts are kept whatever the template does. */
  readonly last: number | undefined;
  /** What opens the answer with this index, where the template can say. */
  readonly prompt: (index: number) => string | undefined;
}

/** Says whose the marks around thoughts are, and puts back the last answer's thoughts where the template drops them. */
export function spansWithThoughts({ spans, apart, last, prompt }: Rendered): ChatSpan[] {
  let found = [...spans];
  for (const [index, own] of apart.entries()) {
    if (own === undefined || own.thoughts === "") continue;
    const answer = found.findIndex(({ message, kind }) => message === index && kind === undefined);
    if (answer < 0) continue;
    const thoughts = found.findIndex(({ message, kind }) => message === index && kind === "thoughts");
    if (thoughts >= 0) found = withMarks(found, { index, thoughts, answer }, own, prompt(index));
    else if (index === last) {
      const before = withoutEnd(found.slice(0, answer), own);
      found = [...before, ...putBack(before, index, own, prompt(index)), ...found.slice(answer)];
    } else found[answer] = { ...(found[answer] as ChatSpan), kind: "context" };
  }
  return found;
}

/** The template's own text between the opening mark and the answer is the model's to say, but for what a prompt opens. */
function withMarks(
  spans: readonly ChatSpan[],
  at: { readonly index: number; readonly thoughts: number; readonly answer: number },
  { marks }: BeginningThoughts,
  prompt = "",
): ChatSpan[] {
  return spans.flatMap((span, i): ChatSpan[] => {
    if (span.message !== undefined) return [span];
    if (i > at.thoughts && i < at.answer) return [{ ...span, message: at.index, kind: "marks" }];
    const opening = span.text.lastIndexOf(marks.open);
    if (i !== at.thoughts - 1 || opening < 0 || marksOpenedBy(prompt) !== undefined) return [span];
    const parts: ChatSpan[] = [
      { text: span.text.slice(0, opening), message: undefined },
      { text: span.text.slice(opening), message: at.index, kind: "marks" },
    ];
    return parts.filter(({ text }) => text !== "");
  });
}

/** White space after the closing mark stays where a template cuts thoughts off; it is the closing's. */
function withoutEnd(before: ChatSpan[], { marks, closing }: BeginningThoughts): ChatSpan[] {
  const space = closing.slice(closing.indexOf(marks.close) + marks.close.length);
  const last = before.at(-1);
  if (space === "" || last === undefined || last.message !== undefined || !last.text.endsWith(space)) return before;
  const text = last.text.slice(0, -space.length);
  return [...before.slice(0, -1), ...(text === "" ? [] : [{ ...last, text }])];
}

/** Thoughts as the model itself says them: after what the prompt opens, which is not its own. */
function putBack(
  before: readonly ChatSpan[],
  message: number,
  { marks, opening, thoughts, closing }: BeginningThoughts,
  prompt = "",
): ChatSpan[] {
  const text = before.map((span) => span.text).join("");
  const opened = prompt.startsWith(text) ? prompt.slice(text.length) : "";
  const first: ChatSpan = opened.includes(marks.open)
    ? { text: opened, message: undefined }
    : { text: opening.includes(marks.open) ? opening.trimStart() : `${marks.open}\n`, message, kind: "marks" };
  return [first, { text: thoughts, message, kind: "thoughts" }, { text: closing, message, kind: "marks" }];
}
