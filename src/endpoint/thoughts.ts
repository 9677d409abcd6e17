/** What a model thinks before it answers, set apart from the answer. */

/** Marks that models, or their chat templates, put around thoughts. */
const MARKS: readonly (readonly [open: string, close: string])[] = [
  ["<think>", "</think>"],
  ["<thinking>", "</thinking>"],
  ["<thought>", "</thought>"],
  ["<reasoning>", "</reasoning>"],
  ["[THINK]", "[/THINK]"],
  ["◁think▷", "◁/think▷"],
  ["<|channel|>analysis<|message|>", "<|channel|>final<|message|>"],
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
  for (const [open, close] of MARKS) {
    const isOpen = begin.startsWith(open);
    const end = begin.indexOf(close, isOpen ? open.length : 0);
    if (!isOpen && (end < 0 || !TEMPLATES_OPEN.has(close))) continue;
    const thoughts = begin.slice(isOpen ? open.length : 0, end < 0 ? undefined : end);
    if (!isOpen && thoughts.includes("```")) continue; // an answer that shows the mark in its code
    const text = end < 0 ? "" : begin.slice(end + close.length).trimStart();
    // Some models think again before they answer.
    const more = text === "" ? undefined : withoutThoughts(text);
    const all = [thoughts.trim(), ...(more === undefined ? [] : [more.thoughts])].filter((part) => part !== "");
    return { text: more?.text ?? text, thoughts: all.join("\n\n") };
  }
  return undefined;
}

/** Marks whose beginning a chat template may have written into the prompt. */
const TEMPLATES_OPEN: ReadonlySet<string> = new Set(["</think>", "◁/think▷"]);
