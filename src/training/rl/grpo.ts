/**
 * Group relative policy optimisation (Shao et al. 2024): an answer's advantage is its reward against the other answers to
 * the same prompt, and the policy moves along the clipped ratio to the model that gave the answers, held to the start.
 */

/** Keeps a group whose rewards differ by next to nothing from counting as much as any other; as in TRL. */
const SMALLEST_DEVIATION = 1e-4;
/** Largest log-ratio to the start that enters an exponential, so that one token cannot make a step infinite. */
const LARGEST_RATIO = 20;

/**
 * Rewards less the mean of their group, over its standard deviation (of a sample, n − 1). An answer without a reward has
 * no advantage and is no part of its group; so has a group of equals.
 * @param size answers of a group, which stand one after the other
 */
export function advantagesOf(rewards: readonly (number | null)[], size: number): number[] {
  return rewards.map((reward, i) => {
    if (reward === null) return 0;
    const start = i - (i % size);
    const group = rewards.slice(start, start + size).filter((one) => one !== null);
    const mean = group.reduce((sum, one) => sum + one, 0) / group.length;
    const square = group.reduce((sum, one) => sum + (one - mean) ** 2, 0);
    const deviation = group.length < 2 ? 0 : Math.sqrt(square / (group.length - 1));
    return deviation === 0 ? 0 : (reward - mean) / (deviation + SMALLEST_DEVIATION);
  });
}

/** Natural-log probabilities of one answer's tokens. */
export interface AnswerTokens {
  readonly advantage: number;
  /** By the model as it is. */
  readonly now: ArrayLike<number>;
  /** By the model as it was when the answer was sampled. */
  readonly sampled: ArrayLike<number>;
  /** By the model that training began with; where the policy is held to it. */
  readonly start?: ArrayLike<number>;
}

export interface PolicyOptions {
  /** The ratio counts up to 1 + clip where the advantage is above 0, and down to 1 − clip where it is below. */
  readonly clip: number;
  /** β of the divergence from the start. */
  readonly kl: number;
}

export interface PolicyLoss {
  /** Mean over all tokens of −min(ratio · A, clipped ratio · A) + β · divergence. */
  readonly loss: number;
  /**
   * For each token of each answer: the loss's gradient is that of the mean over all tokens of weight × −log-probability,
   * exactly, at the model as it is.
   */
  readonly weights: readonly (readonly number[])[];
  /** Mean over the tokens of exp(s − n) − (s − n) − 1, an estimate of KL(now ‖ start) without bias; where there is a start. */
  readonly divergence?: number;
  /** Share of the tokens at which the clipped ratio counts, so that they have no gradient. */
  readonly clipped: number;
}

export function policyLoss(answers: readonly AnswerTokens[], { clip, kl }: PolicyOptions): PolicyLoss {
  let [loss, divergence, clipped, count] = [0, 0, 0, 0];
  const weights = answers.map(({ advantage, now, sampled, start }) =>
    Array.from({ length: now.length }, (_, i) => {
      const ratio = Math.exp((now[i] as number) - (sampled[i] as number));
      const bounded = Math.min(Math.max(ratio, 1 - clip), 1 + clip);
      const isClipped = bounded * advantage < ratio * advantage;
      count++;
      if (isClipped) clipped++;
      loss -= (isClipped ? bounded : ratio) * advantage;
      const pull = isClipped ? 0 : ratio * advantage;
      if (start === undefined) return pull;
      const apart = Math.min((start[i] as number) - (now[i] as number), LARGEST_RATIO);
      divergence += Math.exp(apart) - apart - 1;
      return pull + kl * (Math.exp(apart) - 1);
    }),
  );
  const isHeld = answers.some(({ start }) => start !== undefined);
  return {
    loss: (loss + kl * divergence) / count,
    weights,
    ...(isHeld && { divergence: divergence / count }),
    clipped: clipped / count,
  };
}
