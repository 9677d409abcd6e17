/** What a model thinks before it answers, set apart from the answer. */

export interface Marks {
  readonly open: string;
  readonly close: string;
  /** A chat template may write the opening mark into the prompt, so that the model says the closing one alone. */
  readonly templatesOpen?: boolean;
  /** Stands between the end of the thoughts and the closing mark, and belongs to neither. */
  readonly before?: string;
}

/** Marks that models, or their chat templates, put around thoughts. */
const MARKS: readonly Marks[] = [
  { open: "<think>", close: "</think>", templatesOpen: true },
  { open: "<thinking>", close: "</thinking>" },
  { open: "<thought>", close: "</thought>" },
  { open: "<reasoning>", close: "</reasoning>" },
  { open: "[THINK]", close: "[/THINK]" },
  { open: "◁think▷", close: "◁/think▷", templatesOpen: true },
  {
    open: "<|channel|>analysis<|message|>",
    close: "<|channel|>final<|message|>",
    before: "<|end|><|start|>assistant",
  },
];

export interface Apart {
  readonly text: string;
  readonly thoughts: string;
}

/**
 * The answer without the thoughts before it; undefined where it has none. Thoughts that never end leave no answer. A
 * closing mark without an opening one belongs to thoughts that the chat template began.
 */
export function withoutThoughts(said: string): Apart | undefined {
  if (!/[<[◁]/.test(said)) return undefined;
  const begin = said.trimStart();
  for (const marks of MARKS) {
    const { open, close, templatesOpen = false } = marks;
    const isOpen = begin.startsWith(open);
    const end = begin.indexOf(close, isOpen ? open.length : 0);
    if (!isOpen && (end < 0 || !templatesOpen)) continue;
    const thoughts = begin.slice(isOpen ? open.length : 0, end < 0 ? undefined : end);
    if (!isOpen && thoughts.includes("```")) continue; // an answer that shows the mark in its code
    const text = end < 0 ? "" : begin.slice(end + close.length).trimStart();
    // Some models think again before they answer.
    const more = text === "" ? undefined : withoutThoughts(text);
    const all = [bare(thoughts, marks), ...(more === undefined ? [] : [more.thoughts])].filter((part) => part !== "");
    return { text: more?.text ?? text, thoughts: all.join("\n\n") };
  }
  return undefined;
}

/** Thoughts without white space around them. */
export const bare = (thoughts: string, { before = "" }: Marks): string =>
  (before !== "" && thoughts.trimEnd().endsWith(before)
    ? thoughts.trimEnd().slice(0, -before.length)
    : thoughts
  ).trim();

/** The marks that a text begins with, white space aside. */
export const marksAt = (text: string): Marks | undefined => MARKS.find(({ open }) => text.trimStart().startsWith(open));

/** Whether more text could make the text begin with an opening mark. */
export const mayOpen = (text: string): boolean =>
  MARKS.some(({ open }) => text.trimStart().length < open.length && open.startsWith(text.trimStart()));

/** The marks of thoughts that a prompt opens and does not close at its very end. */
export const marksOpenedBy = (prompt: string): Marks | undefined =>
  MARKS.find(({ open }) => prompt.trimEnd().endsWith(open));

/** Texts that a tokenizer may have as tokens of their own, and that an answer must keep for its thoughts to be seen. */
export const isThoughtToken = (token: string): boolean => THOUGHT_TOKENS.has(token);
const THOUGHT_TOKENS: ReadonlySet<string> = new Set([
  ...MARKS.flatMap(({ open, close }) => [open, close]),
  "<|channel|>",
  "<|message|>",
  "<|start|>",
]);

/** Thoughts that a text begins with, and what follows, with the white space and marks between them as they stand. */
export interface BeginningThoughts {
  readonly marks: Marks;
  /** The opening mark with the white space around it; it may be left out where a chat template writes it. */
  readonly opening: string;
  readonly thoughts: string;
  /** The closing mark with the white space around it. */
  readonly closing: string;
  readonly answer: string;
}

/** The thoughts at the beginning of an answer that is written down; undefined where it has none that end. */
export function beginningThoughts(content: string): BeginningThoughts | undefined {
  if (!/[<[◁]/.test(content)) return undefined;
  for (const marks of MARKS) {
    const { open, close, templatesOpen = false, before } = marks;
    if (before !== undefined) continue; // its channels are messages of their own
    const lead = content.length - content.trimStart().length;
    const isOpen = content.startsWith(open, lead);
    const end = content.indexOf(close, isOpen ? lead + open.length : 0);
    if (end < 0 || (!isOpen && !templatesOpen)) continue;
    const inner = content.slice(isOpen ? lead + open.length : 0, end);
    if (!isOpen && inner.includes("```")) continue;
    const thoughts = inner.trim();
    const from = thoughts === "" ? inner.length : inner.indexOf(thoughts);
    const rest = content.slice(end + close.length);
    const answer = rest.trimStart();
    return {
      marks,
      opening: `${isOpen ? content.slice(0, lead) + open : ""}${inner.slice(0, from)}`,
      thoughts,
      closing: `${inner.slice(from + thoughts.length)}${close}${rest.slice(0, rest.length - answer.length)}`,
      answer,
    };
  }
  return undefined;
}
