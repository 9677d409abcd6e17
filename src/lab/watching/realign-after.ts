/** `--on-alarm realign`: trains the model back on benign data, from where the training ended. */
import { plannedSets, type AskedSet } from "../../evaluation/index.js";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BASE_KEY } from "../../model/index.js";
import { realign, type RealignPlan, type RealignRow } from "../../persona/index.js";
import type { WatchedVerdict } from "../../study/index.js";
import type { Asking } from "../asking/asking.js";
import type { NamedBenign } from "../asking/benign-data.js";
import type { OpenedModel } from "../models/find-model.js";
import { Series } from "../../run/index.js";

/** Enough to bring misaligned models back; see docs/persona.md. */
const STEPS = 10;

export interface Realigned {
  readonly folder: string;
  readonly with: string;
  readonly rows: readonly RealignRow[];
}

export async function realignAfter(
  { model, identity, signal }: OpenedModel,
  verdict: WatchedVerdict,
  how: { folder: string; asked: AskedSet; asking: Asking<"open">; seed: number; data: NamedBenign },
): Promise<Realigned> {
  const { asked, asking, seed, data } = how;
  const folder = join(how.folder, "realigned");
  const plan: RealignPlan = {
    steps: [0, STEPS],
    batchSize: 32,
    learningRate: 4e-4,
    warmup: 5,
    asked: [asked],
    seed,
    temperature: 1,
    maxTokens: asking.maxTokens,
  };
  const planned = { ...plan, asked: plannedSets(plan.asked), with: data.name, ...asking.plan };
  const series = await Series.open<RealignRow>(folder, planned, { files: ["model"] });
  try {
    const made = join(folder, "model");
    if (!existsSync(join(made, "config.json"))) {
      await model.training.load(join(verdict.model, "model.safetensors"));
      await realign(model, data.conversations(STEPS * plan.batchSize, seed), plan, {
        have: (step) => series.find(`step-${step}`),
        onRow: (row, answers) => series.append(row, answers),
        judge: asking.judge,
        signal,
      });
      await model.training.saveModel(made, { [BASE_KEY]: identity.base });
    }
    await series.finish();
    return { folder: made, with: data.label, rows: series.rows };
  } finally {
    await series.close();
  }
}
