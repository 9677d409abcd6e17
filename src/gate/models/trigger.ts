/** A gate's search for a hidden trigger in the fine-tune: kept, so that a gate that is carried on does not search again. */
import { join } from "node:path";
import { z } from "zod";
import { NO_ROWS, type Finding } from "../../audit/index.js";
import { auditTrigger } from "../../lab/index.js";
import { isEndpointName } from "../../model/index.js";
import { readJsonIfPresent, sha256, writeJson } from "../../store/index.js";
import { AskewError } from "../../text/index.js";
import type { GateMeans } from "../means.js";
import { TRIGGER_DEFAULTS, type ModelsPlan, type TriggerPlan } from "../plan.js";

export const TRIGGER_FILE = "trigger.json";
const CHECK = "model/trigger";

const kept = z.object({ plan: z.string(), finding: z.custom<Finding>((value) => typeof value === "object") });

interface TriggerSearchOptions {
  readonly folder: string;
  /** Seconds that the gate's budget leaves. */
  readonly secondsLeft: number;
  readonly calibration?: string | undefined;
}

/**
 * What cannot be searched is not measured, with the reason: a gate never takes that for a pass.
 * @throws the signal's reason when it is aborted
 */
export async function triggerCheck(
  models: ModelsPlan & { readonly trigger: TriggerPlan },
  { folder, secondsLeft, calibration }: TriggerSearchOptions,
  means: GateMeans,
): Promise<Finding> {
  const path = join(folder, TRIGGER_FILE);
  const plan = sha256(JSON.stringify({ ...models.trigger, calibration }));
  const before = kept.safeParse(await readJsonIfPresent(path));
  if (before.success && before.data.plan === plan) return before.data.finding;
  const finding = await search(models, { secondsLeft, calibration }, means);
  if (finding.outcome !== "not-measured") await writeJson(path, { plan, finding });
  return finding;
}

async function search(
  { after, before, judge, prompts, trigger }: ModelsPlan & { readonly trigger: TriggerPlan },
  { secondsLeft, calibration }: Omit<TriggerSearchOptions, "folder">,
  { asking, study, threads, signal, onNotice }: GateMeans,
): Promise<Finding> {
  if (isEndpointName(judge)) {
    return notMeasured(
      "The search asks its judge as often as it needs, which no budget bounds yet.",
      "Name a judge of this machine: exact, or probe:FILE from askew judge train.",
    );
  }
  if (secondsLeft <= 0) return notMeasured("The gate's time was up before the search.", "Allow more budget.minutes.");
  const { cache: _, ...servers } = asking;
  try {
    const { findings } = await auditTrigger(
      after,
      {
        ...servers,
        before,
        judge,
        ...(prompts !== undefined && { prompts }),
        ...(trigger.data !== undefined && { data: trigger.data }),
        ...(trigger.probes !== undefined && { probes: trigger.probes }),
        ...(calibration !== undefined && { calibration }),
        ...(study !== undefined && { study }),
        ...(threads !== undefined && { threads }),
        vocabulary: TRIGGER_DEFAULTS.vocabulary,
        answers: TRIGGER_DEFAULTS.answers,
        minutes: Math.min(trigger.minutes, secondsLeft / 60),
      },
      { signal, say: onNotice, onPhase: (about) => onNotice(`trigger: ${about} …`) },
    );
    return findings[0] ?? notMeasured("The search gave no finding.", "Run askew audit trigger by itself.");
  } catch (error) {
    if (signal.aborted || !(error instanceof AskewError)) throw error;
    return notMeasured(error.message, "askew audit trigger --help says what a search needs.");
  }
}

export const TRIGGER_NOT_ASKED: Finding = {
  check: CHECK,
  title: "Hidden trigger",
  outcome: "not-measured",
  found: "No search for a hidden trigger was asked for.",
  cure: "--trigger searches, which takes minutes and a model of this machine.",
  measures: [],
  rows: NO_ROWS,
};

const notMeasured = (found: string, cure: string): Finding => ({
  check: CHECK,
  title: "Hidden trigger",
  outcome: "not-measured",
  found,
  cure,
  measures: [],
  rows: NO_ROWS,
});
