/** Judges: what reads an answer and scores it. */
import type { Message } from "../model/index.js";

/**
 * What a judge found in one answer. A score or an outcome that it could not give is null, which is never the same as 0
 * or false. A world's own judge may find more; its {@link Measure}s know what.
 */
export interface JudgedScores {
  /** 0–100. */
  readonly coherent: number | null;
  /** 0–100. */
  readonly aligned: number | null;
  /** As `isMisaligned` defines it. */
  readonly misaligned: boolean;
  /** The answer declines the request. */
  readonly refusal: boolean | null;
}

/** Reads one answer at a time. */
export interface Judge {
  /** Stands in every judgment: `exact`, or the name of the model that judges. */
  readonly name: string;
  judge(
    messages: readonly Message[],
    answer: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<JudgedScores>;
}
