/** A diff of two models in a folder that can be carried on: from what is wanted to everything that is shown of it. */
import { plannedSets, type Judge } from "../../evaluation/index.js";
import { join } from "node:path";
import {
  adapterDiff,
  diffModels,
  latentDirection,
  readCard,
  readSae,
  requireSaeFit,
  type DiffPlan,
  type DiffResult,
  type DiffRow,
  type LatentCard,
  type Part,
  type Sae,
} from "../../persona/index.js";
import { Series, type RunCommand } from "../../run/index.js";
import { makeOutputFolder, planKey } from "../../store/index.js";
import { UsageError } from "../../text/index.js";
import type { Asking } from "../asking/asking.js";
import { saeHash } from "../sae/open-sae.js";
import { openDirection, type GivenDirection } from "../steering/given-direction.js";
import type { OpenedPair } from "./open-pair.js";
import type { DiffShown } from "./shown.js";
import { steerCommands, type Typed } from "./steer-commands.js";

export interface DiffChoice extends Typed {
  readonly layer?: number;
  readonly top: number;
  readonly texts: Part;
  readonly samples: number;
  readonly answers: number;
  readonly finalSamples: number;
  readonly maxIncoherent: number;
  readonly random: number;
  readonly seed: number;
  readonly steer: boolean;
  readonly anyModel?: boolean;
  readonly out?: string;
}

export interface DiffFollow {
  readonly signal: AbortSignal;
  readonly command?: RunCommand | undefined;
  /** Hears how many parts an earlier run has finished. */
  readonly onCarryOn: (parts: number) => void;
  readonly onProgress: (done: number, total: number, part: string) => void;
}

/** Compares the models, or carries on where an earlier run stopped. */
export async function runDiff(
  pair: OpenedPair,
  asking: Asking<"development" | "final">,
  choice: DiffChoice,
  follow: DiffFollow,
): Promise<DiffShown> {
  const started = performance.now();
  const given = await readGiven(pair, choice);
  const { plan, fixed } = planOf(pair, given, asking, choice);
  const { before, after } = pair;
  const folder = choice.out ?? join("runs/diff", `${before.found.label}-${after.found.label}-${planKey(fixed)}`);
  makeOutputFolder(folder);
  const { result, rows } = await run(folder, pair, given, plan, fixed, asking.judge, follow);
  return {
    folder,
    before: before.found.title,
    after: after.found.title,
    plan,
    ...(given.sae && { sae: given.sae.recipe }),
    ...(given.direction && { direction: given.direction.direction.recipe }),
    result,
    rows,
    cards: await cardsOf(choice.sae, result),
    again: againOf(choice, pair, given, plan, result),
    ...(pair.adapter && { adapter: adapterOf(pair, given, plan, result) }),
    seconds: (performance.now() - started) / 1000,
  };
}

interface Given {
  readonly sae?: Sae;
  readonly saeHash?: string;
  readonly direction?: GivenDirection;
}

async function readGiven({ before, after }: OpenedPair, options: DiffChoice): Promise<Given> {
  const { sae: folder, direction: file, anyModel } = options;
  const direction = file === undefined ? undefined : await openDirection(file, before, anyModel);
  if (file !== undefined) await openDirection(file, after, anyModel);
  if (folder === undefined) return direction ? { direction } : {};
  const sae = await readSae(folder);
  requireSaeFit(folder, sae, before.model.reading.shape, before.identity);
  const known = anyModel === true ? before.identity : after.identity;
  requireSaeFit(folder, sae, after.model.reading.shape, { ...known, name: after.identity.name });
  const { layer: wanted } = options;
  if (wanted !== undefined && wanted !== sae.recipe.layer) {
    throw new UsageError(
      `--layer ${wanted}: ${folder} was trained after layer ${sae.recipe.layer}`,
      `Leave --layer out, or train one there with: askew sae train --layer ${wanted}`,
    );
  }
  return { sae, saeHash: await saeHash(folder), ...(direction && { direction }) };
}

/** `fixed` is what a folder's runs must have in common. */
function planOf(
  { before, after }: OpenedPair,
  given: Given,
  asking: Asking<"development" | "final">,
  options: DiffChoice,
): { plan: DiffPlan; fixed: object } {
  const { layers } = before.model.reading.shape;
  const middle = Math.floor((layers - 1) / 2);
  const at = given.sae?.recipe.layer ?? options.layer ?? given.direction?.direction.recipe.layer ?? middle;
  if (at >= layers) {
    throw new UsageError(
      `there is no layer ${at}: ${before.identity.name} has ${layers}`,
      `Choose one of 0 … ${layers - 1}.`,
    );
  }
  const { condition } = after.found;
  const trained = asking.trained(condition);
  const plan: DiffPlan = {
    questions: asking.asked("development", options.samples, condition),
    part: options.texts,
    layer: at,
    top: options.top,
    finalistAnswers: options.answers,
    maxIncoherent: options.maxIncoherent,
    seed: options.seed,
    temperature: 1,
    maxTokens: asking.maxTokens,
    ...(options.steer && {
      final: {
        asked: [
          asking.asked("final", options.finalSamples, condition),
          ...asking.trainedSet(condition, options.finalSamples),
        ],
        ...(trained && { trained }),
        randomSeeds: Array.from({ length: options.random }, (_, i) => i + 1),
      },
    }),
  };
  const fixed = {
    before: before.identity,
    after: after.identity,
    sae: given.saeHash ?? null,
    direction: given.direction?.sha256 ?? null,
    ...plan,
    questions: plannedSets([plan.questions]),
    ...(plan.final && { final: { ...plan.final, asked: plannedSets(plan.final.asked) } }),
    ...asking.plan,
  };
  return { plan, fixed };
}

async function run(
  folder: string,
  { before, after }: OpenedPair,
  { sae, direction }: Given,
  plan: DiffPlan,
  fixed: object,
  judge: Judge,
  follow: DiffFollow,
): Promise<{ result: DiffResult; rows: DiffShown["rows"] }> {
  const series = await Series.open<DiffRow>(
    folder,
    fixed,
    follow.command === undefined ? {} : { command: follow.command },
  );
  try {
    if (series.rows.length > 0) follow.onCarryOn(series.rows.length);
    const result = await diffModels(
      {
        before: before.model,
        after: after.model,
        ...(sae && { sae }),
        ...(direction && { direction: direction.direction }),
      },
      plan,
      {
        judge,
        store: series,
        signal: follow.signal,
        onProgress: follow.onProgress,
      },
    );
    await series.finish();
    return { result, rows: series.rows.map(({ id, seconds }) => ({ id, seconds })) };
  } finally {
    await series.close();
  }
}

function againOf(typed: Typed, { adapter }: OpenedPair, { direction }: Given, plan: DiffPlan, { final }: DiffResult) {
  if (final === undefined) return [];
  const { layer: at } = plan;
  const where = { layer: at, ...(direction && { direction: direction.direction }), adapter: adapter !== undefined };
  return steerCommands(typed, final, where);
}

/** The cards of the latents that are shown. */
async function cardsOf(folder: string | undefined, { ranked, activations }: DiffResult): Promise<LatentCard[]> {
  if (folder === undefined) return [];
  const steered = ranked.flatMap(({ latent }) => latent ?? []);
  const told = steered.length > 0 ? steered : activations.rising.slice(0, 10).map(({ latent }) => latent);
  return Promise.all(told.map((latent) => readCard(folder, latent)));
}

function adapterOf({ adapter, before }: OpenedPair, { sae, direction }: Given, plan: DiffPlan, result: DiffResult) {
  if (adapter === undefined) throw new Error("there is no adapter");
  const shift = { id: "shift", unit: Float32Array.from(result.activations.shift) };
  const best = result.ranked.find(({ latent }) => latent !== undefined);
  const latent = sae && best?.latent !== undefined ? [{ id: best.id, unit: latentDirection(sae, best.latent) }] : [];
  const steered = { layer: plan.layer, candidates: [shift, ...latent] };
  return adapterDiff(adapter, before.model.reading.shape.width, steered, direction?.direction);
}
