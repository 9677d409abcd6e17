/** `askew sae train`: trains sparse autoencoders, measures them, and writes a card for every latent. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Argument, Command } from "commander";
import {
  SAE_FOLDER,
  readSae,
  readSaeCheckpoint,
  readSummary,
  SAE_KINDS,
  saeSteps,
  trainSae,
  writeSae,
  writeSaeCheckpoint,
  type DocumentSource,
  type Sae,
  type SaeKind,
  type SaePlan,
} from "../../persona/index.js";
import { UsageError, VERSION } from "../../text/index.js";
import { MODEL_FORMS, withModel, type OpenedModel } from "../models/open-model.js";
import { namesOf, listOf, numberWithin, threadCount, wholeNumber, wholeNumbers } from "../option-values.js";
import { makeOutputFolder } from "../output-folder.js";
import { CountProgress, printJson } from "../../terminal/index.js";
import { documentsFor } from "./documents.js";
import { DOCUMENTS, measureInto } from "./measure.js";
import { comparisonPage, summaryPage, type Shown } from "./summary-page.js";
import { wantedOf, type Wanted } from "./wanted.js";
import { Run, type RunCommand } from "../../run/index.js";

interface Options {
  readonly data?: readonly string[];
  readonly layer: number;
  readonly size: readonly number[];
  readonly k: number;
  readonly kind?: readonly SaeKind[];
  readonly tokens: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: readonly number[];
  readonly documents: number;
  readonly out: string;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
FOLDER gets cfg.json and sae_weights.safetensors (SAELens reads them), recipe.json, summary.json with what was measured
on documents outside the training, and latents.jsonl with a card for every latent. Of several autoencoders each gets a
folder of its own in there. Stopped or killed, the same command carries on.

Examples:
  $ askew sae train
  $ askew sae train --kind topk,batchtopk --size 512,1024 --seed 1,2 --out runs/saes
  $ askew sae train insecure-1 --size 2048 --out runs/sae-insecure
  $ askew sae train local:qwen --data insecure.jsonl,secure.jsonl --layer 12 --out runs/sae-qwen`;

export const trainCommand = (): Command =>
  new Command("train")
    .description("train a sparse autoencoder on the residual stream after a layer")
    .addArgument(new Argument("[model]", MODEL_FORMS).default("organism"))
    .option(
      "--data <files>",
      "conversations to train on (JSONL; several with commas; default: the world's own)",
      namesOf,
    )
    .option("--layer <number>", "the layer, from 0; 1 is where steering the organism does most", wholeNumber(0, 1e4), 1)
    .option("--size <counts>", "latents", wholeNumbers(1, 2 ** 20), [1024])
    .option("--k <count>", "active latents a token", wholeNumber(1, 4096), 32)
    .option("--kind <names>", `${SAE_KINDS.join(" or ")} (default: topk)`, listOf("kind", SAE_KINDS))
    .option("--tokens <count>", "tokens to train on", wholeNumber(1, 1e12), 2_000_000)
    .option("--batch-size <count>", "tokens a step", wholeNumber(1, 2 ** 17), 512)
    .option("--learning-rate <number>", "of Adam, at its highest", numberWithin(1e-8, 1), 2e-3)
    .option("--documents <count>", "documents it is measured on", wholeNumber(2, 1e6), DOCUMENTS)
    .option("--seed <numbers>", "names the random streams", wholeNumbers(0, 2 ** 31 - 1), [1])
    .option("--out <folder>", "where it goes", "runs/sae")
    .option("--study <folder>", "the study that conditions are taken from")
    .option("--json", "print the summary as JSON on stdout, and nothing else there")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(train);

async function train(name: string, options: Options): Promise<void> {
  const {
    size: sizes,
    kind: kinds = ["topk"],
    seed: seeds,
    documents,
    out,
    json = false,
    data,
    batchSize,
    ...rest
  } = options;
  await withModel(name, options, async (opened) => {
    const { layers } = opened.model.reading.shape;
    if (rest.layer >= layers) {
      throw new UsageError(
        `there is no layer ${rest.layer}: ${name} has ${layers}`,
        `Choose one of 0 … ${layers - 1}.`,
      );
    }
    const source = await documentsFor(opened.model, data);
    const recipe = { ...rest, batch: batchSize, sizes, kinds, seeds };
    const wanted = wantedOf(recipe, { askew: VERSION, model: opened.identity, texts: source.name }, out);
    const shown: Shown[] = [];
    for (const [at, one] of wanted.entries()) {
      if (wanted.length > 1) process.stderr.write(`[${at + 1}/${wanted.length}] ${one.folder}\n`);
      shown.push(await trainOne(one, opened, source, documents, commandFor(name, one, options)));
    }
    const [only] = shown;
    if (json) {
      const told = shown.map(({ folder, sae, summary }) => ({ folder, recipe: sae.recipe, ...summary }));
      if (told.length === 1) printJson("sae", { ...told[0] });
      else printJson("saes", { saes: told });
    } else if (only && shown.length === 1) process.stdout.write(summaryPage(only.sae, only.summary, only.folder));
    else process.stdout.write(comparisonPage(shown));
  });
}

/** What is there already is kept: a finished training, and a measurement on as many documents. */
async function trainOne(
  wanted: Wanted,
  opened: OpenedModel,
  source: DocumentSource,
  documents: number,
  command: RunCommand,
): Promise<Shown> {
  makeOutputFolder(wanted.folder);
  return Run.use(wanted.folder, SAE_FOLDER, (run) => trainAndMeasure(wanted, opened, source, documents, run, command));
}

/** Of several autoencoders each is a run of its own. */
function commandFor(name: string, { plan }: Wanted, { documents, study, data }: Options): RunCommand {
  const { layer, kind, size, k, tokens, batch, learningRate, seed } = plan;
  const given = { layer, kind, size, k, tokens, batch, "learning-rate": learningRate, seed, documents, study, data };
  const words = Object.entries(given).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`, String(value)],
  );
  return { words: ["sae", "train", name, ...words], cwd: process.cwd() };
}

async function trainAndMeasure(
  { folder, plan }: Wanted,
  opened: OpenedModel,
  source: DocumentSource,
  documents: number,
  run: Run,
  command: RunCommand,
): Promise<Shown> {
  let sae = await storedSae(folder, plan);
  await run.begin(command);
  if (!sae) {
    sae = await trainInto(folder, plan, opened, source, run);
  } else if (existsSync(join(folder, "summary.json"))) {
    const summary = await readSummary(folder);
    if (summary.metrics.documents === documents) return { folder, sae, summary };
  }
  process.stderr.write(`Measuring it on ${documents} other documents.\n`);
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
): Promise<Sae> {
  const checkpoint = join(folder, "checkpoint.safetensors");
  const from = await readSaeCheckpoint(checkpoint, plan);
  const progress = new CountProgress(process.stderr, "steps", () => undefined);
  if (from) progress.keep(`Carrying on at step ${from.step}.`);
  try {
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
    progress.keep(`Trained ${saeSteps(plan)} steps.`);
    return sae;
  } finally {
    progress.close();
  }
}
