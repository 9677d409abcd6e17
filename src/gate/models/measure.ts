/** The checks of a gate's models: question set after question set, until the verdict is decided or the budget is spent. */
import type { Finding } from "../../audit/index.js";
import { EndpointError, type Account } from "../../endpoint/index.js";
import { costOf } from "../../lab/index.js";
import type { Run } from "../../run/index.js";
import { forecast } from "../forecast.js";
import type { GateMeans } from "../means.js";
import type { Budget, ModelsPlan } from "../plan.js";
import type { RunSpending } from "../spending.js";
import { isRequired } from "../verdict.js";
import { compareModels, type Compared } from "./compare.js";
import { COHERENT_CHECK, findingsOf, MISALIGNED_CHECK } from "./findings.js";
import type { OpenedModels } from "./open.js";
import { pairConfidence, pathsOf } from "./paths.js";

export interface AskedModels {
  readonly plan: ModelsPlan;
  readonly budget: Budget;
  /** Names of the checks that decide; all unless given. */
  readonly required: readonly string[] | undefined;
  readonly models: OpenedModels;
  readonly account: Account;
  readonly folder: string;
  readonly spending: RunSpending;
  readonly run: Run;
}

/** @param skip why nothing needs to be asked, if so */
export async function measureModels(
  asked: AskedModels,
  skip: string | undefined,
  means: GateMeans,
): Promise<Finding[]> {
  const { plan, models } = asked;
  let stopped = skip;
  if (stopped === undefined) means.onForecast(await forecast(plan, models, asked.account, asked.folder));
  const findings: Finding[] = [];
  for (const one of models.sets) {
    const { set, asks } = one;
    const about = { set: asks.name, rate: plan.rate, maxRise: set.maxRise, maxFall: set.maxFall };
    const { compared, why } =
      stopped === undefined ? await measureSet(asked, one, means) : { compared: undefined, why: stopped };
    const found = findingsOf(compared, { ...about, stopped: why });
    findings.push(...found);
    stopped =
      why ??
      (found.some(({ check, outcome }) => outcome === "fail" && isRequired(check, asked.required))
        ? "another check has failed already"
        : undefined);
  }
  return findings;
}

interface MeasuredSet {
  /** At the last look; undefined before the first. */
  readonly compared: Compared | undefined;
  /** What stopped the asking before it was decided. */
  readonly why: string | undefined;
}

async function measureSet(
  { plan, budget, required, models, account, folder, spending, run }: AskedModels,
  { set, asks }: OpenedModels["sets"][number],
  means: GateMeans,
): Promise<MeasuredSet> {
  const paths = pathsOf(folder, asks.name);
  const clock = deadline(budget.minutes, spending.seconds);
  let compared: Compared | undefined;
  let failed = 0;
  try {
    compared = await compareModels({
      after: { model: models.after, name: plan.after, ...paths.after },
      before: { model: models.before, name: plan.before, ...paths.before },
      judge: models.judge,
      asks,
      seed: plan.seed,
      rate: plan.rate,
      maxRise: set.maxRise,
      maxFall: set.maxFall,
      deciding: decidingOf(asks.name, required),
      confidence: pairConfidence(plan),
      signal: AbortSignal.any([means.signal, clock.signal]),
      onRound: async (now) => {
        compared = now;
        await spending.write();
        const { rise, pairs } = now;
        await run.tell("round-finished", { set: asks.name, pairs, rise: rise.difference });
      },
      onAnswer: (done, total) => means.onProgress({ done, total, failed, cost: costOf(account, models.isRemote) }),
      ...(models.isRemote && {
        onFailure: (id: string, error: Error) => {
          failed++;
          means.onFailure(id, error);
        },
      }),
    });
    return { compared, why: undefined };
  } catch (error) {
    if (clock.signal.aborted && !means.signal.aborted) {
      return { compared, why: `the time limit of ${budget.minutes} minutes is reached` };
    }
    if (error instanceof EndpointError && error.fault === "cost") {
      return { compared, why: `the cost limit of $${budget.maxCost} is reached` };
    }
    throw error;
  } finally {
    clock.stop();
  }
}

/** Both where neither is required: they are reported all the same. */
function decidingOf(set: string, required: readonly string[] | undefined): ("rise" | "fall")[] {
  const checks = [
    ["rise", MISALIGNED_CHECK],
    ["fall", COHERENT_CHECK],
  ] as const;
  const deciding = checks.filter(([, check]) => isRequired(`${check}/${set}`, required));
  return (deciding.length === 0 ? checks : deciding).map(([name]) => name);
}

/** Aborts once the run has taken the minutes that it may take; never where it may take any. */
function deadline(minutes: number | undefined, seconds: number): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  if (minutes === undefined) return { signal: controller.signal, stop: () => undefined };
  const left = Math.max(0, 60_000 * minutes - 1000 * seconds);
  const timer = setTimeout(() => controller.abort(new Error("the time limit is reached")), Math.min(left, 2 ** 31 - 1));
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}
