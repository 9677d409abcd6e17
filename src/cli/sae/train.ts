/** `askew sae train`: trains sparse autoencoders, measures them, and writes a card for every latent. */
import { STUDY, THREADS, jsonOption } from "../options.js";
import { Argument, Command } from "commander";
import { SAE_KINDS, saeFolderKind, type TrainedKind } from "../../persona/index.js";
import { UsageError, VERSION } from "../../text/index.js";
import { MODEL_FORMS, withModel } from "../models/open-model.js";
import {
  trainOneSae,
  documentsFor,
  readDocuments,
  wantedOf,
  type MeasuredSae,
  type Recipe,
  type Wanted,
} from "../../lab/index.js";
import { namesOf, listOf, numberWithin, wholeNumber, wholeNumbers } from "../option-values.js";
import { counting } from "../counting.js";
import { askewCommand, printJson, quoted } from "../../terminal/index.js";
import { makeDivided } from "../jobs/divided.js";
import { refuseJobFlags, refuseJsonOfJobs, withCluster, type ClusterFlags } from "../jobs/on-flags.js";
import { DOCUMENTS } from "./measure.js";
import { comparisonPage, summaryPage } from "../../views/index.js";
import type { RunCommand } from "../../run/index.js";

interface Options extends ClusterFlags {
  readonly data?: readonly string[];
  readonly layer: number;
  readonly size: readonly number[];
  readonly k: number;
  readonly kind?: readonly TrainedKind[];
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
  $ askew sae train --size 512,1024,2048 --seed 1,2,3 --on slurm --out runs/saes
  $ askew sae train insecure-1 --size 2048 --out runs/sae-insecure
  $ askew sae train local:qwen --data insecure.jsonl,secure.jsonl --layer 12 --out runs/sae-qwen
  $ askew sae train local:smollm.gguf --data book.txt --layer 15 --out runs/sae-smollm`;

export const trainCommand = (): Command =>
  withCluster(described(), "autoencoders are trained, each by a job").addHelpText("after", EXAMPLES).action(train);

const described = (): Command =>
  new Command("train")
    .description("train a sparse autoencoder on the residual stream after a layer")
    .addArgument(new Argument("[model]", MODEL_FORMS).default("organism"))
    .option(
      "--data <files>",
      "JSONL with messages or text, or text files; several with commas (default: the world's own)",
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
    .option(...STUDY)
    .option(...jsonOption("the summary"))
    .option(...THREADS);

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
  refuseJobFlags(options);
  refuseJsonOfJobs(options);
  const recipe = { ...rest, batch: batchSize, sizes, kinds, seeds };
  if (options.on !== "local") {
    await trainElsewhere(name, recipe, options);
    return;
  }
  const given = await readDocuments(name, data);
  await withModel(name, options, async (opened) => {
    const { layers } = opened.model.reading.shape;
    if (rest.layer >= layers) {
      throw new UsageError(
        `there is no layer ${rest.layer}: ${name} has ${layers}`,
        `Choose one of 0 … ${layers - 1}.`,
      );
    }
    const source = documentsFor(opened.model, given);
    const wanted = wantedOf(recipe, { askew: VERSION, model: opened.identity, texts: source.name }, out);
    const shown: MeasuredSae[] = [];
    for (const [at, one] of wanted.entries()) {
      if (wanted.length > 1) process.stderr.write(`[${at + 1}/${wanted.length}] ${one.folder}\n`);
      const command = commandFor(name, one, options);
      shown.push(await trainOneSae(one, opened, source, documents, { command, counting }));
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

/** No model is opened here: the jobs do that, and say what does not fit. */
async function trainElsewhere(name: string, recipe: Recipe, options: Options): Promise<void> {
  const unknown = { askew: VERSION, model: { name, weights: "", base: "" }, texts: "" };
  const runs = wantedOf(recipe, unknown, options.out).map((one) => ({
    folder: one.folder,
    kind: saeFolderKind({ askew: VERSION }).kind,
    command: commandFor(name, one, options),
  }));
  if (!(await makeDivided(options.out, "sae-train", [runs], options))) return;
  const shown = runs.map(({ folder }) => `${askewCommand()} sae show ${quoted(folder)}\n`);
  process.stdout.write(`Trained: ${runs.length}\n${shown.join("")}`);
}

/** Each of several autoencoders is a run of its own. */
function commandFor(name: string, { plan }: Wanted, { documents, study, data }: Options): RunCommand {
  const { layer, kind, size, k, tokens, batch, learningRate, seed } = plan;
  const given = {
    layer,
    kind,
    size,
    k,
    tokens,
    "batch-size": batch,
    "learning-rate": learningRate,
    seed,
    documents,
    study,
    data,
  };
  const words = Object.entries(given).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`, String(value)],
  );
  return { words: ["sae", "train", name, ...words], cwd: process.cwd() };
}
