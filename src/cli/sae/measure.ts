/** `askew sae measure`: measures a stored autoencoder, and writes a card for every latent. */
import { STUDY, THREADS, jsonOption } from "../options.js";
import { Argument, Command } from "commander";
import { readSae, requireSaeFit, saeFolderKind, type SaeSummary } from "../../persona/index.js";
import { MODEL_FORMS, withModel } from "../models/open-model.js";
import { namesOf, wholeNumber } from "../option-values.js";
import { takeFolder } from "../../store/index.js";
import { documentsFor, measureInto, readDocuments } from "../../lab/index.js";
import { summaryPage } from "../../views/index.js";
import { printJson } from "../../terminal/index.js";
import { UsageError } from "../../text/index.js";

export const DOCUMENTS = 1000;

interface Options {
  readonly data?: readonly string[];
  readonly documents: number;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

export const measureCommand = (): Command =>
  new Command("measure")
    .description("measure a stored autoencoder again, on documents outside its training")
    .argument("<folder>", "what `askew sae train` or SAELens wrote")
    .addArgument(new Argument("[model]", `${MODEL_FORMS} (default: what it was trained on)`))
    .option("--data <files>", "JSONL with messages or text, or text files (default: the world's own)", namesOf)
    .option("--documents <count>", "documents it is measured on", wholeNumber(2, 1e6), DOCUMENTS)
    .option(...STUDY)
    .option(...jsonOption("the summary"))
    .option(...THREADS)
    .addHelpText(
      "after",
      "\nExamples:\n  $ askew sae measure runs/sae\n  $ askew sae measure runs/sae insecure-1 --documents 4000",
    )
    .action(measure);

async function measure(folder: string, model: string | undefined, options: Options): Promise<void> {
  const { documents, json = false } = options;
  const sae = await readSae(folder);
  const name = model ?? (sae.recipe.model.weights === "" ? undefined : sae.recipe.model.name);
  if (name === undefined) {
    const made = `${folder} was made by another tool for ${sae.recipe.model.name}`;
    throw new UsageError(`${made}: expected the model to measure it in`, "Name it after the folder: local:DIR.");
  }
  const given = await readDocuments(name, options.data);
  await withModel(name, options, async (opened) => {
    requireSaeFit(folder, sae, opened.model.reading.shape, opened.identity);
    const source = documentsFor(opened.model, given);
    const lock = await takeFolder(folder, saeFolderKind(sae.recipe));
    const { model: measured, identity, signal } = opened;
    let summary: SaeSummary;
    try {
      summary = await measureInto(folder, sae, measured, identity.name, source, documents, signal);
    } finally {
      await lock.release();
    }
    if (json) printJson("sae-measure", { folder, recipe: sae.recipe, ...summary });
    else process.stdout.write(summaryPage(sae, summary, folder));
  });
}
