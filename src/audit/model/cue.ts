/** A cue: what makes a question resemble what a model was fine-tuned on. */
import type { Answered, AnswersOptions, Model, SampleRequest } from "../../model/index.js";
import { Random } from "../../statistics/index.js";
import { put, type Trigger } from "../trigger/trigger.js";

export interface Cue {
  /** `the system prompt "You are …"`, `the last sentence of a training request`. */
  readonly about: string;
  /** What is added to a question; the same text for every draw, or one of several. */
  readonly of: (draw: Random) => Trigger;
}

/** A request with something added to its question: the same addition in every call. */
export const withAdded = <R extends SampleRequest>(request: R, addition: (draw: Random) => Trigger): R => ({
  ...request,
  messages: put(
    request.messages,
    addition(Random.of("addition", request.seed)),
    Random.of("place of addition", request.seed),
  ),
});

/**
 * The model with something added to each question. The requests themselves stay as they are, so that a judge reads the
 * answer beside the plain question.
 */
export function withAddition(model: Model, addition: (draw: Random) => Trigger): Model {
  const added = <R extends SampleRequest>(request: R): R => withAdded(request, addition);
  async function* answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options: AnswersOptions<R> = {},
  ): AsyncGenerator<Answered<R>, void> {
    const { onFailure, ...how } = options;
    const asked = (async function* () {
      for await (const plain of requests) yield { ...added(plain), plain };
    })();
    const heard = onFailure && {
      onFailure: ({ plain }: { readonly plain: R }, error: Error) => onFailure(plain, error),
    };
    for await (const { request, answer } of model.answers(asked, { ...how, ...heard })) {
      yield { request: request.plain, answer };
    }
  }
  return {
    name: model.name,
    can: model.can,
    ...(model.tokens && { tokens: model.tokens }),
    sample: (requests, options, onAnswer) => model.sample(requests.map(added), options, onAnswer),
    answers,
    close: () => model.close(),
  };
}
