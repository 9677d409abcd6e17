/**
 * A linear probe: how well the activations themselves tell who gives an answer. What a latent reaches means little
 * without it, since not everything that an answer is told by stands in the answer.
 */
import { discriminant } from "../../statistics/index.js";
import { answersOf, type EncodedDocument } from "./activations.js";
import { chooses, isTrue, TRUTHS, toldBy, type KnownAnswer, type Told } from "./truths.js";

/** A discriminant takes the square of this for every answer. */
const MOST_WIDTH = 1024;
/** Rows of a group that a discriminant needs. */
const FEWEST = 2;

export class AnswerProbe {
  readonly #answers: KnownAnswer[] = [];
  /** Means over each answer's tokens, [W] each. */
  readonly #means: number[][] = [];
  #documents = 0;

  constructor(readonly width: number) {}

  /** `x` [tokens, W] of one document. */
  add(encoded: EncodedDocument, x: Float32Array): void {
    const { width } = this;
    for (const { turn, from, to } of answersOf(encoded)) {
      const mean = Array.from({ length: width }, () => 0);
      for (let i = from * width; i < to * width; i++) {
        mean[i % width] = (mean[i % width] as number) + (x[i] as number) / (to - from);
      }
      this.#answers.push({ character: turn.character, domain: turn.domain, document: this.#documents });
      this.#means.push(mean);
    }
    this.#documents++;
  }

  /**
   * For each of {@link TRUTHS} how well Fisher's discriminant of an answer's mean activation tells it: fitted on the
   * even documents, measured on the odd ones. Null of domains, which any word of an answer gives away; where a side has
   * too few answers; and of residual streams wider than 1,024.
   */
  told(): (Told | null)[] {
    return TRUTHS.map((truth) => {
      if (truth.kind !== "character" || this.width > MOST_WIDTH) return null;
      const rows = (wanted: boolean): number[][] =>
        this.#means.filter((_, i) => {
          const answer = this.#answers[i] as KnownAnswer;
          return chooses(answer) && isTrue(truth, answer) === wanted;
        });
      const [positives, negatives] = [rows(true), rows(false)];
      if (positives.length < FEWEST || negatives.length < FEWEST) return null;
      const { weights } = discriminant(positives, negatives);
      const scores = this.#means.map((mean) => mean.reduce((sum, x, i) => sum + x * (weights[i] as number), 0));
      return toldBy(truth, this.#answers, scores);
    });
  }
}
