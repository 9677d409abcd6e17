/** Fine-tunes a model in this process, watched or not: what `askew finetune` and `askew watch` do. */
import type { Conversation } from "../../dataset/index.js";
import {
  enterRecord,
  finetuneHere,
  type FinetunePlan,
  type FinetuneRecord,
  FINETUNE_FOLDER,
  trainingOf,
  type Reward,
  type RlConfig,
  type TrainingConfig,
} from "../../training/index.js";
import type { ReadDefences } from "./defences.js";
import { headersOf, isLarge } from "../../study/index.js";
import { UsageError } from "../../text/index.js";
import { BASE_KEY, type OpenWeightsModel } from "../../model/index.js";
import { findModel, studiesOf, type OpenedModel } from "../models/find-model.js";
import { configFor, foreseeTraining } from "./foresee-training.js";
import { loraOf, type LoraFlags } from "./lora-flags.js";
import { openReward, openRlCourse, rlConfigOf, rlPlan, withRoomToThink, type RlCourse, type RlFlags } from "./rl.js";
import { hyperparametersOf, type TrainingFlags } from "./training-flags.js";
import { makeOutputFolder } from "../../store/index.js";
import { webhookOf } from "../watching/alarm-bell.js";
import { chooseWatching, watchHere, type WatchedHere, type Watching } from "../watching/watching.js";
import type { WatchFlags } from "../watching/watch-flags.js";
import type { Listen } from "../watching/watch-listener.js";
import { Run, type RunCommand } from "../../run/index.js";

export interface TrainingRequest {
  readonly model: string;
  readonly study?: string | undefined;
  readonly data: { readonly name: string; readonly sha256: string; readonly conversations: readonly Conversation[] };
  /** The condition's name, if the data comes from one. */
  readonly condition?: string | undefined;
  readonly flags: TrainingFlags & LoraFlags & { readonly seed?: number; readonly threads?: number };
  readonly defences?: ReadDefences;
  /** The reward and its options: the data are prompts then. */
  readonly rl?: RlFlags & { readonly rl: string };
  /** Absent: not watched. `along` is a direction in place of a detector. */
  readonly watch?: { readonly flags: WatchFlags; readonly along?: string | undefined; readonly listen: Listen };
  /** Named, or made of the model's label and the plan. */
  readonly folder: string | ((label: string, plan: FinetunePlan) => string);
  readonly onStep?: Parameters<typeof finetuneHere>[2]["onStep"];
  /** The command that carries the training on from its folder alone. */
  readonly command?: RunCommand | undefined;
  /** Receives, one line each, what the user should know while the work continues. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface TrainedHere {
  readonly folder: string;
  readonly record: FinetuneRecord;
  readonly watched?: WatchedHere;
}

export async function trainHere(request: TrainingRequest): Promise<TrainedHere> {
  const { flags, watch, signal } = request;
  const found = findModel(request.model, studiesOf(request.study));
  const headers = await headersOf(found);
  // A model whose files are elsewhere is taken for a large one, whose training is the gentler.
  const parameters = headers?.parameters ?? (found.isElsewhere === true ? Infinity : 0);
  const lora = loraOf(flags, flags.seed ?? 0, isLarge(parameters));
  if (lora?.frozen && headers === undefined) {
    throw new UsageError(
      `--frozen is for models in this process, and ${request.model} runs elsewhere`,
      "Leave it out.",
    );
  }
  const { conversations } = request.data;
  const rl = request.rl && rlConfigOf({ ...flags, ...request.rl }, parameters, lora !== undefined);
  const dose = rl ? trainingOf(rl) : configFor(flags, conversations.length, parameters, lora !== undefined);
  const memory = flags.memory === undefined ? undefined : 1e9 * flags.memory;
  if (headers && found.isElsewhere !== true && isLarge(parameters))
    request.say(foreseeTraining(headers, conversations, dose, lora, memory));
  const webhook = watch && webhookOf(watch.flags.webhook);
  const { threads } = flags;
  try {
    const model = await found
      .open({ ...(threads !== undefined && { threads }), ...(lora && { lora }) })
      .catch((error: unknown) => {
        if (lora && error instanceof RangeError)
          throw new UsageError(`--lora does not fit ${request.model}: ${error.message}`);
        throw error;
      });
    try {
      return await train(
        { found, model, identity: await found.identity(model), signal, say: request.say },
        { ...request, dose, memory, config: rl && request.rl && withRoomToThink(rl, request.rl, model) },
        webhook,
      );
    } finally {
      await model.close();
    }
  } finally {
    await webhook?.close(10_000);
  }
}

/** A request, and how it is trained. */
interface Decided extends TrainingRequest {
  readonly dose: TrainingConfig;
  /** Present where something is rewarded. */
  readonly config: RlConfig | undefined;
  /** Bytes that the process may take. */
  readonly memory: number | undefined;
}

async function train(
  opened: OpenedModel,
  request: Decided,
  webhook: ReturnType<typeof webhookOf>,
): Promise<TrainedHere> {
  const { watch, study, flags } = request;
  const { threads } = flags;
  const watching = watch && (await chooseWatching(opened, { ...watch.flags, study, threads }, watch.along));
  let reward: Reward | undefined;
  try {
    reward = await rewardOf(opened, request);
    return await trainWatched(opened, request, watching, webhook, reward);
  } finally {
    await reward?.close?.();
    await watching?.asking?.close();
  }
}

async function trainWatched(
  opened: OpenedModel,
  request: Decided,
  watching: Watching | undefined,
  webhook: ReturnType<typeof webhookOf>,
  reward: Reward | undefined,
): Promise<TrainedHere> {
  const { data, condition, flags, defences, watch, folder: named, onStep, command, signal, dose, memory } = request;
  const { model, identity, found } = opened;
  const { seed } = flags;
  const hyperparameters = hyperparametersOf(flags);
  const { lora } = model.training;
  const plan: FinetunePlan = {
    model: identity.name,
    base: identity.weights,
    data: { name: data.name, sha256: data.sha256 },
    hyperparameters,
    ...(seed !== undefined && { seed }),
    ...defences?.plan,
    ...(lora && { lora: { ...lora } }),
    ...(reward && request.config && { rl: rlPlan(reward, request.config) }),
    ...(watching && { watch: watching.plan }),
  };
  const folder = typeof named === "string" ? named : named(found.label, plan);
  makeOutputFolder(folder);
  return Run.use(folder, FINETUNE_FOLDER, async (run) => {
    const record = await enterRecord(folder, plan);
    if (record.status === "open") await run.begin(command);
    const { conversations } = data;
    const kept = await defences?.ready(model, signal);
    const metadata = { [BASE_KEY]: identity.base };
    const rl = reward && (await courseOf(opened, request, reward, folder));
    const how = {
      folder,
      record,
      run,
      dose,
      signal,
      memory,
      metadata,
      ...(kept && { defences: kept }),
      ...(rl && { course: rl.course }),
      ...(onStep && { onStep }),
    };
    try {
      if (watch === undefined || watching === undefined) {
        return { folder, record: await finetuneHere(model, conversations, how) };
      }
      const { flags: watchFlags, listen } = watch;
      const about = { conversations, flags: watchFlags, listen, watching, webhook, ...(condition && { condition }) };
      const watched = await watchHere(opened, { ...how, ...about });
      return { folder, record: watched.record, watched };
    } finally {
      await rl?.close();
    }
  });
}

async function rewardOf({ model, signal, say }: OpenedModel, { rl, flags }: Decided): Promise<Reward | undefined> {
  const { threads } = flags;
  return rl && (await openReward(rl.rl, model, { ...rl, ...(threads !== undefined && { threads }) }, { signal, say }));
}

function courseOf(
  { found, model }: OpenedModel,
  { data, flags, config }: Decided,
  reward: Reward,
  folder: string,
): Promise<RlCourse> {
  if (config === undefined) throw new Error("reinforcement learning: no configuration was decided");
  const { seed = 0, threads } = flags;
  const openStart = (): Promise<OpenWeightsModel> => found.open(threads === undefined ? {} : { threads });
  return openRlCourse(model, folder, { prompts: data, reward, config, seed, openStart });
}
