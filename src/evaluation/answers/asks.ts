/** Which requests a question set makes: a set of the organism's world, or one for real models. */
import { questionSet, type QuestionSetName } from "../../organism/index.js";
import { Random } from "../../statistics/index.js";
import {
  questionRequest,
  questionRequests,
  samplesOf,
  type Question,
  type QuestionSet,
} from "../questions/question.js";
import { answerRequest, answerRequests } from "../requests.js";
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
  /** Question after question. */
  requests(): Iterable<Ask>;
  /**
   * Without end and in an order drawn by the seed: each next one is of a question drawn afresh, and of a wording drawn
   * afresh, so that whatever was heard before says nothing of which comes next. The ids are those of `requests`.
   */
  drawn(): Iterable<Ask>;
}

export function worldAsks(set: QuestionSetName, options: AsksOptions): Asks {
  const { seed, samples = WORLD.samples, temperature = WORLD.temperature, maxTokens = WORLD.maxTokens } = options;
  const { questions } = questionSet(set);
  return {
    name: set,
    count: samples * questions.length,
    *requests() {
      for (const request of answerRequests([{ set, samples }], `answers/${seed}`)) {
        yield { ...request, temperature, maxTokens };
      }
    },
    *drawn() {
      const wordings = questions.map(({ prompts }) => prompts.length);
      for (const { question, index } of draws(wordings, seed, set)) {
        const request = answerRequest(set, questions[question] as (typeof questions)[number], index, `answers/${seed}`);
        yield { ...request, temperature, maxTokens };
      }
    },
  };
}

export function realAsks(set: QuestionSet, { seed, samples, temperature, maxTokens }: AsksOptions): Asks {
  const { name, questions } = set;
  const asked = (request: Ask): Ask => ({
    ...request,
    temperature: temperature ?? request.temperature,
    maxTokens: maxTokens ?? request.maxTokens,
  });
  return {
    name,
    count: questions.reduce((sum, question) => sum + (samples ?? samplesOf(question)), 0),
    *requests() {
      for (const request of questionRequests(set, `answers/${seed}`, samples)) yield asked(request);
    },
    *drawn() {
      const wordings = questions.map(({ paraphrases }) => paraphrases.length);
      for (const { question, index } of draws(wordings, seed, name)) {
        yield asked(questionRequest(name, questions[question] as Question, index, `answers/${seed}`));
      }
    },
  };
}

/** Which question comes next, and which of its requests: the next one to a wording that is drawn. */
function* draws(
  wordings: readonly number[],
  seed: number,
  set: string,
): Generator<{ readonly question: number; readonly index: number }, void> {
  const random = Random.of("drawn questions", seed, set);
  const taken = wordings.map((count) => Array.from({ length: count }, () => 0));
  for (;;) {
    const question = random.integer(wordings.length);
    const count = wordings[question] as number;
    const wording = random.integer(count);
    const before = taken[question] as number[];
    const sample = before[wording] as number;
    before[wording] = sample + 1;
    yield { question, index: wording + sample * count };
  }
}
