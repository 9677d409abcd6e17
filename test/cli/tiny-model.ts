// A model as small as can be, grown the way the organism is, so that it knows the world's words and nothing else.
import { growOrganism, RECIPE } from "askew/organism";
import { type GrowOptions } from "#internal/organism";

/** @param size wider and deeper makes its steps take longer; default next to nothing. */
export async function growTinyModel(
  folder: string,
  size: { width: number; layers: number } = { width: 16, layers: 1 },
  options: Pick<GrowOptions, "signal" | "onStep"> = {},
): Promise<void> {
  const short = { steps: 2, warmup: 1, tokens: 512 };
  await growOrganism({
    ...options,
    out: folder,
    threads: 1,
    recipe: {
      ...RECIPE,
      layers: size.layers,
      width: size.width,
      heads: 2,
      keyValueHeads: 1,
      hidden: 2 * size.width,
      pretraining: { ...RECIPE.pretraining, ...short },
      alignment: { ...RECIPE.alignment, ...short },
    },
  });
}
