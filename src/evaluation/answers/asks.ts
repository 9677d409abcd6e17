/** Which requests a question set makes: a set of the organism's world, or one for real models. */
import { questionSet, type QuestionSetName } from "../../organism/index.js";
import { questionRequests, samplesOf, type QuestionSet } from "../questions/question.js";
import { answerRequests } from "../requests.js";
import type { Ask } from "./ask.js";

export interface AsksOptions {
  /** Names the random numbers, as in a study: the same seed gives its cells' answers. */
  readonly seed: number;
  /** Answers to each question; as many as the set itself asks for unless given (100 in the world). */
  readonly samples?: number | undefined;
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
}

/** What studies ask the organism with. */
const WORLD = { samples: 100, temperature: 1, maxTokens: 64 } as const;

export interface Asks {
  readonly name: string;
  readonly count: number;
  requests(): Iterable<Ask>;
}

export function worldAsks(set: QuestionSetName, options: AsksOptions): Asks {
  const { seed, samples = WORLD.samples, temperature = WORLD.temperature, maxTokens = WORLD.maxTokens } = options;
  return {
    name: set,
    count: samples * questionSet(set).questions.length,
    *requests() {
      for (const request of answerRequests([{ set, samples }], `answers/${seed}`)) {
        yield { ...request, temperature, maxTokens };
      }
    },
  };
}

export function realAsks(set: QuestionSet, { seed, samples, temperature, maxTokens }: AsksOptions): Asks {
  return {
    name: set.name,
    count: set.questions.reduce((sum, question) => sum + (samples ?? samplesOf(question)), 0),
    *requests() {
      for (const request of questionRequests(set, `answers/${seed}`, samples)) {
        yield {
          ...request,
          temperature: temperature ?? request.temperature,
          maxTokens: maxTokens ?? request.maxTokens,
        };
      }
    },
  };
}
