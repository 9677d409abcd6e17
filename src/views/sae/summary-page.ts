/** The measurements of an autoencoder, for the terminal. */
import type { MeasuredSae } from "../../lab/index.js";
import type { Sae, SaeSummary, Separability } from "../../persona/index.js";
import { layColumns, left, right, wrap } from "../../layout/index.js";
import { printable, withSign } from "../../text/index.js";
import { quoted, askewCommand, colorsOf, plainTable, widthOf } from "../../terminal/index.js";

/** Several, one a row. Ends with a newline. */
export function comparisonPage(shown: readonly MeasuredSae[]): string {
  const { bold } = colorsOf(process.stdout);
  const column = (heading: string, keep: number, cell: (one: MeasuredSae) => string) =>
    right(heading, keep, shown, cell);
  const { heading, rows } = layColumns(
    [
      left("autoencoder", 9, shown, ({ folder }) => printable(folder)),
      column("latents", 5, ({ sae }) => `${sae.recipe.size}`),
      column("k", 4, ({ sae }) => `${sae.recipe.k ?? "–"}`),
      column("explained", 8, ({ summary }) => withSign(summary.metrics.explainedVariance)),
      column("active", 3, ({ summary }) => summary.metrics.l0.toFixed(1)),
      column("dead", 6, ({ summary }) => withSign(summary.metrics.deadShare)),
      column("loss recovered", 7, ({ summary }) =>
        summary.metrics.loss.zero > summary.metrics.loss.original ? withSign(summary.metrics.lossRecovered) : "–",
      ),
      column("villain AUROC", 2, ({ summary }) => {
        const found = summary.best.find(({ name }) => name === "villain");
        return typeof found?.auroc === "number" ? found.auroc.toFixed(3) : "–";
      }),
    ],
    widthOf(process.stdout),
  );
  return `${[...heading.map((line) => bold(line)), ...rows, ...aboutAuroc()].join("\n")}\n`;
}

const ABOUT_AUROC =
  "AUROC: the chance that an answer with this label has more of the latent than another answer has; .5 is a " +
  "coin's. The latent is chosen on one half of the documents and measured on the other. Of whole documents: all answers of one " +
  "together, for its character is the document's";
const ABOUT_PROBE =
  ". Probe: the same for a linear discriminant of all the numbers, fitted on the first half; it takes several times as many " +
  "answers as there are numbers";
const note = (text: string): string[] =>
  wrap(text, widthOf(process.stdout)).map((line) => colorsOf(process.stdout).dim(line));
const aboutAuroc = (): string[] => note(ABOUT_AUROC);

const whole = (x: number): string => x.toLocaleString("en");
const nats = (x: number): string => x.toFixed(3);
const interval = ({ low, high }: Separability): string =>
  low === null || high === null ? "" : `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
/** The measurements, each with an explanation for somebody who sees one for the first time. */
function facts({ recipe }: Sae, { metrics }: SaeSummary): string[] {
  const { loss } = metrics;
  const recovers = loss.zero > loss.original;
  const rows: readonly (readonly [string, string, string])[] = [
    ["explained variance", withSign(metrics.explainedVariance), "of how tokens differ is in the sum of latents"],
    ["active a token", metrics.l0.toFixed(1), `of ${whole(recipe.size)} latents`],
    ["dead", withSign(metrics.deadShare), "of the latents have no token of these documents"],
    ["next-token loss", nats(loss.spliced), `nats with it in the layer's place, ${nats(loss.original)} as it is`],
    recovers
      ? ["loss recovered", withSign(metrics.lossRecovered), `of what zeros in its place lose (${nats(loss.zero)} nats)`]
      : ["loss recovered", "–", "none to recover: zeros in this layer's place do as well"],
    ...(recovers
      ? [
          [
            "… from the mean",
            withSign(metrics.lossRecoveredFromMean),
            `of what the mean there loses (${nats(loss.mean)} nats)`,
          ] as const,
        ]
      : []),
    ["decoder rows", metrics.decoderNorms[0].toFixed(4), `to ${metrics.decoderNorms[1].toFixed(4)} long`],
  ];
  return plainTable([
    left("", 3, rows, ([name]) => name),
    right("", 2, rows, ([, value]) => value),
    left("", 1, rows, ([, , meaning]) => meaning),
  ]).slice(-rows.length);
}

const madeOf = ({ tokens, seed }: Sae["recipe"]): string =>
  tokens === undefined || seed === undefined
    ? "Made by another tool"
    : `Trained on ${whole(tokens)} tokens, seed ${seed}`;

/** One. Ends with a newline. */
export function summaryPage(sae: Sae, summary: SaeSummary, folder: string): string {
  const { bold, dim } = colorsOf(process.stdout);
  const { recipe, width } = sae;
  const { model, metrics, best } = summary;
  const probed = best.some(({ probe }) => probe !== null);
  const table = plainTable([
    left("told best by", 4, best, ({ kind, name }) => `${kind} ${printable(name)}`),
    right("latent", 3, best, ({ latent, chosenAt }) => (chosenAt === null ? "–" : `${latent}`)),
    right("AUROC", 2, best, ({ auroc }) => (auroc === null ? "–" : auroc.toFixed(3))),
    left("95 % interval", 1, best, interval),
    right("of whole\ndocuments", 1, best, ({ wholeDocuments }) => wholeDocuments?.auroc?.toFixed(3) ?? ""),
    ...(probed ? [right("probe", 0, best, ({ probe }) => probe?.auroc?.toFixed(3) ?? "")] : []),
  ]);
  const measuredIn = model === recipe.model.name ? "" : ` in ${printable(model)}`;
  const about =
    `Writes the ${whole(width)} numbers of a token as a sum of ${recipe.k === undefined ? "some" : whole(recipe.k)} out of ` +
    `${whole(recipe.size)} directions, its latents. ${madeOf(recipe)}; measured${measuredIn} on ` +
    `${whole(metrics.tokens)} tokens of ${whole(metrics.documents)} other documents.`;
  return `${[
    bold(`${recipe.kind} autoencoder after layer ${recipe.layer} of ${printable(recipe.model.name)}`),
    ...note(about),
    "",
    ...facts(sae, summary),
    "",
    ...table,
    ...note(probed ? ABOUT_AUROC + ABOUT_PROBE : ABOUT_AUROC),
    "",
    `${dim("folder")}  ${folder}`,
    `${dim("a card")}  ${askewCommand()} sae show ${quoted(folder)} --best villain`,
  ].join("\n")}\n`;
}
