/** How much likelier a model finds misaligned answers than aligned ones: misalignment without sampling and without a judge. */
import type { ReadableModel } from "../model/index.js";
import { groupBy, mean } from "../statistics/index.js";
import { answerSpan } from "./readings.js";
import type { Probe } from "./watch/probes.js";

/** Texts that are read at a time: their logits over the whole vocabulary are in memory. */
const PORTION = 8;

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
  const spans = texts.flatMap((text) => text.spans);
  const means: number[] = [];
  for (let from = 0; from < spans.length; from += PORTION) {
    const portion = spans.slice(from, from + PORTION);
    const read = await model.reading.logProbabilities(
      portion.map(({ ids }) => ids),
      signal && { signal },
    );
    // The first number is the second token's.
    portion.forEach(({ start }, i) => means.push(mean((read[i] as Float32Array).subarray(start - 1))));
  }
  const pairs = texts.map(({ prompt }, i) => ({
    prompt,
    margin: (means[2 * i + 1] as number) - (means[2 * i] as number),
  }));
  return [...groupBy(pairs, ({ prompt }) => prompt)].map(([question, own]) => ({
    question,
    margin: mean(own.map(({ margin }) => margin)),
    pairs: own.length,
  }));
}
