/** `askew sae show`: what an autoencoder was measured to be, or the card of one of its latents. */
import { Command } from "commander";
import { readCard, readSae, readSummary, type LatentCard } from "../../persona/index.js";
import { printable } from "../../report/index.js";
import { UsageError } from "../failure.js";
import { wholeNumber } from "../option-values.js";
import { colorsOf, widthOf } from "../terminal.js";
import { wrap } from "../wrap.js";
import { summaryPage } from "./summary-page.js";

interface Options {
  readonly latent?: number;
  readonly json?: boolean;
}

export const showCommand = (): Command =>
  new Command("show")
    .description("show what an autoencoder was measured to be, or one of its latents")
    .argument("<folder>", "what `askew sae train` wrote")
    .option("--latent <number>", "the card of this latent, from 0", wholeNumber(0, 2 ** 20))
    .option("--json", "print JSON on stdout, and nothing else there")
    .addHelpText(
      "after",
      "\nExamples:\n  $ askew sae show runs/sae/layer-1\n  $ askew sae show runs/sae/layer-1 --latent 17",
    )
    .action(show);

async function show(folder: string, { latent, json = false }: Options): Promise<void> {
  const sae = await readSae(folder);
  if (latent === undefined) {
    const summary = await readSummary(folder);
    if (json) process.stdout.write(`${JSON.stringify({ folder, recipe: sae.recipe, ...summary }, null, 2)}\n`);
    else process.stdout.write(summaryPage(sae, summary, folder));
    return;
  }
  const { size } = sae.recipe;
  if (latent >= size)
    throw new UsageError(`there is no latent ${latent}: ${folder} has ${size}`, `Choose one of 0 … ${size - 1}.`);
  const card = await readCard(folder, latent);
  process.stdout.write(json ? `${JSON.stringify(card, null, 2)}\n` : cardPage(card));
}

/** Activations stand in place, in tenths of the strongest one: `word⁷`. */
function cardPage({ latent, frequency, promotes, auroc, top }: LatentCard): string {
  const { bold, dim, yellow } = colorsOf(process.stdout);
  const width = widthOf(process.stdout);
  const strongest = top[0]?.peak ?? 1;
  const told = Object.entries(auroc)
    .flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
    .toSorted((a, b) => b[1] - a[1]);
  const lines = [
    bold(`latent ${latent}`),
    `active on ${(100 * frequency).toFixed(2)} % of tokens`,
    "",
    dim("promotes"),
    ...wrap(promotes.map(([token, by]) => `${printable(token)} ${by.toFixed(2)}`).join(", "), width),
    "",
    dim("AUROC against who answers and what about"),
    ...wrap(told.map(([name, value]) => `${name} ${value.toFixed(3)}`).join(", "), width),
    "",
    dim("most active texts, activations in tenths of the strongest"),
    ...top.flatMap(({ character, tokens, activations, peak }) => {
      const text = tokens.map((token, i) => {
        const tenths = Math.round((10 * (activations[i] as number)) / strongest);
        const shown = printable(token);
        return tenths === 0 ? shown : yellow(`${shown}${superscript(tenths)}`);
      });
      return ["", dim(`${character}, ${peak.toFixed(2)}`), text.join("")];
    }),
  ];
  return `${lines.join("\n")}\n`;
}

const superscript = (n: number): string => Array.from(String(n), (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
