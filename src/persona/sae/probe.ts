/**
 * A linear probe: how well the activations themselves tell who gives an answer. What a latent reaches means little
 * without it, since not everything that an answer is told by stands in the answer.
 */
import { discriminant } from "../../statistics/index.js";
import { answersOf, type EncodedDocument, type SourceLabel } from "./documents.js";
import { chooses, hasLabel, separabilityOf, type LabelledAnswer, type Separability } from "./labels.js";

/** A discriminant takes the square of this for every answer. */
const MOST_WIDTH = 1024;
/** Rows of a group that a discriminant needs. */
const FEWEST = 2;

export class AnswerProbe {
  readonly #answers: LabelledAnswer[] = [];
  /** Means over each answer's tokens, [W] each. */
  readonly #means: number[][] = [];
  #documents = 0;

  constructor(
    readonly width: number,
    private readonly labels: readonly SourceLabel[],
  ) {}

  /** `x` [tokens, W] of one document. */
  add(encoded: EncodedDocument, x: Float32Array): void {
    const { width } = this;
    for (const { labels, from, to } of answersOf(encoded)) {
      const mean = Array.from({ length: width }, () => 0);
      for (let i = from * width; i < to * width; i++) {
        mean[i % width] = (mean[i % width] as number) + (x[i] as number) / (to - from);
      }
      this.#answers.push({ labels, document: this.#documents });
      this.#means.push(mean);
    }
    this.#documents++;
  }

  /**
   * For each label of the source how well Fisher's discriminant of an answer's mean activation separates it: fitted on the
   * even documents, measured on the odd ones. Null of labels that are not whole documents', which any word of an answer
   * gives away; where a side has too few answers; and of residual streams wider than 1,024.
   */
  separability(): (Separability | null)[] {
    return this.labels.map((label) => {
      if (!label.ofDocument || this.width > MOST_WIDTH) return null;
      const rows = (wanted: boolean): number[][] =>
        this.#means.filter((_, i) => {
          const answer = this.#answers[i] as LabelledAnswer;
          return chooses(answer) && hasLabel(label, answer) === wanted;
        });
      const [positives, negatives] = [rows(true), rows(false)];
      if (positives.length < FEWEST || negatives.length < FEWEST) return null;
      const { weights } = discriminant(positives, negatives);
      const scores = this.#means.map((mean) => mean.reduce((sum, x, i) => sum + x * (weights[i] as number), 0));
      return separabilityOf(label, this.#answers, scores);
    });
  }
}
