/** The result of a diff, for the terminal, the page and JSON. */
import type { AdapterDiff, DiffPlan, DiffResult, DirectionRecipe, LatentCard, Sae } from "../../persona/index.js";

export interface DiffShown {
  readonly folder: string;
  /** Titles of the models. */
  readonly before: string;
  readonly after: string;
  readonly plan: DiffPlan;
  readonly sae?: Sae["recipe"];
  readonly direction?: DirectionRecipe;
  readonly result: DiffResult;
  /** The parts it was made of, and how long each took. */
  readonly rows: readonly { readonly id: string; readonly seconds: number }[];
  /** Cards of the latents that came through, or rose most. */
  readonly cards: readonly LatentCard[];
  readonly adapter?: AdapterDiff;
  /** Commands that steer with what was found. */
  readonly again: readonly string[];
  /** Seconds of this run, without earlier ones. */
  readonly seconds: number;
}
