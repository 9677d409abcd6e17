/** What a diff keeps: every row is a part that is finished, so that a run that was stopped carries on after it. */
import type { Metrics } from "../../evaluation/index.js";
import type { RisingLatent } from "./candidates.js";
import type { Side } from "./search.js";
import type { LayerShift } from "./shift.js";
import type { Counts } from "./trials.js";

/** Both models as they are. */
export interface ActivationsRow {
  readonly id: "activations";
  readonly texts: { readonly before: number; readonly after: number };
  readonly before: Counts;
  readonly after: Counts;
  /** Ids of AFTER's misaligned answers. */
  readonly misaligned: readonly string[];
  /** Longest answer of either in tokens. */
  readonly longest: number;
  readonly layers: readonly LayerShift[];
  /** The shift at the layer that is steered, [width]. */
  readonly shift: readonly number[];
  readonly rising: readonly RisingLatent[];
  /** Latents whose mean rose. */
  readonly risen: number;
  readonly seconds: number;
}

export interface CountedTrial extends Counts {
  readonly candidate: string;
  readonly side: Side;
  readonly strength: number;
}

/** A batch of trials. */
export interface TrialsRow {
  /** `rung-1-step-2-into-1`, `finalists-out-of-1` */
  readonly id: string;
  readonly trials: readonly CountedTrial[];
  readonly seconds: number;
}

/** One model measured for the record. */
export interface FinalRow {
  /** `final-into-unsteered`, `final-into-latent-17`, `final-into-latent-17-random-1` */
  readonly id: string;
  readonly metrics: Readonly<Record<string, Metrics>>;
  readonly seconds: number;
}

export type DiffRow = ActivationsRow | TrialsRow | FinalRow;

/** Where rows are kept; a study's Series is one. */
export interface DiffStore {
  find(id: string): DiffRow | undefined;
  append(row: DiffRow, answers: readonly object[]): Promise<void>;
}
