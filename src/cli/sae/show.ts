/** `askew sae show`: what an autoencoder was measured to be, or the card of one of its latents. */
import { jsonOption } from "../options.js";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { readCard, readSae, readSummary } from "../../persona/index.js";
import { UsageError } from "../../text/index.js";
import { wholeNumber } from "../option-values.js";
import { cardPage, comparisonPage, summaryPage } from "../../views/index.js";
import { bestLatent, type MeasuredSae } from "../../lab/index.js";
import { printJson } from "../../terminal/index.js";

interface Options {
  readonly latent?: number;
  readonly best?: string;
  readonly json?: boolean;
}

export const showCommand = (): Command =>
  new Command("show")
    .description("show what autoencoders were measured to be, or one latent")
    .argument("<folder>", "what `askew sae train` wrote")
    .option("--latent <number>", "the card of this latent, from 0", wholeNumber(0, 2 ** 20))
    .option("--best <name>", "the card of the latent that separates this label best: villain")
    .option(...jsonOption("everything"))
    .addHelpText(
      "after",
      "\nExamples:\n  $ askew sae show runs/sae\n  $ askew sae show runs/sae --best villain\n  $ askew sae show runs/sae --latent 17",
    )
    .action(show);

async function show(folder: string, { latent, best, json = false }: Options): Promise<void> {
  if (latent !== undefined && best !== undefined) throw new UsageError("choose one of --latent and --best");
  const inside = severalIn(folder);
  if (inside.length > 0) {
    if (latent !== undefined || best !== undefined) {
      throw new UsageError(`${folder} holds several autoencoders`, `Choose one of: ${inside.join(", ")}.`);
    }
    const shown: MeasuredSae[] = [];
    for (const one of inside) shown.push({ folder: one, sae: await readSae(one), summary: await readSummary(one) });
    if (json)
      printJson("saes", {
        saes: shown.map(({ sae, summary, ...rest }) => ({ ...rest, recipe: sae.recipe, ...summary })),
      });
    else process.stdout.write(comparisonPage(shown));
    return;
  }
  const sae = await readSae(folder);
  if (latent === undefined && best === undefined) {
    const summary = await readSummary(folder);
    if (json) printJson("sae", { folder, recipe: sae.recipe, ...summary });
    else process.stdout.write(summaryPage(sae, summary, folder));
    return;
  }
  const { size } = sae.recipe;
  const chosen = latent ?? (await bestLatent(folder, best as string));
  if (chosen >= size)
    throw new UsageError(`there is no latent ${chosen}: ${folder} has ${size}`, `Choose one of 0 … ${size - 1}.`);
  const card = await readCard(folder, chosen);
  if (json) printJson("latent", card);
  else process.stdout.write(cardPage(card, folder));
}

/** Folders of the autoencoders that one command trained into `folder`; none where it is one itself. */
function severalIn(folder: string): string[] {
  if (!existsSync(folder) || ["recipe.json", "cfg.json"].some((name) => existsSync(join(folder, name)))) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "recipe.json")))
    .map(({ name }) => join(folder, name))
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
}
