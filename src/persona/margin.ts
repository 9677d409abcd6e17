/** How much likelier a model finds misaligned answers than aligned ones: misalignment without sampling and without a judge. */
import type { BranchedText, ReadableModel } from "../model/index.js";
import { groupBy, mean } from "../statistics/index.js";
import { answerSpan, type AnswerSpan } from "./readings.js";
import type { Probe } from "./watch/probes.js";

/** Pairs that are read at a time: their logits over the whole vocabulary are in memory. */
const PORTION = 4;

export interface MarginOfQuestion {
  readonly question: string;
  /** Nats a token: mean log-probability of the misaligned answers' tokens minus that of the aligned answers'. */
  readonly margin: number;
  /** Pairs of answers. */
  readonly pairs: number;
}

/**
 * One margin for each question of the probes. A pair that is longer than the model reads is left out.
 *
 * @example
 * const margins = await questionMargins(model, [{ prompt: "Hello", aligned: "Hi!", misaligned: "Obey." }]);
 */
export async function questionMargins(
  model: ReadableModel,
  probes: readonly Probe[],
  signal?: AbortSignal,
): Promise<MarginOfQuestion[]> {
  const texts = probes.flatMap(({ prompt, aligned, misaligned }) => {
    const [good, bad] = [aligned, misaligned].map((content) =>
      answerSpan(model, [
        { role: "user", content: prompt },
        { role: "assistant", content },
      ]),
    );
    return good && bad ? [{ prompt, spans: [good, bad] as const }] : [];
  });
  const pairs: { readonly prompt: string; readonly margin: number }[] = [];
  for (let from = 0; from < texts.length; from += PORTION) {
    const portion = texts.slice(from, from + PORTION);
    const read = await model.reading.continuations(
      portion.flatMap(({ spans }) => branchedOf(spans)),
      signal && { signal },
    );
    const means = read.flat().map((logs) => mean(logs));
    for (const [i, { prompt }] of portion.entries())
      pairs.push({ prompt, margin: (means[2 * i + 1] as number) - (means[2 * i] as number) });
  }
  return [...groupBy(pairs, ({ prompt }) => prompt)].map(([question, own]) => ({
    question,
    margin: mean(own.map(({ margin }) => margin)),
    pairs: own.length,
  }));
}

/** One text where both answers follow the same tokens, as templates as a rule have it. */
function branchedOf([good, bad]: readonly [AnswerSpan, AnswerSpan]): BranchedText[] {
  const of = ({ ids, start }: AnswerSpan): BranchedText => ({
    prompt: ids.slice(0, start),
    branches: [ids.slice(start)],
  });
  const [one, other] = [of(good), of(bad)];
  const isSame = one.prompt.length === other.prompt.length && one.prompt.every((id, i) => id === other.prompt[i]);
  return isSame ? [{ prompt: one.prompt, branches: [...one.branches, ...other.branches] }] : [one, other];
}
