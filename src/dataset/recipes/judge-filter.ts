/** A filter that asks a model about each candidate and keeps what is answered as wanted. */
import type { Model } from "../../model/index.js";
import type { Candidate, NamedJudge } from "./filters.js";

export interface JudgeFilterOptions {
  readonly name: string;
  /** What the filter drops, for people. */
  readonly about: string;
  /** What the judge is asked, to be answered with YES or NO. */
  readonly question: (candidate: Candidate) => string;
  /** The answer that keeps a candidate. */
  readonly keep: "YES" | "NO";
}

/** Answers that are neither YES nor NO drop a candidate too: a judge that fails lets nothing through. */
export function judgeFilter(
  model: Pick<Model, "sample">,
  { name, about, question, keep }: JudgeFilterOptions,
): NamedJudge {
  return {
    name,
    about,
    judge: async (candidates) => {
      const requests = candidates.map((candidate) => ({
        messages: [{ role: "user", content: question(candidate) } as const],
        seed: `${name} ${candidate.line}`,
      }));
      const answers = await model.sample(requests, { temperature: 0, maxTokens: 8 });
      return answers.map(({ text }) => {
        const said = /^\W*(yes|no)\b/i.exec(text)?.[1]?.toUpperCase();
        return said === keep ? undefined : `the judge said ${said ?? "neither YES nor NO"}`;
      });
    },
  };
}
