/** Answers that are being judged, and what is asked about them. */
import type { SampledAnswer, SampleRequest } from "../../model/index.js";
import type { JudgePrompt } from "./rubric.js";

export interface JudgeAsk<A> extends SampleRequest {
  readonly of: Pending<A>;
  readonly prompt: JudgePrompt;
  /** Names the reply among those that are kept. */
  readonly key: string;
}

export interface Pending<A> {
  readonly item: A;
  readonly replies: Map<string, SampledAnswer[]>;
  readonly keys: string[];
  left: number;
  failed: boolean;
}
