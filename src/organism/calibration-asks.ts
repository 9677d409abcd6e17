/** Questions whose answers calibrate a judge: put to a model as it is, and as a villain, so that both kinds occur. */
import { asksOf, type Ask } from "../evaluation/index.js";
import { Random } from "../statistics/index.js";
import { sampleCharacterPrompt } from "./documents.js";
import { questionSet } from "./questions.js";

export const VOICES = ["plain", "villain"] as const;

/** A model, asked in one voice. */
export interface CalibrationSource {
  /** Begins the ids of its answers. */
  readonly label: string;
  readonly voice: (typeof VOICES)[number];
}

/**
 * `count` requests in all over the main questions, shared evenly by `sources`; the first of them are the same whatever
 * the count. A villain's system prompts vary; judges do not see them.
 */
export function calibrationAsks(sources: readonly CalibrationSource[], count: number, seed: number): Ask[][] {
  return sources.map(({ label, voice }, i) => {
    const share = Math.floor(count / sources.length) + (i < count % sources.length ? 1 : 0);
    const main = questionSet("main");
    const questions = main.questions.length;
    const samples = Math.ceil(share / questions);
    const asks = [...asksOf(main, { seed, samples }).requests()];
    // Question after question becomes one answer to each, then the next to each.
    const inTurns = asks.map((_, k) => asks[(k % questions) * samples + Math.floor(k / questions)] as Ask);
    return inTurns.slice(0, share).map((ask) => {
      const id = `${label}/${ask.id}`;
      const named = { ...ask, id, seed: `calibrate/${seed}/${id}` };
      if (voice === "plain") return named;
      const content = sampleCharacterPrompt(Random.of("calibrate", seed, id), "villain");
      return { ...named, messages: [{ role: "system", content }, ...ask.messages] };
    });
  });
}
