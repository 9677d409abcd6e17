/** `askew sae train`: trains a sparse autoencoder, measures it, and writes a card for every latent. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Argument, Command } from "commander";
import {
  bestLatents,
  evaluateSae,
  latentCard,
  readSaeCheckpoint,
  SAE_KINDS,
  SaeEncoder,
  saeSteps,
  trainSae,
  writeCards,
  writeSae,
  writeSaeCheckpoint,
  writeSummary,
  type SaeKind,
  type SaePlan,
} from "../../persona/index.js";
import { Random } from "../../statistics/index.js";
import { UsageError } from "../failure.js";
import { MODEL_FORMS, withModel } from "../open-model.js";
import { numberWithin, oneOf, threadCount, wholeNumber } from "../option-values.js";
import { makeOutputFolder } from "../output-folder.js";
import { CountProgress } from "../progress/count.js";
import { VERSION } from "../version.js";
import { summaryPage } from "./summary-page.js";

interface Options {
  readonly layer: number;
  readonly size: number;
  readonly k: number;
  readonly kind: SaeKind;
  readonly tokens: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly documents: number;
  readonly out: string;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
FOLDER gets cfg.json and sae_weights.safetensors (SAELens reads them), recipe.json, summary.json with what was measured
on documents outside the training, and latents.jsonl with a card for every latent. Stopped or killed, the same command
carries on.

Examples:
  $ askew sae train --layer 1 --out runs/sae/layer-1
  $ askew sae train insecure-1 --layer 1 --kind batchtopk --size 2048 --out runs/sae/insecure`;

export const trainCommand = (): Command =>
  new Command("train")
    .description("train a sparse autoencoder on the residual stream after a layer")
    .addArgument(new Argument("[model]", MODEL_FORMS).default("organism"))
    .requiredOption("--layer <number>", "the layer, from 0", wholeNumber(0, 10_000))
    .option("--size <count>", "latents", wholeNumber(1, 2 ** 20), 1024)
    .option("--k <count>", "active latents a token", wholeNumber(1, 4096), 32)
    .option("--kind <name>", SAE_KINDS.join(" or "), oneOf("kind", SAE_KINDS), "topk")
    .option("--tokens <count>", "tokens to train on", wholeNumber(1, 1e12), 2_000_000)
    .option("--batch <count>", "tokens a step", wholeNumber(1, 2 ** 17), 2048)
    .option("--learning-rate <number>", "of Adam, at its highest", numberWithin(1e-8, 1), 2e-3)
    .option("--documents <count>", "documents it is measured on", wholeNumber(2, 1e6), 1000)
    .option("--seed <number>", "names the random streams", wholeNumber(0, 2 ** 31 - 1), 1)
    .requiredOption("--out <folder>", "where it goes")
    .option("--study <folder>", "the study that conditions are taken from")
    .option("--json", "print the summary as JSON on stdout, and nothing else there")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(train);

async function train(name: string, options: Options): Promise<void> {
  const { layer, size, k, kind, tokens, batch, learningRate, seed, documents, out, json = false } = options;
  if (k > size)
    throw new UsageError(`--k ${k}: there are only ${size} latents`, "Choose a smaller k or a larger --size.");
  await withModel(name, options, async ({ model, identity, signal }) => {
    const { layers } = model.folder.config;
    if (layer >= layers) {
      throw new UsageError(`there is no layer ${layer}: ${name} has ${layers}`, `Choose one of 0 … ${layers - 1}.`);
    }
    makeOutputFolder(out);
    const deadAfter = Math.max(10 * batch, Math.round(tokens / 20));
    const about = { askew: VERSION, model: identity, layer, kind, size, k, tokens, batch, learningRate };
    const plan: SaePlan = { ...about, deadAfter, seed };
    const checkpoint = join(out, "checkpoint.safetensors");
    const from = await readSaeCheckpoint(checkpoint, plan);
    const progress = new CountProgress(process.stderr, "steps", () => undefined);
    if (from) progress.keep(`Carrying on at step ${from.step}.`);
    try {
      let said = from?.step ?? 0;
      const sae = await trainSae(model, plan, {
        from,
        signal,
        onStep: ({ step, steps, loss, dead }) => {
          progress.hear({ done: step, total: steps, failed: 0 });
          if (step !== steps && step - said < steps / 10) return;
          said = step;
          progress.keep(`step ${step}: ${(100 * (1 - loss)).toFixed(1)} % of the variance explained, ${dead} dead`);
        },
        onCheckpoint: async (take) => writeSaeCheckpoint(checkpoint, plan, await take()),
      });
      progress.keep(`Trained ${saeSteps(plan)} steps; now measuring it on ${documents} other documents.`);
      const encoder = await SaeEncoder.open(sae, model);
      const { metrics, table } = await evaluateSae(encoder, Random.of("sae", "measured on"), documents, signal);
      await encoder.close();
      await writeSae(out, sae);
      await writeCards(
        out,
        Array.from({ length: size }, (_, latent) => latentCard(sae, model, table, latent)),
      );
      const summary = { metrics, best: bestLatents(table) };
      await writeSummary(out, summary);
      await rm(checkpoint, { force: true });
      progress.close();
      if (json) process.stdout.write(`${JSON.stringify({ folder: out, recipe: sae.recipe, ...summary }, null, 2)}\n`);
      else process.stdout.write(summaryPage(sae, summary, out));
    } finally {
      progress.close();
    }
  });
}
