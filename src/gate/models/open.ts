/** The two models of a gate and their judge: everything that cannot work fails here, before anything is asked. */
import { AnswerCache, type Account } from "../../endpoint/index.js";
import { OWN_RUBRIC, OwnWorld, readRubric, type AnyJudge, type Asks, type Rubric } from "../../evaluation/index.js";
import { chooseQuestions, openAnyModel, openJudges, rubricWithSets, worldOf } from "../../lab/index.js";
import { isEndpointName, parseEndpointName, type Model } from "../../model/index.js";
import { fileSha256 } from "../../store/index.js";
import { UsageError } from "../../text/index.js";
import { suiteName } from "../../world/index.js";
import type { GateMeans } from "../means.js";
import { SUITE_PAIRS, type ModelsPlan, type SetPlan, type SuitePlan } from "../plan.js";
import { openCued, type OpenedCued } from "./open-cued.js";

export interface OpenedModels {
  readonly after: Model;
  readonly before: Model;
  readonly judge: AnyJudge;
  readonly isRemote: boolean;
  readonly sets: readonly { readonly set: SetPlan; readonly asks: Asks }[];
  /** Without questions where there are none for models of this kind. */
  readonly suites: readonly { readonly suite: SuitePlan; readonly asks: Asks | undefined }[];
  readonly cued?: OpenedCued | undefined;
  /** What answers of the run's folder must share; the rest of a plan may change from call to call. */
  readonly fixed: object;
  close(): Promise<void>;
}

export async function openModels(plan: ModelsPlan, account: Account, means: GateMeans): Promise<OpenedModels> {
  if (plan.judge.includes(",")) throw new UsageError(`a gate needs one judge, found several: ${plan.judge}`);
  requirePrices(plan, account);
  const { signal, onNotice } = means;
  const { cache: folder, ...asking } = means.asking;
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.toReversed()) await one();
  };
  try {
    const cache = folder === undefined ? undefined : await AnswerCache.open(folder);
    if (cache) closing.push(() => cache.close());
    const all = { ...asking, account, cache, signal, onNotice, study: means.study, threads: means.threads };
    const after = await openAnyModel(plan.after, all);
    closing.push(() => after.close());
    const before = await openAnyModel(plan.before, all);
    closing.push(() => before.close());
    const named = (plan.suites ?? []).map((suite) => ({
      suite,
      questions: suite.questions ?? suiteName(suite.suite, worldOf(after)),
    }));
    const rubric = await rubricFor(
      plan,
      named.flatMap(({ questions }) => questions ?? []),
    );
    const judges = await openJudges({ ...asking, judge: plan.judge }, { ...all, rubric });
    closing.push(() => judges.close());
    const judge = judges.judges[0] as AnyJudge;
    const asks = (questions: string, samples: number): Promise<Asks> =>
      asksFor({ questions, samples }, plan, after, before, judge);
    const sets = [];
    for (const set of plan.sets) sets.push({ set, asks: await asks(set.questions, set.samples) });
    const suites = [];
    for (const { suite, questions } of named) {
      if (questions === undefined) suites.push({ suite, asks: undefined });
      else {
        const samples = suite.samples ?? Math.ceil(SUITE_PAIRS / (await asks(questions, 1)).count);
        suites.push({ suite, asks: await asks(questions, samples) });
      }
    }
    const cued = plan.cued && (await openCued(plan.cued, plan, { after, before, asks }));
    const fixed = {
      after: plan.after,
      before: plan.before,
      ...(after.source && { afterWeights: after.source.sha256 }),
      ...(before.source && { beforeWeights: before.source.sha256 }),
      judge: plan.judge,
      ...(plan.prompts !== undefined && { prompts: await fileSha256(plan.prompts) }),
      seed: plan.seed,
      temperature: plan.temperature ?? null,
      maxTokens: plan.maxTokens ?? null,
    };
    const isRemote = judges.isRemote || isEndpointName(plan.after) || isEndpointName(plan.before);
    return { after, before, judge, isRemote, sets, suites, cued, fixed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The prompts of a suite's questions are their own: another question is judged with the gate's, or askew's. */
async function rubricFor({ prompts }: ModelsPlan, suites: readonly string[]): Promise<Rubric> {
  const usual = prompts === undefined ? OWN_RUBRIC : await readRubric(prompts);
  return rubricWithSets(usual, suites);
}

/** Told before anything is asked: a request without a price would look like a limit that is reached. */
function requirePrices({ after, before, judge }: ModelsPlan, account: Account): void {
  if (account.maxCost === Infinity) return;
  const names = [after, before, judge].filter(isEndpointName);
  const missing = names.find((name) => account.priceOf(parseEndpointName(name).served) === undefined);
  if (missing === undefined) return;
  const { served } = parseEndpointName(missing);
  throw new UsageError(
    `a cost limit needs the price of every model, and there is none for ${served}`,
    `Add it to budget.price: { ${served}: [2.5, 10] }, in dollars per million tokens read and written.`,
  );
}

async function asksFor(
  { questions, samples }: Pick<SetPlan, "questions" | "samples">,
  { seed, temperature, maxTokens }: ModelsPlan,
  after: Model,
  before: Model,
  judge: AnyJudge,
): Promise<Asks> {
  const options = { seed, samples, temperature, maxTokens };
  const asks = await chooseQuestions(after, questions, "plain", options);
  const others = await chooseQuestions(before, questions, "plain", options);
  if (others.isExact !== asks.isExact) {
    throw new UsageError(
      `--questions ${questions} means one set for ${after.name} and another for ${before.name}`,
      `Name the world: organism:${questions} or real:${questions}.`,
    );
  }
  const world = new OwnWorld(judge);
  const heard = new Set<string>();
  for (const { messages } of asks.requests()) {
    const text = messages.at(-1)?.content ?? "";
    if (heard.has(text)) continue;
    heard.add(text);
    world.look(messages, "");
  }
  world.require(questions);
  return asks;
}
