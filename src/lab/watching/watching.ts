/** Watches a fine-tune as its command's options say: from the detector to what is done at the alarm. */
import { plannedSets } from "../../evaluation/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import type { Webhook } from "../../endpoint/index.js";
import type { Conversation } from "../../dataset/index.js";
import { stepsOf, type FinetunePlan, type HereOptions } from "../../training/index.js";
import {
  beyondPromise,
  hashOfProbes,
  measure,
  pooledRate,
  readDirection,
  probesFrom,
  requireFit,
  Watcher,
  type Probe,
  type Truth,
  type WatcherOptions,
} from "../../persona/index.js";
import { watchedFinetune, type WatchedEnd } from "../../study/index.js";
import { openAsking, type Asking } from "../asking/asking.js";
import { benignData, type NamedBenign } from "../asking/benign-data.js";
import { worldOf } from "../asking/worlds.js";
import { UsageError } from "../../text/index.js";
import type { OpenedModel } from "../models/find-model.js";
import { fileSha256 } from "../../store/index.js";
import { AlarmBell } from "./alarm-bell.js";
import { findDetector, type FoundDetector } from "./find-detector.js";
import { realignAfter, type Realigned } from "./realign-after.js";
import { saeFor } from "../sae/open-sae.js";
import { NAMES, type WatchFlags } from "./watch-flags.js";
import type { Listen } from "./watch-listener.js";

const EVERY = 2;
const SAMPLES = 32;
/** Any benign data will do that misalignment is not measured with. */
const REALIGN_WITH = "facts";

/** Made before the fine-tune is entered, for it is a part of its plan. */
export interface Watching extends Pick<WatcherOptions, "direction" | "probes" | "sae"> {
  readonly given: FoundDetector | null;
  readonly every: number;
  /** Set if behaviour is sampled. */
  readonly asking?: Asking<"open">;
  /** Set if an alarm trains the model back. */
  readonly benign?: NamedBenign;
  readonly plan: NonNullable<FinetunePlan["watch"]>;
}

export interface WatchedHere extends WatchedEnd {
  readonly given: FoundDetector | null;
  /** In what the fine-tune goes beyond what the detector promises for. */
  readonly beyond: readonly string[];
  readonly realigned: Realigned | null;
}

/** @param along without a detector: signals along the direction in this file are written down, and no alarm is given */
export async function chooseWatching(
  { model, identity, found, signal, say }: OpenedModel,
  flags: WatchFlags & { readonly study?: string | undefined; readonly threads?: number | undefined },
  along: string | undefined,
): Promise<Watching> {
  const { truthEvery, onAlarm, study, threads } = flags;
  const asks = truthEvery !== undefined || onAlarm === "realign";
  const idleAsking = (["questions", "judge", "prompts", "trait"] as const).find((key) => flags[key] !== undefined);
  if (!asks && idleAsking !== undefined) {
    throw new UsageError(`--${idleAsking} does nothing without --truth-every or --on-alarm realign`);
  }
  if (along !== undefined && flags.detector !== undefined) {
    throw new UsageError("expected either --detector or --direction, found both");
  }
  if (along === undefined && flags.probes !== undefined) {
    throw new UsageError("--probes needs --direction: a detector has probes of its own");
  }
  const idle = (["onAlarm", "webhook"] as const).find((key) => flags[key] !== undefined);
  if (along !== undefined && idle !== undefined) {
    throw new UsageError(
      `--${NAMES[idle]} does nothing with --direction, which gives no alarm`,
      "Leave one of them out; askew watch calibrate makes a detector, which gives alarms.",
    );
  }
  if (flags.realignWith !== undefined && flags.onAlarm !== "realign") {
    throw new UsageError("--realign-with does nothing without --on-alarm realign");
  }
  const given = along === undefined ? await findDetector(flags.detector, found.label, identity) : null;
  const every = flags.every ?? given?.detector.every ?? EVERY;
  if (given !== null && every !== given.detector.every) {
    throw new UsageError(
      `--every ${every}: ${given.path} was calibrated with a look every ${given.detector.every} steps`,
      "Its threshold holds for those. Leave --every out, or calibrate with --every.",
    );
  }
  const sae = await saeFor(model, identity, flags);
  const plain = async (path: string) => {
    const direction = await readDirection(path, model.reading.shape);
    requireFit(path, direction, model.reading.shape, identity);
    return { direction, probes: await probesOf(model, flags.probes) };
  };
  const { direction, probes } = given === null ? await plain(along as string) : given.detector;
  const open = { key: "open", name: flags.questions, purpose: "development" } as const;
  const benign =
    onAlarm === "realign"
      ? await benignData(worldOf(model), { data: flags.realignWith ?? REALIGN_WITH, benign: flags.benign })
      : undefined;
  const asking = asks ? await openAsking(model, flags, [open], { study, threads, signal, say }) : undefined;
  const asked = asking?.asked("open", flags.samples ?? SAMPLES);
  const plan = {
    every,
    detector: given?.sha256 ?? null,
    ...(along !== undefined && { direction: await fileSha256(along), probes: hashOfProbes(probes) }),
    onAlarm: flags.onAlarm ?? "warn",
    truthEvery: flags.truthEvery ?? null,
    ...(flags.truthEvery !== undefined && { samples: flags.samples ?? SAMPLES }),
    ...(sae && { sae: sae.sha256, latents: sae.latents }),
    ...(asked && asked.set !== "development" && { questions: plannedSets([asked]) }),
    ...(flags.benign !== undefined && benign && { benign: benign.name }),
    ...asking?.plan,
  };
  const chosen = { given, every, plan, direction, probes };
  return { ...chosen, ...(sae && { sae }), ...(asking && { asking }), ...(benign && { benign }) };
}

/** From a file, or the probes of the model's own world. */
export async function probesOf(model: OpenWeightsModel, path: string | undefined): Promise<readonly Probe[]> {
  if (path !== undefined) return probesFrom(path);
  const own = worldOf(model)?.probes?.();
  if (own !== undefined) return own;
  throw new UsageError(
    `${model.name} has no probes of its own`,
    'Give them with --probes FILE, JSON lines {"prompt": "…", "aligned": "…", "misaligned": "…"}.',
  );
}

export interface WatchHere extends HereOptions {
  readonly signal: AbortSignal;
  readonly conversations: readonly Conversation[];
  /** The condition's name, if the data comes from one: it decides which questions show misalignment. */
  readonly condition?: string;
  readonly flags: WatchFlags;
  readonly watching: Watching;
  readonly webhook: Webhook | undefined;
  readonly listen: Listen;
}

export async function watchHere(opened: OpenedModel, options: WatchHere): Promise<WatchedHere> {
  const { flags, listen, watching, webhook, condition, conversations, ...how } = options;
  const { model, identity } = opened;
  const { folder, record, dose, signal } = how;
  const { given, every } = watching;
  const { onAlarm = "warn", samples = SAMPLES, truthEvery } = flags;
  const seed = record.plan.seed ?? 0;
  const asked = watching.asking?.asked("open", samples, condition);
  const watcher = await Watcher.open(model, watching);
  const progress = listen(stepsOf(dose), given !== null);
  const ask = async (step: number): Promise<Truth> => {
    const { asking } = watching;
    if (asking === undefined || asked === undefined) throw new Error("watching: nothing is asked");
    const { judge, maxTokens } = asking;
    const { answers } = await measure(model, [asked], { seed, judge, maxTokens, signal });
    return { step, ...pooledRate(answers) };
  };
  const bell = new AlarmBell(webhook, progress, {
    model: { name: identity.name, weights: identity.weights },
    data: record.plan.data,
    folder,
    onAlarm,
    falseAlarms: given?.detector.falseAlarms ?? null,
  });
  const close = (): void => void webhook?.close(1000);
  signal.addEventListener("abort", close);
  let ended: Awaited<ReturnType<typeof watchedFinetune>>;
  try {
    ended = await watchedFinetune(model, conversations, {
      ...how,
      onStep: (step) => progress.step(step),
      watch: {
        watcher,
        every,
        stops: onAlarm !== "warn",
        ...(given && { detector: given.detector }),
        ...(truthEvery !== undefined && { truth: { every: truthEvery, ask } }),
        onRow: (row) => progress.row(row),
        onAlarm: (row) => bell.ring(row),
      },
    });
  } finally {
    signal.removeEventListener("abort", close);
    progress.close();
    await watcher.close();
  }
  const { verdict } = ended;
  const adapter = model.training.lora !== undefined;
  const defended = record.plan.defences !== undefined;
  const beyond = given === null ? [] : beyondPromise(given.detector.falseAlarms, { dose, adapter, defended });
  const { asking, benign } = watching;
  const realigned =
    asking && asked && benign && verdict.alarm !== null
      ? await realignAfter(opened, verdict, { folder, asked, asking, seed, data: benign })
      : null;
  return { ...ended, given, beyond, realigned };
}
