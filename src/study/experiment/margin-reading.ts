/** How much likelier a model finds the world's misaligned continuations than its aligned ones. */
import type { ReadableModel } from "../../model/index.js";
import { questionMargins, type Probe } from "../../persona/index.js";
import { mean } from "../../statistics/index.js";
import type { ExperimentRow } from "./rows.js";

/** The mean over questions, which are the unit: answers to one question have much in common. */
export async function readMargin(
  model: ReadableModel,
  probes: readonly Probe[],
  signal?: AbortSignal,
): Promise<ExperimentRow["readings"][string] | undefined> {
  const margins = (await questionMargins(model, probes, signal)).map(({ margin }) => margin);
  const n = margins.length;
  if (n === 0) return undefined;
  const value = mean(margins);
  if (n === 1) return { value, n };
  return { value, n, deviation: Math.sqrt(margins.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1)) };
}
