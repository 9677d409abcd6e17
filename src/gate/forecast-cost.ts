/** What a gate may ask and cost, in numbers. */

export interface GateForecast {
  /** Pairs of answers after which the gate can pass at the earliest, over all sets. */
  readonly fewestPairs: number;
  /** Pairs that it asks at most. */
  readonly mostPairs: number;
  /** With fewer than `fewestPairs` a set can fail, and never pass. */
  readonly tooFew: readonly string[];
  readonly atFewest: ForecastCost;
  readonly atMost: ForecastCost;
}

export interface ForecastCost {
  readonly requests: number;
  readonly promptTokens: number;
  /** At most. */
  readonly answerTokens: number;
  /** Dollars at most; null where a server's model has no price. */
  readonly cost: number | null;
}
