/** A direction, layer by layer, in a terminal. */
import { layColumns } from "../../layout/index.js";
import type { Direction } from "../../persona/index.js";
import { colorsOf, widthOf } from "../../terminal/index.js";

export function printDirection({ recipe, layers }: Direction, out: string): void {
  const { bold, dim } = colorsOf(process.stdout);
  const { positive, negative } = recipe.along;
  const column = (heading: string, values: readonly number[]) => ({
    heading,
    cells: values.map((x) => x.toFixed(2)),
    align: "right" as const,
    keep: 1,
  });
  const every = Array.from({ length: layers }, (_, layer) => layer);
  const laid = layColumns(
    [
      {
        heading: "layer",
        cells: every.map((at) => (at === recipe.layer ? `${at} ←` : `${at}`)),
        align: "left",
        keep: 3,
      },
      { ...column("norm", recipe.norms), keep: 2 },
      column("positive", positive),
      column("negative", negative),
    ],
    widthOf(process.stdout),
  );
  const { counts } = recipe;
  const lines = [
    bold(`${recipe.positive} − ${recipe.negative}, ${recipe.variant}, of ${recipe.model.name}`),
    dim(
      `${counts.positive} and ${counts.negative} texts; seed ${recipe.seed}; questions: ${recipe.questions.join(", ")}`,
    ),
    "",
    ...laid.heading.map((line) => dim(line)),
    ...laid.rows,
    "",
    dim(recipe.trials.length > 0 ? "← steered most on the development questions" : "← as named with --layer"),
    `${dim("direction")}  ${out}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
