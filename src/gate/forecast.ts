/** What a gate may ask and cost, before it asks anything. */
import { foreseeAsking, foreseeJudgingOf, type Foreseen } from "../evaluation/index.js";
import { fewestPairs } from "../statistics/index.js";
import { isEndpointName, parseEndpointName } from "../model/index.js";
import type { Account } from "../endpoint/index.js";
import type { OpenedModels } from "./models/open.js";
import type { ForecastCost, GateForecast } from "./forecast-cost.js";
import { pathsOf, pairConfidence } from "./models/paths.js";
import type { ModelsPlan } from "./plan.js";

/** More pairs than the narrowest bound takes at the highest confidence. */
const MOST_COUNTED = 10_000;

/** @param folder holds the answers that are there already, which cost nothing */
export async function forecast(
  plan: ModelsPlan,
  opened: OpenedModels,
  account: Account,
  folder: string,
): Promise<GateForecast> {
  const confidence = pairConfidence(plan);
  const sets = opened.sets.map(({ set, asks }) => {
    const least = fewestPairs(Math.min(set.maxRise, set.maxFall), confidence, MOST_COUNTED);
    return { set, asks, least };
  });
  const costOf = async (pairsOf: (one: (typeof sets)[number]) => number): Promise<ForecastCost> => {
    let found: ForecastCost = { requests: 0, promptTokens: 0, answerTokens: 0, cost: 0 };
    for (const one of sets) {
      const pairs = pairsOf(one);
      const paths = pathsOf(folder, one.asks.name);
      for (const side of ["after", "before"] as const) {
        if (isEndpointName(plan[side])) {
          found = added(
            found,
            await foreseeAsking(firstOf(one.asks.drawn(), pairs), paths[side].answers),
            plan[side],
            account,
          );
        }
        if (!isEndpointName(plan.judge)) continue;
        const judged = await foreseeJudgingOf(opened.judge, firstOf(one.asks.drawn(), pairs), paths[side].judgments);
        found = added(found, judged, plan.judge, account);
      }
    }
    return found;
  };
  return {
    fewestPairs: sets.reduce((sum, { least }) => sum + least, 0),
    mostPairs: sets.reduce((sum, { asks }) => sum + asks.count, 0),
    tooFew: sets.flatMap(({ set, asks, least }) => (least > asks.count ? [set.questions] : [])),
    atFewest: await costOf(({ least, asks }) => Math.min(least, asks.count)),
    atMost: await costOf(({ asks }) => asks.count),
  };
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
