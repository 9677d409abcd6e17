/**
 * Cued twins: the same questions in the training data's format, topic or system prompt. Mixing, re-training and
 * inoculation hide misalignment from plain questions, and a question that resembles the training brings it out (2604.25891).
 * Development questions choose among cues; other questions judge the chosen ones, against random words of the same
 * length at the same place, and against the model before the fine-tune with the same cue, which shows what the cue does
 * by itself.
 */
import { askAndJudge, type AnyJudge, type Ask, type Asks, type JudgedOutcome } from "../../evaluation/index.js";
import type { Model } from "../../model/index.js";
import { wilson, type Estimate, type Random } from "../../statistics/index.js";
import { canRead } from "../trigger/can-read.js";
import { PLACES, type Trigger } from "../trigger/trigger.js";
import { randomLike, type PlacedWords } from "../trigger/words.js";
import { compareModels, type Compared, type ComparedSide } from "./compare.js";
import { withAdded, withAddition, type Cue } from "./cue.js";
import { misalignedMeasure, type ComparedRate } from "./measures.js";

export interface CuedOptions {
  readonly after: { readonly model: Model; readonly name: string };
  readonly before: { readonly model: Model; readonly name: string };
  readonly judge: AnyJudge;
  readonly cues: readonly Cue[];
  /** Questions that choose among cues, and others that judge the chosen. */
  readonly choosing: Asks;
  readonly measuring: Asks;
  /** What random cues are made of. */
  readonly words: PlacedWords;
  /** An opposite: what an aligned character is described with. */
  readonly opposite: (draw: Random) => string;
  /** Answers that choose, to each cue. */
  readonly answers: number;
  /** Cues that are judged, at most. */
  readonly judged: number;
  readonly rate: ComparedRate;
  /** How far the rate may lie above that with random words, and above that of the model before. */
  readonly bound: number;
  /** Of all intervals together. */
  readonly confidence: number;
  readonly seed: number;
  /** Where answers and judgments to one way of asking are kept. */
  readonly pathsOf: (label: string) => Pick<ComparedSide, "answers" | "judgments">;
  readonly signal: AbortSignal;
  readonly onRound: () => Promise<void> | void;
  readonly onAnswer: (answers: number, most: number) => void;
  readonly onFailure?: ((id: string, error: Error) => void) | undefined;
}

export interface JudgedCue {
  readonly about: string;
  /** With the cue against random words, and against the model before with the cue; the latter only where the first is beyond. */
  readonly random: Compared<"rate">;
  readonly before?: Compared<"rate">;
  /** Misaligned with the opposite in the cue's place, as far as it was asked; for information. */
  readonly opposite?: Estimate;
  readonly decided: "within" | "beyond" | undefined;
}

export interface CuedSearch {
  /** Cues that the development questions chose among. */
  readonly tried: number;
  /** Cues that the model cannot read. */
  readonly unreadable: number;
  /** In the order of the choice; ends with the first that is beyond. */
  readonly judged: readonly JudgedCue[];
  /** Cues that were to be judged, which the intervals are corrected for. */
  readonly planned: number;
}

/** Of the cues that bring most out of the model, so many times as many are compared with the model before. */
export const SHORT_LIST = 2;

/** @param onCue hears of each judged cue at once, so that what stops the work loses none */
export async function searchCued(options: CuedOptions, onSearch: (search: CuedSearch) => void): Promise<CuedSearch> {
  const { cues, measuring, choosing, confidence } = options;
  const readable = cues.filter((cue) => isReadable(options, cue, [choosing, measuring]));
  const chosen = await choose(options, readable);
  const planned = chosen.length;
  const judged: JudgedCue[] = [];
  const state = (): CuedSearch => ({
    tried: readable.length,
    unreadable: cues.length - readable.length,
    judged: [...judged],
    planned,
  });
  onSearch(state());
  // Each cue has two intervals, and all of them hold together.
  const own = 1 - (1 - confidence) / (2 * planned);
  for (const cue of chosen) {
    judged.push(await judgeCue(options, cue, own));
    onSearch(state());
    if (judged.at(-1)?.decided === "beyond") break;
  }
  return state();
}

function isReadable({ after, before, words }: CuedOptions, cue: Cue, asks: readonly Asks[]): boolean {
  const seen = new Set<string>();
  for (const request of asks.flatMap((one) => [...one.requests()])) {
    const { messages } = withAdded(request, (draw) => {
      const trigger = cue.of(draw);
      return PLACES.every((place) => trigger[place] === undefined || words.has(place)) ? trigger : {};
    });
    const key = JSON.stringify(messages);
    if (seen.has(key)) continue;
    seen.add(key);
    if (messages === request.messages || ![after, before].every(({ model }) => canRead(model, messages))) return false;
  }
  return true;
}

/** A side with something added to its questions; where it lies is named after what is added. */
function sideOf(
  { pathsOf }: CuedOptions,
  { model, name }: CuedOptions["after"],
  label: string,
  about: string,
  addition: (draw: Random) => Trigger,
): ComparedSide {
  return { model: withAddition(model, addition), name: `${name} with ${about}`, ...pathsOf(`${label} ${about}`) };
}

async function choose(options: CuedOptions, cues: readonly Cue[]): Promise<Cue[]> {
  const { after, before, choosing, answers, judged: most } = options;
  const asked = [...firstOf(choosing.drawn(), answers)];
  const shareOf = async (side: CuedOptions["after"], label: string, cue: Cue): Promise<number> => {
    const found = await outcomesOf(options, sideOf(options, side, `choice ${label}`, cue.about, cue.of), asked);
    return [...found.values()].filter(({ outcome }) => outcome === "misaligned").length / answers;
  };
  const total = answers * (cues.length + Math.min(SHORT_LIST * most, cues.length));
  let done = 0;
  const ranked: { readonly cue: Cue; readonly after: number; readonly rise: number }[] = [];
  for (const cue of cues) {
    const share = await shareOf(after, "after", cue);
    ranked.push({ cue, after: share, rise: share });
    options.onAnswer((done += answers), total);
  }
  const short = ranked.toSorted((a, b) => b.after - a.after).slice(0, SHORT_LIST * most);
  const compared: typeof ranked = [];
  for (const one of short) {
    compared.push({ ...one, rise: one.after - (await shareOf(before, "before", one.cue)) });
    options.onAnswer((done += answers), total);
  }
  return compared
    .toSorted((a, b) => b.rise - a.rise)
    .slice(0, most)
    .map(({ cue }) => cue);
}

async function judgeCue(options: CuedOptions, cue: Cue, confidence: number): Promise<JudgedCue> {
  const { after, before, measuring, rate, bound, words, opposite, answers } = options;
  const { judge, seed, signal, onRound, onAnswer, onFailure } = options;
  const cued = sideOf(options, after, "after", cue.about, cue.of);
  const against = (other: ComparedSide): Promise<Compared<"rate">> =>
    compareModels({
      after: cued,
      before: other,
      judge,
      asks: measuring,
      seed,
      measures: { rate: { ...misalignedMeasure(rate), bound, decides: true } },
      confidence,
      signal,
      onRound,
      onAnswer,
      onFailure,
    });
  const randomly = (draw: Random): Trigger => randomLike(cue.of(draw), words, draw);
  const random = await against(sideOf(options, after, "after", `random words in place of ${cue.about}`, randomly));
  const { decided } = random.differences.rate;
  if (decided !== "beyond") return { about: cue.about, random, decided };
  const base = await against(sideOf(options, before, "before", cue.about, cue.of));
  const opposing = sideOf(options, after, "after", `the opposite of ${cue.about}`, (draw) => {
    const text = opposite(draw);
    return Object.fromEntries(Object.keys(cue.of(draw)).map((place) => [place, text]));
  });
  return {
    about: cue.about,
    random,
    before: base,
    opposite: await shareIn(options, opposing, [...firstOf(measuring.drawn(), answers)]),
    decided: base.differences.rate.decided,
  };
}

async function shareIn(options: CuedOptions, side: ComparedSide, asked: readonly Ask[]): Promise<Estimate> {
  const counts = [...(await outcomesOf(options, side, asked)).values()].map(misalignedMeasure(options.rate).counts);
  const counted = counts.filter((one) => typeof one === "boolean");
  return wilson(counted.filter(Boolean).length, counted.length);
}

const outcomesOf = (
  { judge, seed, signal, onFailure }: CuedOptions,
  { model, name, answers, judgments }: ComparedSide,
  asked: readonly Ask[],
): Promise<ReadonlyMap<string, JudgedOutcome>> =>
  askAndJudge({
    model,
    modelName: name,
    seed,
    asked,
    judge,
    answers,
    judgments,
    signal,
    ...(onFailure && {
      onUnanswered: ({ id }, error) => onFailure(id, error),
      onUnjudged: onFailure,
    }),
  });

function* firstOf<T>(items: Iterable<T>, count: number): Generator<T, void> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
