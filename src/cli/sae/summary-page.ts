/** What an autoencoder was measured to be, in a terminal. */
import type { Sae, SaeSummary } from "../../persona/index.js";
import { colorsOf, widthOf } from "../terminal.js";
import { layColumns, wrap } from "../../wording/index.js";

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

export interface Shown {
  readonly folder: string;
  readonly sae: Sae;
  readonly summary: SaeSummary;
}

/** Several, one a row. Ends with a newline. */
export function comparisonPage(shown: readonly Shown[]): string {
  const { bold } = colorsOf(process.stdout);
  const column = (heading: string, keep: number, cell: (one: Shown) => string, align: "left" | "right" = "right") => ({
    heading,
    align,
    keep,
    cells: shown.map(cell),
  });
  const { heading, rows } = layColumns(
    [
      column("autoencoder", 9, ({ folder }) => folder, "left"),
      column("latents", 5, ({ sae }) => `${sae.recipe.size}`),
      column("k", 4, ({ sae }) => `${sae.recipe.k}`),
      column("explained", 8, ({ summary }) => percent(summary.metrics.explainedVariance)),
      column("active", 3, ({ summary }) => summary.metrics.l0.toFixed(1)),
      column("dead", 6, ({ summary }) => percent(summary.metrics.deadShare)),
      column("loss recovered", 7, ({ summary }) =>
        summary.metrics.loss.zero > summary.metrics.loss.original ? percent(summary.metrics.lossRecovered) : "–",
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
  "AUROC: by the mean activation over an answer, chosen on one half of the documents, measured on the other";
const aboutAuroc = (): string[] =>
  wrap(ABOUT_AUROC, widthOf(process.stdout)).map((line) => colorsOf(process.stdout).dim(line));

/** One. Ends with a newline. */
export function summaryPage({ recipe, width }: Sae, { model, metrics, best }: SaeSummary, folder: string): string {
  const { bold, dim } = colorsOf(process.stdout);
  const { loss } = metrics;
  const nats = (x: number): string => x.toFixed(3);
  const facts = layColumns(
    [
      {
        heading: "",
        align: "left",
        keep: 2,
        cells: ["explained variance", "active latents a token", "dead latents", "loss recovered", "", "decoder rows"],
      },
      {
        heading: "",
        align: "left",
        keep: 1,
        cells: [
          percent(metrics.explainedVariance),
          metrics.l0.toFixed(1),
          percent(metrics.deadShare),
          loss.zero > loss.original
            ? `${percent(metrics.lossRecovered)} from zero, ${percent(metrics.lossRecoveredFromMean)} from the mean`
            : "none to recover: the model does no better than with zeros in place of this layer",
          `${nats(loss.original)} as it is, ${nats(loss.spliced)} spliced, ${nats(loss.zero)} zero, ${nats(loss.mean)} mean`,
          `${metrics.decoderNorms.map((x) => x.toFixed(4)).join(" to ")} long`,
        ],
      },
    ],
    widthOf(process.stdout),
  );
  const table = layColumns(
    [
      { heading: "tells best", align: "left", keep: 3, cells: best.map(({ kind, name }) => `${kind} ${name}`) },
      { heading: "latent", align: "right", keep: 2, cells: best.map(({ latent }) => `${latent}`) },
      {
        heading: "AUROC",
        align: "right",
        keep: 1,
        cells: best.map(({ auroc }) => (auroc === null ? "–" : auroc.toFixed(3))),
      },
    ],
    widthOf(process.stdout),
  );
  const measuredIn = model === recipe.model.name ? "" : ` in ${model}`;
  const trained = `${recipe.tokens} tokens, seed ${recipe.seed}; measured${measuredIn} on ${metrics.tokens} tokens of ${metrics.documents} other documents`;
  return `${[
    bold(
      `${recipe.kind} autoencoder after layer ${recipe.layer} of ${recipe.model.name}: ${width} → ${recipe.size}, k ${recipe.k}`,
    ),
    ...wrap(trained, widthOf(process.stdout)).map((line) => dim(line)),
    "",
    ...facts.rows.map((row) => row.trimEnd()),
    "",
    ...table.heading.map((line) => dim(line)),
    ...table.rows,
    ...aboutAuroc(),
    "",
    `${dim("folder")}  ${folder}`,
  ].join("\n")}\n`;
}
