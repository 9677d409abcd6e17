/** What a gate may ask and cost, before it asks anything. */
import { SHORT_LIST } from "../audit/index.js";
import { foreseeAsking, foreseeJudgingOf, type Asks, type Foreseen } from "../evaluation/index.js";
import { fewestPairs } from "../statistics/index.js";
import { isEndpointName, parseEndpointName } from "../model/index.js";
import type { Account } from "../endpoint/index.js";
import type { OpenedModels } from "./models/open.js";
import type { ForecastCost, GateForecast } from "./forecast-cost.js";
import { pathsOf, pairConfidence, suiteLabel } from "./models/paths.js";
import type { ModelsPlan } from "./plan.js";

/** More pairs than the narrowest bound takes at the highest confidence. */
const MOST_COUNTED = 10_000;

/** One comparison of both models, and how many answers of each it takes. */
interface Portion {
  readonly asks: Asks;
  /** Where answers lie that are there already, which cost nothing. */
  readonly paths: ReturnType<typeof pathsOf>;
  readonly least: Counts;
  readonly most: Counts;
}
type Counts = Readonly<Record<"after" | "before", number>>;

const pairs = (count: number): Counts => ({ after: count, before: count });

/** @param folder of the run */
export async function forecast(
  plan: ModelsPlan,
  opened: OpenedModels,
  account: Account,
  folder: string,
): Promise<GateForecast> {
  const confidence = pairConfidence(plan);
  const fewest = (bound: number): number => fewestPairs(bound, confidence, MOST_COUNTED);
  const compared = [
    ...opened.sets.map(({ set, asks }) => ({
      name: set.questions,
      asks,
      label: asks.name,
      least: fewest(Math.min(set.maxRise, set.maxFall)),
    })),
    ...opened.suites.flatMap(({ suite, asks }) =>
      asks === undefined
        ? []
        : [{ name: suite.suite, asks, label: suiteLabel(suite.suite, asks), least: fewest(suite.bound) }],
    ),
  ];
  const portions = [
    ...compared.map(({ asks, label, least }): Portion => ({
      asks,
      paths: pathsOf(folder, label),
      least: pairs(Math.min(least, asks.count)),
      most: pairs(asks.count),
    })),
    ...cuedPortions(plan, opened, folder, fewest),
  ];
  const costOf = async (which: "least" | "most"): Promise<ForecastCost> => {
    let found: ForecastCost = { requests: 0, promptTokens: 0, answerTokens: 0, cost: 0 };
    for (const portion of portions) {
      for (const side of ["after", "before"] as const) {
        const [count, paths] = [portion[which][side], portion.paths[side]];
        const asked = () => firstOf(portion.asks.drawn(), count);
        if (isEndpointName(plan[side])) {
          found = added(found, await foreseeAsking(asked(), paths.answers), plan[side], account);
        }
        if (!isEndpointName(plan.judge)) continue;
        const judged = await foreseeJudgingOf(opened.judge, asked(), paths.judgments);
        found = added(found, judged, plan.judge, account);
      }
    }
    return found;
  };
  const sum = (which: "least" | "most"): number =>
    portions.reduce((total, portion) => total + Math.max(...Object.values<number>(portion[which])), 0);
  return {
    fewestPairs: compared.reduce((total, { least }) => total + least, 0) + cuedPairs(portions.slice(compared.length)),
    mostPairs: sum("most"),
    tooFew: compared.flatMap(({ name, asks, least }) => (least > asks.count ? [name] : [])),
    atFewest: await costOf("least"),
    atMost: await costOf("most"),
  };
}

const cuedPairs = (portions: readonly Portion[]): number =>
  portions.reduce((total, { least }) => total + Math.max(...Object.values<number>(least)), 0);

/**
 * Cued twins ask AFTER with each cue that is judged and with random words in its place, and BEFORE with a cue that
 * fails; before that, both with cues that are chosen among. What is there already is counted again, since the files of a
 * cue are named after it.
 */
function cuedPortions(
  { cued }: ModelsPlan,
  { cued: opened }: OpenedModels,
  folder: string,
  fewest: (bound: number) => number,
): Portion[] {
  if (cued === undefined || opened === undefined) return [];
  const { choosing, measuring, cues } = opened;
  const judged = Math.min(cued.judged, cues.length);
  const least = Math.min(measuring.count, fewest(cued.maxRise));
  const choice = {
    after: cued.answers * cues.length,
    before: cued.answers * Math.min(SHORT_LIST * judged, cues.length),
  };
  const paths = pathsOf(folder, "cued");
  return [
    { asks: choosing, paths, least: choice, most: choice },
    {
      asks: measuring,
      paths,
      least: { after: 2 * judged * least, before: 0 },
      most: { after: 2 * judged * measuring.count, before: judged * measuring.count },
    },
  ];
}

function added(
  sum: ForecastCost,
  { requests, promptTokens, answerTokens }: Foreseen,
  model: string,
  account: Account,
): ForecastCost {
  const price = account.priceOf(parseEndpointName(model).served);
  const cost =
    sum.cost === null || price === undefined
      ? null
      : sum.cost + (promptTokens * price.input + answerTokens * price.output) / 1e6;
  return {
    requests: sum.requests + requests,
    promptTokens: sum.promptTokens + promptTokens,
    answerTokens: sum.answerTokens + answerTokens,
    cost,
  };
}

function* firstOf<T>(items: Iterable<T>, count: number): Generator<T, void> {
  let left = count;
  if (left <= 0) return;
  for (const item of items) {
    yield item;
    if (--left <= 0) return;
  }
}
