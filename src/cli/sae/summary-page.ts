/** What an autoencoder was measured to be, in a terminal. */
import type { Sae, SaeSummary } from "../../persona/index.js";
import { layColumns } from "../../report/index.js";
import { colorsOf, widthOf } from "../terminal.js";

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

/** Ends with a newline. */
export function summaryPage({ recipe, width }: Sae, { metrics, best }: SaeSummary, folder: string): string {
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
          `${percent(metrics.lossRecovered)} from zero, ${percent(metrics.lossRecoveredFromMean)} from the mean`,
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
  const trained = `${recipe.tokens} tokens, seed ${recipe.seed}; measured on ${metrics.tokens} tokens of ${metrics.documents} other documents`;
  return `${[
    bold(
      `${recipe.kind} autoencoder after layer ${recipe.layer} of ${recipe.model.name}: ${width} → ${recipe.size}, k ${recipe.k}`,
    ),
    dim(trained),
    "",
    ...facts.rows.map((row) => row.trimEnd()),
    "",
    ...table.heading.map((line) => dim(line)),
    ...table.rows,
    dim("by the mean activation over an answer; chosen on one half of the documents, measured on the other"),
    "",
    `${dim("folder")}  ${folder}`,
  ].join("\n")}\n`;
}
