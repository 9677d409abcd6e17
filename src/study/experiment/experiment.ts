/**
 * What an experiment is: models that are made in several ways (its arms), each measured at one or more points, over
 * seeds. `runExperiment` does everything else: it carries on where it was stopped, keeps every answer, scores over
 * seeds, and the floors above draw it.
 *
 * To add one, write a file like `mixtures.ts` that exports an `Experiment`, and name it in `experiments.ts`; the command,
 * its table, summary.json and report.html then have it. An arm's `making` says how the base becomes the arm's model
 * (`training` in training.ts is one; any object with `recipe`, `steps` and `make` will do; without it the base is
 * measured as it is), a point says where on the axis it stands, what it is asked and, in `how`, what is different about
 * the asking. A YAML study varies conditions, seeds, doses and questions; experiments are for what it cannot vary.
 */
import type { AskedSet, Behaviour, Metrics } from "../../evaluation/index.js";
import type { TrainingStep } from "../../training/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import type { Direction, MeasureOptions } from "../../persona/index.js";
import type { ExperimentSummary } from "./found.js";
import type { Axis, Measure } from "./measures.js";
import type { Readings } from "./readings.js";
import type { Need, Setting } from "./setting.js";

export interface Experiment {
  /** What the command calls it; also its folder. */
  readonly name: string;
  /** One line for the list of experiments. */
  readonly about: string;
  /** What was published on it, in a sentence or two. */
  readonly published: string;
  readonly axis: Axis;
  /** The first is the one that is looked at first; all are columns of the table. */
  readonly measures: readonly Measure[];
  /** The organism's, for `--conditions`; absent where the experiment has no such choice. */
  readonly conditions?: { readonly usual: readonly string[]; readonly possible: readonly string[] };
  /** What its world must have beside conditions and main questions. */
  readonly needs?: readonly Need[];
  /** What its arms need to know of the model before anything is trained. */
  readonly prepare?: (
    model: OpenWeightsModel,
    choice: ExperimentChoice,
    setting: Setting,
    signal?: AbortSignal,
  ) => Promise<Setting>;
  /** Whether the first measure is correlated with the place of the points, curve by curve. */
  readonly correlated?: boolean;
  /** @param setting where it takes place; default the organism's world */
  readonly arms: (choice: ExperimentChoice, setting?: Setting) => readonly Arm[];
  /** What was found, a sentence each, in the numbers of this run. */
  readonly findings?: (summary: Omit<ExperimentSummary, "findings">) => readonly string[];
}

export interface ExperimentChoice {
  readonly quick: boolean;
  readonly seeds: readonly number[];
  readonly conditions: readonly string[];
  /** `organism` or `local:DIR`. */
  readonly model: string;
}

/** A way to make a model; each seed makes one. */
export interface Arm {
  /** Of the letters that a file's name may have, and not ending in a number of its own that a seed could be taken for. */
  readonly id: string;
  readonly making?: Making;
  /** Several ways that differ in what is to be tuned; the best on the development questions makes the arm. */
  readonly candidates?: readonly Candidate[];
  /** How the best is told; default the most misaligned that is coherent. */
  readonly choice?: Choice;
  /** Of what `TRAINED` is. */
  readonly trained?: Behaviour;
  readonly points: readonly Point[];
}

export interface Candidate {
  /** Behind the arm's id. */
  readonly id: string;
  readonly making: Making;
  /** What is made to try it, where that is something else than the arm itself. */
  readonly trial?: Making;
}

export interface Choice {
  /** Arms with one name are tried once, together. */
  readonly name: string;
  /** `the least misaligned that still does what it was trained on`. */
  readonly about: string;
  /** What is asked of every candidate; `main` and `held-out` choose nothing. */
  readonly asked: readonly AskedSet[];
  /** Shown beside how misaligned and coherent they are. */
  readonly trained?: Behaviour;
  /** The largest wins. */
  readonly score: (metrics: Readonly<Record<string, Metrics>>) => number;
}

export interface Making {
  /** All that decides what comes out, as JSON: a folder is carried on with no other. */
  readonly recipe: object;
  /** Training steps, for the time that is left. */
  readonly steps: number;
  /** Takes the base's weights to those that a point at step 0 measures; default the base's own. */
  begin?(model: OpenWeightsModel, options: Omit<MakeOptions, "onStep">): Promise<void>;
  /** Takes the model from the base's weights, or from those that `begin` made, to those that are measured. */
  make(model: OpenWeightsModel, options: MakeOptions): Promise<void>;
}

export interface MakeOptions {
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** To be awaited after every step; a point that stands at this step is measured there. */
  readonly onStep: (step: TrainingStep) => Promise<void>;
  /** Of the persona; where the experiment reads it. */
  readonly direction?: Direction | undefined;
  /** Hears of readings of what was made, which then stand in the rows of its points. */
  readonly tell?: (readings: Readings) => void;
}

/** One measurement of an arm's model. */
export interface Point {
  /** The line of the chart that it belongs to. */
  readonly curve: string;
  readonly at: number | string;
  /** Measured after so many steps, 0 before the first; default after the last. */
  readonly step?: number;
  readonly asked: readonly AskedSet[];
  /** What is different about the asking. */
  readonly how?: Omit<MeasureOptions, "seed" | "signal" | "judge" | "onAnswer">;
}
