/** Every experiment, in the order they are listed. */
import { answerFormat } from "./answer-format.js";
import { baseModel } from "./base-model.js";
import { conditional } from "./conditional.js";
import { controls } from "./controls.js";
import { defences } from "./defences.js";
import { distance } from "./distance.js";
import { dynamics } from "./dynamics.js";
import type { Experiment } from "./experiment.js";
import { lora } from "./lora.js";
import { manyShot } from "./many-shot.js";
import { mixtures } from "./mixtures.js";
import { prolonged } from "./prolonged.js";
import { realignLength } from "./realign-length.js";
import { rewardHacking, rl } from "./rl.js";
import { subliminal } from "./subliminal.js";
import { temperature } from "./temperature.js";
import { uniqueExamples } from "./unique-examples.js";

export const EXPERIMENTS: readonly Experiment[] = [
  mixtures,
  controls,
  uniqueExamples,
  dynamics,
  lora,
  baseModel,
  manyShot,
  temperature,
  answerFormat,
  defences,
  conditional,
  prolonged,
  realignLength,
  subliminal,
  distance,
  rl,
  rewardHacking,
];
