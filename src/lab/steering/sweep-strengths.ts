/** A sweep over strengths of one vector in a folder that can be carried on, with random vectors as control. */
import { join } from "node:path";
import { plannedSets, type Behaviour } from "../../evaluation/index.js";
import { measurePoint, sweepPoints, type SweepPlan, type SweepRow } from "../../persona/index.js";
import { Series, type RunCommand } from "../../run/index.js";
import { makeOutputFolder, planKey } from "../../store/index.js";
import type { Asking } from "../asking/asking.js";
import type { OpenedModel } from "../models/find-model.js";
import { openVectors, type GivenVectors, type SteeringFlags } from "./given-vectors.js";

export interface SweepChoice extends SteeringFlags {
  readonly strength: readonly number[];
  readonly tokens: "all" | "answer";
  readonly samples: number;
  readonly random: number;
  readonly seed: number;
  readonly temperature: number;
  readonly out?: string;
}

export interface Swept {
  readonly folder: string;
  /** The model's. */
  readonly title: string;
  readonly plan: SweepPlan;
  readonly trained: Behaviour | undefined;
  readonly rows: readonly SweepRow[];
  readonly given: GivenVectors;
}

export async function sweepStrengths(
  opened: OpenedModel,
  asking: Asking<"open">,
  choice: SweepChoice,
  command: RunCommand | undefined,
): Promise<Swept> {
  const { model, identity, found, signal, say } = opened;
  const { judge, maxTokens } = asking;
  const using = await openVectors(choice, opened);
  const { vectors, mode, layers } = using;
  const { tokens, samples, seed, temperature, strength } = choice;
  const { condition } = found;
  const trained = asking.trained(condition);
  const asked = [asking.asked("open", samples, condition), ...asking.trainedSet(condition, samples)];
  const randomSeeds = Array.from({ length: choice.random }, (_, i) => i + 1);
  const fixed = { model: identity, ...using.plan, mode, layers, tokens, asked, seed, temperature, maxTokens };
  const kept = { ...fixed, asked: plannedSets(asked), ...asking.plan };
  const key = planKey(kept);
  const folder = choice.out ?? join("runs/steer", `${found.label}-${mode}-${key}`);
  makeOutputFolder(folder);
  const grows = ["strengths", "randomSeeds"];
  const series = await Series.open<SweepRow>(
    folder,
    { ...kept, randomSeeds, strengths: strength },
    { grows, ...(command && { command }) },
  );
  const plan: SweepPlan = { ...fixed, randomSeeds, strengths: strength };
  const points = sweepPoints(plan);
  try {
    for (const [i, point] of points.entries()) {
      if (series.find(point.id) !== undefined) continue;
      signal.throwIfAborted();
      const { row, answers } = await measurePoint(model, vectors, plan, point, {
        judge,
        signal,
      });
      await series.append(row, answers);
      say(`[${i + 1}/${points.length}] ${point.id}`);
    }
    await series.finish();
  } finally {
    await series.close();
  }
  const rows = points.flatMap(({ id }) => series.find(id) ?? []);
  return { folder, title: found.title, plan, trained, rows, given: using };
}
