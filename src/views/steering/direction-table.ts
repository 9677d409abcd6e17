/** A direction, layer by layer, in a terminal. */
import { left, right } from "../../layout/index.js";
import type { Direction } from "../../persona/index.js";
import { colorsOf, plainTable } from "../../terminal/index.js";

export function printDirection({ recipe, layers }: Direction, out: string): void {
  const { bold, dim } = colorsOf(process.stdout);
  const { positive, negative } = recipe.along;
  const column = (heading: string, keep: number, values: readonly number[]) =>
    right(heading, keep, values, (x) => x.toFixed(2));
  const every = Array.from({ length: layers }, (_, layer) => layer);
  const { counts } = recipe;
  const lines = [
    bold(`${recipe.positive} − ${recipe.negative}, ${recipe.variant}, of ${recipe.model.name}`),
    dim(
      `${counts.positive} and ${counts.negative} texts; seed ${recipe.seed}; questions: ${recipe.questions.join(", ")}`,
    ),
    "",
    ...plainTable([
      left("layer", 3, every, (at) => (at === recipe.layer ? `${at} ←` : `${at}`)),
      column("norm", 2, recipe.norms),
      column("positive", 1, positive),
      column("negative", 1, negative),
    ]),
    "",
    dim(recipe.trials.length > 0 ? "← steered most on the development questions" : "← as named with --layer"),
    `${dim("direction")}  ${out}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
