/** What a diff found, as it is shown in a terminal, on a page, and as JSON. */
import type { AdapterDiff, DiffPlan, DiffResult, DirectionRecipe, LatentCard, SaeRecipe } from "../../persona/index.js";

export interface DiffShown {
  readonly folder: string;
  /** Titles of the models. */
  readonly before: string;
  readonly after: string;
  readonly plan: DiffPlan;
  readonly sae?: SaeRecipe;
  readonly direction?: DirectionRecipe;
  readonly result: DiffResult;
  /** The parts it was made of, and how long each took. */
  readonly rows: readonly { readonly id: string; readonly seconds: number }[];
  /** Of the latents that came through, or rose most. */
  readonly cards: readonly LatentCard[];
  readonly adapter?: AdapterDiff;
  /** Commands that steer with what was found. */
  readonly again: readonly string[];
  /** Of this run; what an earlier one had finished is not in it. */
  readonly seconds: number;
}
