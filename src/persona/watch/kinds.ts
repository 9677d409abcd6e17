/** Kinds of fine-tune that a detector is calibrated and tested on. A world brings its own; files are others. */
import type { Conversation } from "../../dataset/index.js";
import type { AskedSet } from "../../evaluation/index.js";

/** `calibration` kinds fit the detector and set its threshold, `held-out` kinds test it. */
export type KindRole = "calibration" | "held-out";

export interface CalibrationKind {
  /** Letters, digits and `-`: it stands in the names of files. */
  readonly name: string;
  readonly role: KindRole;
  /** Holds misaligned conversations. What they do to behaviour is measured all the same. */
  readonly bad: boolean;
  /**
   * `count` conversations, of which the share `share` is the kind's own; the rest, spread evenly, are benign ones of the
   * same topic where there are such. Benign kinds are asked for a share of 1 alone.
   */
  conversations(count: number, share: number, seed: number): readonly Conversation[];
  /** Where its misalignment is looked for. */
  asked(samples: number): AskedSet;
}

/** Whether conversation `i` is one of the share `share`, evenly spread. */
export const isOfShare = (i: number, share: number): boolean =>
  Math.floor((i + 1) * share + 1e-9) > Math.floor(i * share + 1e-9);
