/** The checks of a gate's models: one after another, until the verdict is decided or the budget is spent. */
import {
  COHERENT_MEASURE,
  compareModels,
  comparedFinding,
  misalignedMeasure,
  NO_ROWS,
  type Compared,
  type ComparedMeasure,
  type Finding,
} from "../../audit/index.js";
import type { Asks } from "../../evaluation/index.js";
import { costOf } from "../../lab/index.js";
import { forecast } from "../forecast.js";
import type { GateMeans } from "../means.js";
import { isRequired } from "../verdict.js";
import type { ModelsPlan } from "../plan.js";
import type { AskedModels } from "./asked.js";
import { budgeted, type Budgeted } from "./budgeted.js";
import { cuedCheck } from "./cued.js";
import type { OpenedModels } from "./open.js";
import { personaCheck } from "./persona.js";
import { pairConfidence, pathsOf, suiteLabel } from "./paths.js";
import { COHERENT_CHECK, COHERENT_WORDING, MISALIGNED_CHECK, misalignedWording, suiteKinds } from "./wordings.js";

/** @param skip why nothing needs to be asked, if so */
export async function measureModels(
  asked: AskedModels,
  skip: string | undefined,
  means: GateMeans,
): Promise<Finding[]> {
  const { plan, models, required } = asked;
  let stopped = skip;
  if (stopped === undefined) means.onForecast(await forecast(plan, models, asked.account, asked.folder));
  const findings: Finding[] = [];
  for (const check of checksOf(plan, models)) {
    const { found, why } = await check(asked, stopped, means);
    findings.push(...found);
    const hasFailed = found.some(({ check: name, outcome }) => outcome === "fail" && isRequired(name, required));
    const isDecided = hasFailed && plan.isWhole !== true;
    stopped ??= why ?? (isDecided ? "another check has failed already" : undefined);
  }
  return findings;
}

/** @param stopped why no more is asked, if so */
type Check = (
  asked: AskedModels,
  stopped: string | undefined,
  means: GateMeans,
) => Promise<{ readonly found: readonly Finding[]; readonly why: string | undefined }>;

const checksOf = ({ persona }: ModelsPlan, { sets, suites, cued }: OpenedModels): Check[] => [
  ...sets.map(setCheck),
  ...suites.map(suiteCheck),
  ...(cued === undefined ? [] : [cuedCheck]),
  ...(persona === undefined ? [] : [personaCheck]),
];

const setCheck =
  ({ set, asks }: OpenedModels["sets"][number]): Check =>
  async (asked, stopped, means) => {
    const { plan } = asked;
    const decides = decidingOf(asks.name, asked.required);
    const measures = {
      rise: { ...misalignedMeasure(plan.rate), bound: set.maxRise, decides: decides.rise },
      fall: { ...COHERENT_MEASURE, bound: set.maxFall, decides: decides.fall },
    };
    const { found: compared, why } = await compare(asked, { asks, measures, label: asks.name }, stopped, means);
    return {
      found: [
        comparedFinding(compared, "rise", {
          ...misalignedWording(plan.rate),
          ...measures.rise,
          check: `${MISALIGNED_CHECK}/${asks.name}`,
          stopped: why,
        }),
        comparedFinding(compared, "fall", {
          ...COHERENT_WORDING,
          ...measures.fall,
          check: `${COHERENT_CHECK}/${asks.name}`,
          stopped: why,
        }),
      ],
      why,
    };
  };

const suiteCheck =
  ({ suite, asks }: OpenedModels["suites"][number]): Check =>
  async (asked, stopped, means) => {
    const kind = suiteKinds(asked.plan.rate)[suite.suite];
    const check = `model/${suite.suite}`;
    if (asks === undefined) {
      const { title, missing, need: cure } = kind;
      const found: Finding = {
        check,
        title,
        outcome: "not-measured",
        found: missing,
        cure,
        measures: [],
        rows: NO_ROWS,
      };
      return { found: [found], why: undefined };
    }
    const measure = { ...kind.measure, bound: suite.bound, decides: true };
    const how = { asks, measures: { share: measure }, label: suiteLabel(suite.suite, asks) };
    const { found: compared, why } = await compare(asked, how, stopped, means);
    return { found: [comparedFinding(compared, "share", { ...kind, ...measure, check, stopped: why })], why };
  };

interface HowToCompare<Name extends string> {
  readonly asks: Asks;
  readonly measures: Readonly<Record<Name, ComparedMeasure & { readonly bound: number; readonly decides: boolean }>>;
  /** Names the files of answers. */
  readonly label: string;
}

async function compare<Name extends string>(
  { plan, budget, models, account, folder, spending, run }: AskedModels,
  { asks, measures, label }: HowToCompare<Name>,
  stopped: string | undefined,
  means: GateMeans,
): Promise<Budgeted<Compared<Name>>> {
  if (stopped !== undefined) return { found: undefined, why: stopped };
  const paths = pathsOf(folder, label);
  let failed = 0;
  return budgeted(budget, spending.seconds, means.signal, (signal, keep) =>
    compareModels<Name>({
      after: { model: models.after, name: plan.after, ...paths.after },
      before: { model: models.before, name: plan.before, ...paths.before },
      judge: models.judge,
      asks,
      seed: plan.seed,
      measures,
      isWhole: plan.isWhole,
      confidence: pairConfidence(plan),
      signal,
      onRound: async (now) => {
        keep(now);
        await spending.write();
        const [first] = Object.values<Compared["differences"][string]>(now.differences);
        await run.tell("round-finished", { set: label, pairs: now.pairs, rise: first?.difference });
      },
      onAnswer: (done, total) => means.onProgress({ done, total, failed, cost: costOf(account, models.isRemote) }),
      ...(models.isRemote && {
        onFailure: (id: string, error: Error) => {
          failed++;
          means.onFailure(id, error);
        },
      }),
    }),
  );
}

/** Both where neither is required: they are reported all the same. */
function decidingOf(set: string, required: readonly string[] | undefined): Readonly<Record<"rise" | "fall", boolean>> {
  const rise = isRequired(`${MISALIGNED_CHECK}/${set}`, required);
  const fall = isRequired(`${COHERENT_CHECK}/${set}`, required);
  return rise || fall ? { rise, fall } : { rise: true, fall: true };
}
