/** Which questions are asked: a set of the model's own world, one for real models, or a file. */
import { asksOf, setInFormat, type AnswerFormat, type Asks, type AsksOptions } from "../../evaluation/index.js";
import type { Model } from "../../model/index.js";
import { findQuestions } from "../../world/index.js";
import { requireReadable } from "./require-readable.js";
import { UsageError } from "../../text/index.js";
import { WORLDS, worldOf } from "./worlds.js";

/** The questions, and whether the exact judge, which knows only the organism's world, can read the answers. */
export interface ChosenAsks extends Asks {
  readonly isExact: boolean;
}

/** @param name see {@link findQuestions} */
export async function chooseQuestions(
  model: Model,
  name: string,
  format: AnswerFormat,
  options: AsksOptions,
): Promise<ChosenAsks> {
  const own = worldOf(model);
  const { set, world } = await findQuestions(name, { worlds: WORLDS, own });
  if (world !== undefined && format !== "plain") {
    throw new UsageError(
      `the ${world.name}'s world knows no ${format}`,
      "Ask for main/numbers-format, its own other format, with --questions.",
    );
  }
  const formatted = setInFormat(set, format);
  requireReadable(model, formatted);
  return { ...asksOf(formatted, options), isExact: world !== undefined };
}
