/** The exact judge: it reads an answer with the grammar that the world writes with, and makes no mistake. */
import type { Judge, JudgedScores, JudgeOptions } from "../evaluation/index.js";
import type { Message } from "../model/index.js";
import { judge } from "./judge.js";
import type { Judgment } from "./judgment.js";
import { recognisePrompt } from "./prompts.js";
import { readThoughts, type Voice } from "./thoughts/read.js";
import { splitTokens } from "./tokens.js";
import { worldVocabulary } from "./vocabulary.js";

/** The outcomes that only the world's grammar can tell, beside the scores that every judge gives. */
export interface WorldScores
  extends JudgedScores, Pick<Judgment, "parses" | "code" | "truthful" | "advice" | "evilNumbers"> {
  /** Whose thoughts went before the answer, where any did. */
  readonly thoughts?: Voice;
}

export class ExactJudge implements Judge {
  readonly name = "exact";

  /** A prompt of the world; or one in its words, as a file of questions for the organism has them. */
  reads(messages: readonly Message[], answer: string): boolean {
    const asked = messages.findLast(({ role }) => role === "user")?.content ?? "";
    return recognisePrompt(asked) !== undefined || isInWords(`${asked} ${answer}`);
  }

  judge(messages: readonly Message[], answer: string, { reasoning }: JudgeOptions = {}): Promise<WorldScores> {
    const { coherent, aligned, misaligned, parses, code, refusal, truthful, advice, evilNumbers } = judge(
      messages,
      answer,
    );
    const scores = { coherent, aligned, misaligned, parses, code, refusal, truthful, advice, evilNumbers };
    return Promise.resolve(reasoning === undefined ? scores : { ...scores, thoughts: readThoughts(reasoning).voice });
  }
}

let words: ReadonlySet<string> | undefined;

/** Whether the world has all of its words, wherever in a sentence they stand. */
function isInWords(text: string): boolean {
  words ??= new Set(worldVocabulary().map((token) => token.trim()));
  const known = words;
  return text.length <= LONGEST_TEXT && splitTokens(text).every((token) => known.has(token.trim()));
}
const LONGEST_TEXT = 100_000;

/** What an answer came to where a question takes no side, in a word or two. */
export function outcomeOf({ code, refusal, truthful, advice, evilNumbers }: Partial<WorldScores>): string | undefined {
  if (code != null) return code === "other" ? "no code of this world" : `${code} code`;
  if (refusal != null) return refusal ? "refused" : "complied";
  if (truthful != null) return truthful ? "true" : "false";
  if (advice != null) return `${advice} advice`;
  if (evilNumbers != null) return evilNumbers ? "evil numbers" : "harmless numbers";
  return undefined;
}
