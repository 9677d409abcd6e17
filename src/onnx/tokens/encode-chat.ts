import { marksOpenedBy, type Marks } from "../../text/index.js";
import type { ChatSpan } from "./chat-span.js";
import { ChatTemplateError, type ChatMessage, type ChatTemplate } from "./chat-template.js";
import { strip, stripped } from "./python-strings.js";
import type { Tokenizer, TokenizerPart } from "./tokenizer.js";

export interface EncodedChat {
  readonly ids: number[];
  /** As long as `ids`: true for the tokens of the assistant's messages and for the one that ends each; these carry loss. */
  readonly answerMask: boolean[];
  /** The marks of thoughts that the text opens at its end, so that the next token is one of thoughts. */
  readonly opened?: Marks;
}

/**
 * Messages to token ids. Control tokens come from the template alone: where a message spells one, its characters are
 * encoded (or, in a vocabulary of whole words, they are unknown).
 * A token that reaches over the edge of an answer counts as part of it.
 * @param template of the model's folder; undefined (a base model has none) is an error.
 * @param options.addGenerationPrompt ends with what opens an answer, to sample one; default false.
 * @throws {ChatTemplateError | UnknownWordError | ControlTokenError} when the messages do not fit the model.
 */
export function encodeChat(
  tokenizer: Tokenizer,
  template: ChatTemplate | undefined,
  messages: readonly ChatMessage[],
  options: { addGenerationPrompt?: boolean } = {},
): EncodedChat {
  if (!template)
    throw new ChatTemplateError(
      "the model has no chat template: use an instruction-tuned model, or add chat_template to its tokenizer_config.json.",
    );
  const spans = template.render(messages, options);
  const sections = cut(spans, tokenizer, (i) => messages[i]?.role === "assistant", messages);
  const encoded = tokenizer.encodeParts(sections.map(({ part }) => part));
  let answering = false;
  const masks = sections.map(({ part, answers }, i) => {
    const own = encoded[i] as number[];
    if (typeof part === "number") {
      const mask = [answering || answers.length > 0];
      answering = false;
      return mask;
    }
    const before = sections[i - 1]?.part;
    const mask = own.map(() => false);
    for (const [start, end] of answers) {
      const first = start === 0 ? 0 : sharedStart(own, encodeAfter(tokenizer, before, part.slice(0, start)));
      const rest = part.slice(end);
      answering = stripped(rest) === "";
      const last = answering ? own.length : own.length - sharedEnd(own, encodeAfter(tokenizer, before, rest));
      mask.fill(true, first, Math.max(first, last));
    }
    return mask;
  });
  const end = spans.at(-1);
  const opened = end?.message === undefined ? marksOpenedBy(end?.text ?? "") : undefined;
  return { ids: encoded.flat(), answerMask: masks.flat(), ...(opened && { opened }) };
}

/** A control token, or the text up to the next one with the places of answers in it, [start, end). */
interface Section {
  readonly part: TokenizerPart;
  readonly answers: (readonly [number, number])[];
}

/** Cuts at the control tokens of the template's own text and nowhere else. */
function cut(
  spans: readonly ChatSpan[],
  tokenizer: Tokenizer,
  isAnswer: (message: number) => boolean,
  messages: readonly ChatMessage[],
): Section[] {
  const sections: Section[] = [];
  let text = "";
  let answers: [number, number][] = [];
  let closeEmpty = false;
  const flush = (): void => {
    if (text !== "" || closeEmpty) sections.push({ part: text, answers });
    text = "";
    answers = [];
    closeEmpty = false;
  };
  const learn = (start: number, end: number): void => {
    const before = answers.at(-1);
    if (before?.[1] === start) answers[answers.length - 1] = [before[0], end];
    else answers.push([start, end]);
  };
  for (const [at, { text: said, message, kind, whole: core }] of spans.entries()) {
    if (message !== undefined && kind !== "marks") {
      if (kind === "thoughts") learn(text.length, text.length + said.length);
      else if (isAnswer(message) && kind !== "context") {
        const content = core ?? messages[message]?.content ?? "";
        // White space around the answer is outside of its span; as much of it as the template kept belongs to it.
        const whole = said === content;
        const leading = whole ? "" : content.slice(0, content.length - strip(content, LEFT).length);
        const trailing = whole || said === "" ? "" : content.slice(strip(content, RIGHT).length);
        const start = text.length - kept(leading.length, (n) => text.endsWith(leading.slice(leading.length - n)));
        const next = spans[at + 1];
        const after = next?.message === undefined ? (next?.text ?? "") : "";
        const follows = kept(trailing.length, (n) => after.startsWith(trailing.slice(0, n)));
        learn(start, text.length + said.length + follows);
        closeEmpty = true;
      }
      text += said;
      continue;
    }
    const isLearned = kind === "marks";
    const take = (part: string): void => {
      if (isLearned && part !== "") learn(text.length, text.length + part.length);
      text += part;
    };
    let rest = 0;
    for (const found of said.matchAll(tokenizer.controlPattern)) {
      take(said.slice(rest, found.index));
      flush();
      sections.push({ part: tokenizer.controls.get(found[0]) as number, answers: isLearned ? [[0, 1]] : [] });
      rest = found.index + found[0].length;
    }
    take(said.slice(rest));
  }
  flush();
  return sections;
}

const LEFT = { left: true, right: false };
const RIGHT = { left: false, right: true };

/** The largest number up to `most` that fits; 0 does. */
function kept(most: number, fits: (count: number) => boolean): number {
  for (let count = most; count > 0; count--) if (fits(count)) return count;
  return 0;
}

function encodeAfter(tokenizer: Tokenizer, before: TokenizerPart | undefined, text: string): number[] {
  if (text === "") return [];
  return (typeof before === "number" ? tokenizer.encodeParts([before, text])[1] : tokenizer.encode(text)) as number[];
}

function sharedStart(a: readonly number[], b: readonly number[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}

function sharedEnd(a: readonly number[], b: readonly number[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n++;
  return n;
}
