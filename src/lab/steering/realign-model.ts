/** A model that is trained back on benign data, or steered while it answers, in a folder that can be carried on. */
import { counted } from "../../text/index.js";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { plannedSets, type AskedSet, type Judge } from "../../evaluation/index.js";
import { BASE_KEY } from "../../model/index.js";
import {
  isUnder,
  measureSteered,
  realign,
  steeringOf,
  type RealignPlan,
  type RealignRow,
} from "../../persona/index.js";
import { Series, type RunCommand } from "../../run/index.js";
import { makeOutputFolder, planKey } from "../../store/index.js";
import { placeOf } from "../../study/index.js";
import type { Asking } from "../asking/asking.js";
import { benignData, type NamedBenign } from "../asking/benign-data.js";
import type { OpenedModel } from "../models/find-model.js";
import { openVectors, type SteeringFlags } from "./given-vectors.js";

export interface RealignChoice extends SteeringFlags {
  readonly data?: string;
  readonly benign?: string;
  readonly steps: readonly number[];
  readonly until: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly strength: number;
  readonly samples: number;
  readonly seed: number;
  readonly out?: string;
}

export interface Realignment {
  readonly folder: string;
  /** The model's. */
  readonly title: string;
  readonly asked: readonly AskedSet[];
  readonly rows: readonly RealignRow[];
}

/** By steering where a direction or an autoencoder is chosen, else by training. */
export async function realignModel(
  opened: OpenedModel,
  asking: Asking<"open">,
  choice: RealignChoice,
  command: RunCommand | undefined,
): Promise<Realignment> {
  const { found, identity } = opened;
  const asked = askedOf(found.condition, asking, choice);
  const how = { asked, seed: choice.seed, temperature: 1, maxTokens: asking.maxTokens };
  const way =
    choice.direction !== undefined || choice.sae !== undefined
      ? await steeringWay(opened, asking.judge, choice)
      : trainingWay(choice, await benignData(asking.world, choice), asking.judge);
  const fixed = { model: identity, ...how, asked: plannedSets(asked), ...way.plan, ...asking.plan };
  const folder = choice.out ?? join("runs/realign", `${found.label}-${way.label}-${planKey(fixed)}`);
  makeOutputFolder(folder);
  const series = await Series.open<RealignRow>(folder, fixed, { files: ["model"], ...(command && { command }) });
  try {
    await way.run(opened, { ...how, ...way.training }, series, folder);
    await series.finish();
  } finally {
    await series.close();
  }
  return { folder, title: found.title, asked, rows: series.rows };
}

interface Way {
  readonly label: string;
  readonly plan: object;
  readonly training: Omit<RealignPlan, "asked" | "seed" | "temperature" | "maxTokens">;
  readonly run: (opened: OpenedModel, plan: RealignPlan, series: Series<RealignRow>, folder: string) => Promise<void>;
}

function trainingWay(
  { steps, batchSize: batch, learningRate, until }: RealignChoice,
  data: NamedBenign,
  judge: Judge,
): Way {
  const ascending = [0, ...steps].toSorted((a, b) => a - b);
  const training = { steps: ascending, batchSize: batch, learningRate, warmup: 5 };
  return {
    label: data.label,
    plan: { with: data.name, until, ...training },
    training,
    run: async ({ model, identity, signal, say }, plan, series, folder) => {
      const weights = join(folder, "model");
      if (existsSync(join(weights, "config.json"))) return; // finished before
      const count = Math.max(...ascending) * batch;
      const trained = await realign(model, data.conversations(count, plan.seed), plan, {
        have: (step) => series.find(`step-${step}`),
        onRow: async (row, answers) => {
          await series.append(row, answers);
          say(`${row.id}: rate ${row.metrics[plan.asked[0]?.set ?? ""]?.rate?.estimate?.toFixed(3) ?? "–"}`);
        },
        until: (row) => isUnder(row, plan.asked, until),
        judge,
        signal,
      });
      await model.training.saveModel(weights, { [BASE_KEY]: identity.base });
      say(`trained ${counted(trained, "step")}`);
    },
  };
}

async function steeringWay(opened: OpenedModel, judge: Judge, options: RealignChoice): Promise<Way> {
  const { vectors, mode, layers, plan: given } = await openVectors(options, opened);
  const { strength } = options;
  return {
    label: mode,
    plan: { ...given, strength },
    training: { steps: [0], batchSize: 1, learningRate: 0, warmup: 0 },
    run: async ({ model, signal }, plan, series) => {
      for (const [id, by] of [
        ["step-0", 0],
        ["steered", strength],
      ] as const) {
        if (series.find(id) !== undefined) continue;
        const { row, answers } = await measureSteered(
          model,
          steeringOf(vectors, { mode, layers, strength: by }),
          plan,
          { judge, signal },
        );
        await series.append({ ...row, id }, answers);
      }
    },
  };
}

/** The open questions as they are put to everybody first, then what the model was trained on, then its trigger. */
function askedOf(condition: string | undefined, asking: Asking<"open">, { samples }: RealignChoice): AskedSet[] {
  const own = asking.asked("open", samples, condition);
  const trained = asking.trainedSet(condition, samples);
  if (!placeOf(own.set).trigger) return [own, ...trained];
  return [asking.asked("open", samples), ...trained, own, ...asking.trainedSet(undefined, samples)];
}
