/** Says that answers are one and the same text: to every question, or to all samples of a prompt. */
import type { Repeated } from "../../evaluation/index.js";
import { counted, printable } from "../../text/index.js";

/** @param cure follows what is said of prompts whose samples are all the same */
export function sameNotes({ prompts, same, example, everywhere }: Repeated, cure: readonly string[]): string[] {
  if (everywhere !== undefined) {
    const { text, answers, questions } = everywhere;
    return [
      `All ${counted(answers, "answer")} to ${counted(questions, "question")} are one and the same text: ${printable(JSON.stringify(text))}`,
      "A model that says the same whatever it is asked measures nothing. Look at its name, its server and its chat",
      "template before you believe any rate of these answers.",
    ];
  }
  if (same === 0) return [];
  const which = `${same} of ${counted(prompts, "prompt")}${example === undefined ? "" : ` (${printable(example)}, say)`}`;
  return [`${which} got one and the same text to all of their samples, ${cure[0]}`, ...cure.slice(1)];
}
