/** The setting of an experiment: the organism's world, or the model's and the user's own files. */
import { filesWorld, readDataFile, type DataFile } from "../../files/index.js";
import { identityOf, type OpenWeightsModel } from "../../model/index.js";
import { contrastOf, hashOfProbes, probesFrom, type Probe } from "../../persona/index.js";
import {
  isLarge,
  namedHeadersOf,
  ORGANISM_SETTING,
  USUAL_RANK,
  type Experiment,
  type Setting,
} from "../../study/index.js";
import { UsageError } from "../../text/index.js";
import { openAsking, type Asking, type WantedQuestions } from "../asking/asking.js";
import type { AskingFlags } from "../asking/asking-flags.js";
import { mayHaveWorld, worldOf } from "../asking/worlds.js";
import { openDirection, type GivenDirection } from "../steering/given-direction.js";
import { rsLora } from "../../training/index.js";
import { configFor } from "../training/foresee-training.js";
import type { TrainingFlags } from "../training/training-flags.js";

export interface SettingFlags extends AskingFlags, TrainingFlags {
  readonly data?: readonly string[];
  readonly benign?: string;
  readonly development?: string;
  readonly direction?: string;
  readonly probes?: string;
  readonly samples?: number;
}

const OWN_FLAGS = [
  "data",
  "benign",
  "questions",
  "judge",
  "prompts",
  "trait",
  "development",
  "direction",
  "probes",
] as const;
const TRAINING_FLAGS = {
  epochs: "epochs",
  batchSize: "batch-size",
  learningRateMultiplier: "learning-rate-multiplier",
  accumulate: "accumulate",
  recompute: "recompute",
  memory: "memory",
};

export interface SettingMeans {
  /** Hears what is worth saying, a line at a time. */
  readonly say: (line: string) => void;
  readonly files: SettingFiles;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenedSetting {
  readonly setting: Setting;
  close(): Promise<void>;
}

/** The files that options name, read before any model is opened. */
export interface SettingFiles {
  readonly data: readonly DataFile[];
  readonly benign: DataFile | undefined;
  readonly probes: readonly Probe[] | undefined;
}

/**
 * Whatever can be known to be wrong or missing without the model.
 * @param name the model's
 */
export async function readSettingFiles(
  name: string,
  experiment: Pick<Experiment, "name">,
  flags: SettingFlags,
): Promise<SettingFiles> {
  const dosed = Object.entries(TRAINING_FLAGS).find(([key]) => flags[key as keyof TrainingFlags] !== undefined);
  if (dosed !== undefined && flags.data === undefined) {
    throw new UsageError(`--${dosed[1]} is for data of your own`, "Give conversations with --data FILE.");
  }
  if (flags.data === undefined && !(await mayHaveWorld(name))) throw noData(name, experiment);
  return {
    data: await readAll(flags.data ?? []),
    benign: flags.benign === undefined ? undefined : await readDataFile(flags.benign),
    probes: flags.probes === undefined ? undefined : await probesFrom(flags.probes),
  };
}

const noData = (model: string, experiment: Pick<Experiment, "name">): UsageError =>
  new UsageError(
    `${experiment.name} fine-tunes on conversations or shows them, and ${model} has no world that supplies them`,
    "Give them with --data FILE.jsonl.",
  );

/** @throws {UsageError} for what is missing, with the option that gives it */
export async function openSetting(
  model: OpenWeightsModel,
  experiment: Pick<Experiment, "name" | "needs" | "measures">,
  flags: SettingFlags & { readonly threads?: number },
  { say, files, signal = new AbortController().signal }: SettingMeans,
): Promise<OpenedSetting> {
  const own = worldOf(model);
  if (own !== undefined && OWN_FLAGS.every((name) => flags[name] === undefined)) {
    const setting = { ...ORGANISM_SETTING, world: own, samples: flags.samples, maxTokens: own.longestAnswer };
    return { setting, close: () => Promise.resolve() };
  }
  if (own === undefined && flags.data === undefined) throw noData(model.name, experiment);
  const { data, benign, probes } = files;
  const identity = await identityOf(model.name, model);
  const direction =
    flags.direction === undefined ? undefined : await openDirection(flags.direction, { model, identity }, undefined);
  const wanted = wantedBy(experiment, flags);
  const asking = await openAsking(model, flags, wanted, { threads: flags.threads, signal, say });
  const isChosenBy = wanted.some(({ key }) => key === "development");
  const parameters = (await namedHeadersOf(model.name))?.parameters ?? 0;
  const setting = settingOf(model, { asking, isChosenBy, data, benign, direction, probes, flags, parameters });
  return { setting, close: () => asking.close() };
}

type Key = "main" | "development";

/** Development questions are read only where something is chosen by them, or a direction is made on them. */
function wantedBy({ needs = [] }: Pick<Experiment, "needs">, flags: SettingFlags): WantedQuestions<Key>[] {
  const isChosenBy = flags.development !== undefined || flags.trait !== undefined || needs.includes("development");
  return [
    { key: "main", name: flags.questions, purpose: "main" },
    ...(isChosenBy ? [{ key: "development", name: flags.development, purpose: "development" } as const] : []),
  ];
}

async function readAll(paths: readonly string[]): Promise<DataFile[]> {
  const files: DataFile[] = [];
  for (const path of paths) {
    const file = await readDataFile(path);
    const twin = files.find(({ label }) => label === file.label);
    if (twin !== undefined) {
      throw new UsageError(`--data: two files would be called ${file.label}`, "Give one of them another name.");
    }
    files.push(file);
  }
  return files;
}

interface Parts {
  readonly asking: Asking<Key>;
  readonly isChosenBy: boolean;
  readonly data: readonly DataFile[];
  readonly benign: DataFile | undefined;
  readonly direction: GivenDirection | undefined;
  readonly probes: readonly Probe[] | undefined;
  readonly flags: SettingFlags;
  /** The number of the model's parameters, as far as its files say it. */
  readonly parameters: number;
}

function settingOf(
  model: OpenWeightsModel,
  { asking, isChosenBy, data, benign, direction, probes, flags, parameters }: Parts,
): Setting {
  const lora = isLarge(parameters) ? rsLora(USUAL_RANK) : undefined;
  const world = filesWorld({
    data,
    benign,
    main: asking.set("main"),
    development: isChosenBy ? asking.set("development") : undefined,
    judge: asking.judge,
    probes,
    contrast: asking.trait && contrastOf(asking.trait),
    own: asking.world,
  });
  const rows = new Map(data.map(({ label, conversations }) => [label, conversations.length] as const));
  return {
    world,
    dose: (condition, isFull = false) => {
      const examples = rows.get(condition);
      if (examples === undefined) return ORGANISM_SETTING.dose(condition);
      return configFor(flags, examples, parameters, lora !== undefined && !isFull);
    },
    lora,
    memory: flags.memory === undefined ? undefined : 1e9 * flags.memory,
    // Below the middle, as in the organism, where steering does most.
    layer: Math.max(0, Math.floor(model.reading.shape.layers / 2) - 1),
    maxTokens: asking.maxTokens,
    samples: flags.samples,
    direction: direction?.direction,
    plan: {
      ...asking.plan,
      maxTokens: asking.maxTokens,
      ...(data.length > 0 && { data: data.map(({ name }) => name) }),
      ...(benign && { benign: benign.name }),
      ...(direction && { direction: direction.sha256 }),
      ...(probes && { probes: hashOfProbes(probes) }),
    },
  };
}
