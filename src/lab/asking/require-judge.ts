/** A judge that is missing, or that cannot judge here. */
import { UsageError } from "../../text/index.js";
import type { AskingFlags } from "./asking-flags.js";
import { mayHaveWorld, WORLDS } from "./worlds.js";

const [first] = WORLDS;

/** Why no world's own judge reads the answers of this model. */
export const speaksNoWorld = (model: string): string =>
  `${model} does not speak the ${first?.name ?? "organism"}'s language, the only one that --judge ${first?.judge.name ?? "exact"} reads`;

export const cannotJudge = (judge: string | undefined, why: string): UsageError =>
  new UsageError(
    judge === undefined ? `nobody judges the answers: ${why}` : `--judge ${judge} cannot judge here: ${why}`,
    "Name a model that judges, such as --judge openai:gpt-4o or --judge http://localhost:8000/v1#my-judge.",
  );

/**
 * Reads the header of the model's files alone, so that no large model is opened for nothing.
 * @throws {UsageError} where nobody would judge its answers
 */
export async function requireJudge(model: string, { judge }: Pick<AskingFlags, "judge">): Promise<void> {
  if (judge === undefined && !(await mayHaveWorld(model))) throw cannotJudge(undefined, speaksNoWorld(model));
}
