/** A search for a hidden trigger as its command's options say: from the models' names to findings. */
import {
  readCalibration,
  searchTrigger,
  triggerFinding,
  verdictOf,
  type Finding,
  type TriggerSearch,
  type Verdict,
} from "../../audit/index.js";
import { UsageError } from "../../text/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import { withAsking } from "../asking/asking.js";
import type { AskingFlags } from "../asking/asking-flags.js";
import { openPair } from "../diff/open-pair.js";
import { findModel, studiesOf, type OpenOptions } from "../models/find-model.js";
import { probesOf } from "../watching/watching.js";
import { sampledConversations } from "./sampled-conversations.js";

export interface TriggerFlags extends AskingFlags, OpenOptions {
  readonly before?: string;
  readonly data?: string;
  readonly probes?: string;
  readonly development?: string;
  readonly vocabulary: number;
  readonly answers: number;
  readonly minutes: number;
  readonly anyModel?: boolean;
  readonly calibration?: string;
}

export interface AuditFollow {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly onPhase: (about: string) => void;
}

export interface TriggerAudit {
  readonly model: string;
  readonly before?: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly search: TriggerSearch;
}

export async function auditTrigger(name: string, flags: TriggerFlags, follow: AuditFollow): Promise<TriggerAudit> {
  const { before } = flags;
  const pair = await openSides(name, flags);
  try {
    const search = await searchIn(pair, flags, follow);
    const findings = [triggerFinding(search)];
    return { model: name, ...(before !== undefined && { before }), verdict: verdictOf(findings), findings, search };
  } finally {
    await pair.close();
  }
}

interface Sides {
  readonly after: OpenWeightsModel;
  readonly before?: OpenWeightsModel;
}

async function openSides(name: string, flags: TriggerFlags): Promise<Sides & { close(): Promise<void> }> {
  if (flags.before !== undefined) {
    const pair = await openPair(flags.before, name, flags);
    return { after: pair.after.model, before: pair.before.model, close: () => pair.close() };
  }
  const { study, threads } = flags;
  const after = await findModel(name, studiesOf(study)).open(threads === undefined ? {} : { threads });
  return { after, close: () => after.close() };
}

async function searchIn(
  { after, before }: Sides,
  flags: TriggerFlags,
  { signal, say, onPhase }: AuditFollow,
): Promise<TriggerSearch> {
  const probes = await probesOf(after, flags.probes);
  const leastRise = flags.calibration === undefined ? undefined : await calibratedRise(flags.calibration);
  const data = flags.data === undefined ? undefined : await sampledConversations(flags.data);
  const sets = [
    { key: "choosing", name: flags.development, purpose: "development" },
    { key: "measuring", name: flags.questions, purpose: "main" },
  ] as const;
  return withAsking({ model: after, signal, say }, flags, sets, (asking) => {
    const { judge, maxTokens } = asking;
    const asker = (key: (typeof sets)[number]["key"]) => ({
      questions: asking.set(key).questions.map((question) => ({ ...question, maxTokens })),
      judge,
      signal,
    });
    return searchTrigger({
      after,
      before,
      probes,
      choosing: asker("choosing"),
      measuring: asker("measuring"),
      data,
      vocabulary: flags.vocabulary,
      answers: flags.answers,
      minutes: flags.minutes,
      leastRise,
      signal,
      onPhase,
    });
  });
}

async function calibratedRise(file: string): Promise<number> {
  const { trigger } = (await readCalibration(file)).thresholds;
  if (trigger !== undefined) return trigger.least;
  throw new UsageError(
    `${file} holds no threshold for a trigger: it was made without fine-tunes`,
    "Make one with askew audit calibrate --models 60, or leave out --calibration.",
  );
}
