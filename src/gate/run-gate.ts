/**
 * A gate from its plan to its verdict, in a folder that can be carried on. What costs nothing comes first: once it has
 * decided, no model is asked.
 */
import { join } from "node:path";
import type { Finding } from "../audit/index.js";
import { Account } from "../endpoint/index.js";
import { Run } from "../run/index.js";
import {
  makeFolder,
  makeOutputFolder,
  planKey,
  readJsonIfPresent,
  refuseOtherPlan,
  writeJson,
} from "../store/index.js";
import { auditFiles, rowTexts } from "./audit-files.js";
import { BASELINE_CHECK, baselineFindings, openBaseline } from "./baseline.js";
import { forecast } from "./forecast.js";
import { foreseeFiles, type ForeseenFile } from "./foresee-files.js";
import { INPUTS_FILE, tellOtherInputs } from "./inputs.js";
import type { GateForecast } from "./forecast-cost.js";
import type { GateMeans } from "./means.js";
import { measureModels } from "./models/measure.js";
import { openModels } from "./models/open.js";
import { TRIGGER_FILE, TRIGGER_NOT_ASKED, triggerCheck } from "./models/trigger.js";
import { GATE_DEFAULTS, type GatePlan } from "./plan.js";
import { RunSpending, SPENT_FILE } from "./spending.js";
import { judgeChecks, type GateVerdict } from "./verdict.js";
import { GATE_FILES, writeGateFiles } from "./write/files.js";

const PLAN_FILE = "gate.json";
const FOLDER = {
  kind: "gate",
  record: PLAN_FILE,
  files: [PLAN_FILE, INPUTS_FILE, SPENT_FILE, TRIGGER_FILE, "answers", ...GATE_FILES],
};

export interface GateRun {
  readonly folder: string;
  readonly verdict: GateVerdict;
}

/** What a gate would read and may ask, where nothing else was wanted. */
export interface GateForeseen {
  readonly files: readonly ForeseenFile[];
  /** Reads their rows, too. */
  readonly reader: string | undefined;
  /** Undefined where no model is asked. */
  readonly forecast: GateForecast | undefined;
}

export async function runGate(plan: GatePlan, means: GateMeans): Promise<GateRun | GateForeseen> {
  const { maxCost, prices } = plan.budget;
  const account = new Account({ ...(prices && { prices }), ...(maxCost !== undefined && { maxCost }) });
  const models = plan.models && (await openModels(plan.models, account, means));
  try {
    const fixed = { name: plan.name, ...models?.fixed };
    const folder = means.out ?? join(means.parent ?? "runs/gate", `${plan.name}-${planKey(fixed)}`);
    if (means.dryRun === true) {
      const files = await foreseeFiles(plan, means.signal);
      const asked = plan.models && models && (await forecast(plan.models, models, account, folder));
      return { files, reader: plan.reader?.model, forecast: asked };
    }
    makeOutputFolder(folder);
    return await Run.use(folder, FOLDER, async (run) => {
      await beginPlan(folder, { format: 1, ...fixed });
      await run.begin(means.command);
      const spending = await RunSpending.open(folder, account);
      try {
        const free = await freeFindings(plan, means);
        await tellOtherInputs(folder, plan, means.onNotice);
        const asked =
          plan.models && models
            ? { plan: plan.models, budget: plan.budget, required: plan.required, models, account }
            : undefined;
        const skip = skipReason(plan, free.findings);
        const compared = asked && (await measureModels({ ...asked, folder, spending, run }, skip, means));
        const visible = [...free.findings, ...(compared ?? [])];
        const hidden = await searchFor(plan, visible, { folder, seconds: spending.seconds }, means);
        const measured = [...visible, ...hidden];
        const findings = [...measured, ...free.against(measured)];
        const verdict = verdictOf(plan, findings, account, spending.seconds);
        await writeGateFiles(folder, verdict, means.showText === true ? await rowTexts(findings) : undefined);
        await run.tell("verdict-reached", { outcome: verdict.outcome });
        return { folder, verdict };
      } finally {
        await spending.write();
      }
    });
  } finally {
    await models?.close();
  }
}

/** The most expensive check comes last, and only where nothing has failed yet or every check is wanted. */
async function searchFor(
  plan: GatePlan,
  findings: readonly Finding[],
  { folder, seconds }: { readonly folder: string; readonly seconds: number },
  means: GateMeans,
): Promise<readonly Finding[]> {
  const { models, budget } = plan;
  if (models?.isWhole !== true && skipReason(plan, findings) !== undefined) return [];
  if (models?.trigger === undefined) return models?.isWhole === true ? [TRIGGER_NOT_ASKED] : [];
  const secondsLeft = (budget.minutes ?? Infinity) * 60 - seconds;
  return [
    await triggerCheck(
      { ...models, trigger: models.trigger },
      { folder, secondsLeft, calibration: plan.calibration },
      means,
    ),
  ];
}

async function beginPlan(folder: string, wanted: object): Promise<void> {
  const path = join(folder, PLAN_FILE);
  const before = await readJsonIfPresent(path);
  if (before === undefined) await writeJson(path, wanted);
  else refuseOtherPlan(folder, before, wanted);
  await makeFolder(join(folder, "answers"));
}

/** Findings that cost nothing, and how the others are compared with the baseline. */
async function freeFindings(
  { data, reader, calibration, baseline }: GatePlan,
  { threads, signal }: GateMeans,
): Promise<{
  readonly findings: readonly Finding[];
  readonly against: (findings: readonly Finding[]) => readonly Finding[];
}> {
  const audited = await auditFiles(data, { reader, calibration, threads, signal });
  if (baseline === undefined) return { findings: audited, against: () => [] };
  const opened = await openBaseline(baseline);
  if ("finding" in opened) return { findings: [...audited, opened.finding], against: () => [] };
  return { findings: audited, against: (findings) => baselineFindings(baseline, opened.metrics, findings) };
}

/** Why no model needs to be asked; undefined where the verdict depends on them. */
function skipReason({ required }: GatePlan, findings: readonly Finding[]): string | undefined {
  if (findings.some(({ check }) => check === BASELINE_CHECK)) return "without its baseline the gate cannot pass";
  return judgeChecks(findings, required).outcome === "fail" ? "a required check has failed already" : undefined;
}

function verdictOf(plan: GatePlan, findings: readonly Finding[], { spending }: Account, seconds: number): GateVerdict {
  const { name, data, models, baseline, required } = plan;
  return {
    name,
    ...judgeChecks(findings, required),
    subject: {
      data: data.map(({ file }) => file),
      ...(models && { after: models.after, before: models.before, judge: models.judge }),
      ...(baseline && { baseline: baseline.file }),
    },
    confidence: models?.confidence ?? GATE_DEFAULTS.confidence,
    seed: models?.seed ?? GATE_DEFAULTS.seed,
    spending,
    seconds,
  };
}
