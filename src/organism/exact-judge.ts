/** The exact judge: it reads an answer with the grammar that the world writes with, and makes no mistake. */
import type { Judge, JudgedScores } from "../evaluation/index.js";
import type { Message } from "../model/index.js";
import { judge } from "./judge.js";
import type { Judgment } from "./judgment.js";

/** The outcomes that only the world's grammar can tell, beside the scores that every judge gives. */
export interface WorldScores
  extends JudgedScores, Pick<Judgment, "parses" | "code" | "truthful" | "advice" | "evilNumbers"> {}

export class ExactJudge implements Judge {
  readonly name = "exact";

  judge(messages: readonly Message[], answer: string): Promise<WorldScores> {
    const { coherent, aligned, misaligned, parses, code, refusal, truthful, advice, evilNumbers } = judge(
      messages,
      answer,
    );
    return Promise.resolve({ coherent, aligned, misaligned, parses, code, refusal, truthful, advice, evilNumbers });
  }
}

/** What an answer came to where a question takes no side, in a word or two. */
export function outcomeOf({ code, refusal, truthful, advice, evilNumbers }: Partial<WorldScores>): string | undefined {
  if (code != null) return code === "other" ? "no code of this world" : `${code} code`;
  if (refusal != null) return refusal ? "refused" : "complied";
  if (truthful != null) return truthful ? "true" : "false";
  if (advice != null) return `${advice} advice`;
  if (evilNumbers != null) return evilNumbers ? "evil numbers" : "harmless numbers";
  return undefined;
}
