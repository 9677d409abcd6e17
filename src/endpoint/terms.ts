/**
 * What one model takes and what it refuses, as its replies show it. A refused parameter is left out once, and from then
 * on; a request that is refused for itself costs one or two tries more, and only until parameters have been accepted.
 */
import type { ChatAnswer, ChatRequest } from "./chat.js";
import { EndpointError } from "./error.js";
import { leftOut, OPTIONAL_PARAMETERS, parametersIn, type Manner } from "./manner.js";
import { barest, changeOf, namedRemedies, singleRemedies } from "./remedies.js";

/** Asks in this manner. */
export type AskIn = (
  manner: Manner,
  stopEarly?: (error: EndpointError, attempt: number) => boolean,
) => Promise<ChatAnswer>;

const REFUSALS: ReadonlySet<number> = new Set([400, 403, 404, 422, 500]);
/** Refusals that name no parameter and that leaving all of them out did not mend, before such refusals are believed. */
const MOST_GUESSES = 2;
/** The same for refusals that name one. */
const MOST_FAILED = 8;
/** Errors that lead from one to the next: a server names what it refuses one by one. */
const DEEPEST = 6;

export class Terms {
  #manner: Manner;
  /** Parameters that were in a request that succeeded. */
  readonly #accepted = new Set<string>();
  #guesses = 0;
  #failed = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param onChange hears, once, what is left out or changed from here on, and why */
  constructor(
    manner: Manner,
    private readonly onChange: (what: string) => void,
  ) {
    this.#manner = manner;
  }

  /** One answer, in the manner that the model takes. */
  async ask(request: ChatRequest, askIn: AskIn): Promise<ChatAnswer> {
    let isPatient = false;
    for (;;) {
      const manner = this.#manner;
      try {
        const stopEarly = (error: EndpointError, attempt: number): boolean =>
          this.#looksRefused(request, manner, error, attempt);
        return this.#took(request, manner, await askIn(manner, isPatient ? undefined : stopEarly));
      } catch (error) {
        if (!isRefusal(error) || (isPatient && error.status === 500)) throw error;
        const found = await this.#inTurn(() => this.#learn(request, manner, error, askIn));
        if (found !== undefined) return found;
        if (this.#manner !== manner) continue;
        // A server that fails as such is asked again as often as others of its kind.
        if (!error.retry) throw error;
        isPatient = true;
      }
    }
  }

  /** Whether a failure that could pass is more likely a refusal: asking again would take long. */
  #looksRefused(request: ChatRequest, manner: Manner, error: EndpointError, attempt: number): boolean {
    if (error.status !== 500 || error.said === undefined || this.#failed >= MOST_FAILED) return false;
    if (namedRemedies(request, manner, error.said).length > 0) return true;
    return attempt >= 2 && this.#guesses < MOST_GUESSES && this.#unproven(request, manner).length > 0;
  }

  #unproven(request: ChatRequest, manner: Manner): string[] {
    return parametersIn(request, manner).filter((name) => !this.#accepted.has(name));
  }

  #took(request: ChatRequest, manner: Manner, answer: ChatAnswer): ChatAnswer {
    // A filter may have stopped the prompt before anybody looked at its parameters.
    if (answer.outcome !== "filter" && this.#accepted.size < OPTIONAL_PARAMETERS.length)
      for (const name of parametersIn(request, manner)) this.#accepted.add(name);
    const without = leftOut(request, manner);
    return without.length === 0 ? answer : { ...answer, without };
  }

  /** One finds out; the others wait for what it finds. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** The answer, asked as the model takes it; undefined where nothing helps, or another request has found out already. */
  async #learn(
    request: ChatRequest,
    manner: Manner,
    error: EndpointError,
    askIn: AskIn,
  ): Promise<ChatAnswer | undefined> {
    if (this.#manner !== manner) return undefined;
    const found =
      (await this.#byName(request, manner, error, askIn, 0)) ?? (await this.#byGuess(request, manner, askIn));
    if (found === undefined) return undefined;
    if (found.manner === manner) return this.#took(request, manner, found.answer);
    const { what, option } = changeOf(manner, found.manner);
    this.#manner = found.manner;
    const hint = option === undefined ? "" : `. ${option} says so from the start`;
    this.onChange(`asked ${what} from here on, for the server refuses it otherwise (${sayOf(error)})${hint}`);
    return this.#took(request, found.manner, found.answer);
  }

  async #byName(
    request: ChatRequest,
    manner: Manner,
    error: EndpointError,
    askIn: AskIn,
    depth: number,
  ): Promise<Found | undefined> {
    if (error.said === undefined) return undefined;
    for (const next of namedRemedies(request, manner, error.said)) {
      if (this.#failed >= MOST_FAILED) return undefined;
      try {
        return { manner: next, answer: await askIn(next, never) };
      } catch (another) {
        if (!isRefusal(another)) throw another;
        const deeper = depth < DEEPEST ? await this.#byName(request, next, another, askIn, depth + 1) : undefined;
        if (deeper !== undefined) return deeper;
        this.#failed++;
      }
    }
    return undefined;
  }

  async #byGuess(request: ChatRequest, manner: Manner, askIn: AskIn): Promise<Found | undefined> {
    if (this.#guesses >= MOST_GUESSES || this.#unproven(request, manner).length === 0) return undefined;
    const bare = await this.#firstTaken(barest(request, manner), askIn);
    if (bare === undefined) {
      this.#guesses++;
      return undefined;
    }
    // What failed may have passed by itself; then nothing was refused.
    const singles = [manner, ...singleRemedies(request, manner)];
    return (await this.#firstTaken(singles, askIn)) ?? bare;
  }

  async #firstTaken(manners: readonly Manner[], askIn: AskIn): Promise<Found | undefined> {
    for (const manner of manners) {
      const answer = await unlessRefused(() => askIn(manner, never));
      if (answer !== undefined) return { manner, answer };
    }
    return undefined;
  }
}

interface Found {
  readonly manner: Manner;
  readonly answer: ChatAnswer;
}

function isRefusal(error: unknown): error is EndpointError {
  if (!(error instanceof EndpointError) || error.fatal) return false;
  return error.said !== undefined && error.status !== undefined && REFUSALS.has(error.status);
}

async function unlessRefused(ask: () => Promise<ChatAnswer>): Promise<ChatAnswer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** A try of another manner that is refused with 500 is not worth trying again. */
const never = (error: EndpointError): boolean => error.status === 500;

const sayOf = ({ status, said }: EndpointError): string =>
  `status ${status ?? "unknown"}${said === undefined || said.message === "" ? "" : `: ${said.message.slice(0, 160)}`}`;
