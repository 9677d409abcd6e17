/** Trains an autoencoder in a folder that can be carried on, measures it, and writes a card for every latent. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  readSae,
  readSaeCheckpoint,
  readSummary,
  saeFolderKind,
  saeSteps,
  trainSae,
  writeSae,
  writeSaeCheckpoint,
  type DocumentSource,
  type Sae,
  type SaePlan,
  type SaeRecipe,
  type SaeSummary,
} from "../../persona/index.js";
import { Run, type RunCommand } from "../../run/index.js";
import { makeOutputFolder } from "../../store/index.js";
import { counted, UsageError } from "../../text/index.js";
import type { OpenedModel } from "../models/find-model.js";
import { measureInto } from "./measure-into.js";
import type { Wanted } from "./wanted.js";

export interface MeasuredSae {
  readonly folder: string;
  readonly sae: Sae;
  readonly summary: SaeSummary;
}

/** Hears how far a training is. */
export interface SaeProgress {
  hear(now: { readonly done: number; readonly total: number; readonly failed: number }): void;
  /** Something worth a line. */
  keep(line: string): void;
}

export interface SaeFollow {
  /** Carries it on from its folder alone. */
  readonly command: RunCommand;
  /** Follows a part of the work to its end. */
  readonly counting: <T>(things: string, work: (progress: SaeProgress) => Promise<T>) => Promise<T>;
}

/** Keeps what is finished: a training, and a measurement on the same number of documents. */
export async function trainOneSae(
  wanted: Wanted,
  opened: OpenedModel,
  source: DocumentSource,
  documents: number,
  follow: SaeFollow,
): Promise<MeasuredSae> {
  makeOutputFolder(wanted.folder);
  return Run.use(wanted.folder, saeFolderKind(wanted.plan), (run) =>
    trainAndMeasure(wanted, opened, source, documents, run, follow),
  );
}

async function trainAndMeasure(
  { folder, plan }: Wanted,
  opened: OpenedModel,
  source: DocumentSource,
  documents: number,
  run: Run,
  follow: SaeFollow,
): Promise<MeasuredSae> {
  let sae = await storedSae(folder, plan);
  await run.begin(follow.command);
  if (!sae) {
    sae = await follow.counting("steps", (progress) => trainInto(folder, plan, opened, source, run, progress));
  } else if (existsSync(join(folder, "summary.json"))) {
    const summary = await readSummary(folder);
    if (summary.metrics.documents === documents) return { folder, sae, summary };
  }
  opened.say(`Measuring it on ${documents} other documents.`);
  const { model, identity, signal } = opened;
  return { folder, sae, summary: await measureInto(folder, sae, model, identity.name, source, documents, signal) };
}

/** Undefined where there is none yet. */
async function storedSae(folder: string, plan: SaePlan): Promise<Sae | undefined> {
  if (!existsSync(join(folder, "recipe.json"))) return undefined;
  const sae = await readSae(folder);
  const { scale: _scale, ...made } = sae.recipe;
  const differs = Object.entries(plan).find(
    ([key, value]) => JSON.stringify(made[key as keyof SaePlan]) !== JSON.stringify(value),
  );
  if (!differs) return sae;
  const [key, value] = differs;
  const now = key === "model" ? plan.model.name : JSON.stringify(value);
  const then = key === "model" ? made.model.name : JSON.stringify(made[key as keyof SaePlan]);
  throw new UsageError(
    `${folder} holds another autoencoder: ${key} is ${then} there and ${now} now`,
    "Choose another folder with --out, or remove that one.",
  );
}

async function trainInto(
  folder: string,
  plan: SaePlan,
  { model, signal }: OpenedModel,
  source: DocumentSource,
  run: Run,
  progress: SaeProgress,
): Promise<Sae & { readonly recipe: SaeRecipe }> {
  const checkpoint = join(folder, "checkpoint.safetensors");
  const from = await readSaeCheckpoint(checkpoint, plan);
  if (from) progress.keep(`Carrying on at step ${from.step}.`);
  let said = from?.step ?? 0;
  const sae = await trainSae(model, source, plan, {
    from,
    signal,
    onStep: ({ step, steps, loss, dead }) => {
      progress.hear({ done: step, total: steps, failed: 0 });
      if (step !== steps && step - said < steps / 10) return;
      said = step;
      progress.keep(`step ${step}: ${(100 * (1 - loss)).toFixed(1)} % of the variance explained, ${dead} dead`);
    },
    onCheckpoint: async (take) => {
      const state = await take();
      await writeSaeCheckpoint(checkpoint, plan, state);
      await run.tell("checkpoint-saved", { step: state.step });
    },
  });
  await writeSae(folder, sae); // recipe.json comes last, and says that the training is done
  await rm(checkpoint, { force: true });
  progress.keep(`Trained ${counted(saeSteps(plan), "step")}.`);
  return sae;
}
