/** `askew diff`: what a fine-tune changed inside, and which latent or direction makes the model misaligned. */
import { plannedSets, type Judge } from "../../evaluation/index.js";
import { join } from "node:path";
import { Argument, Command } from "commander";
import {
  adapterDiff,
  diffModels,
  latentDirection,
  PARTS,
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
import { Series } from "../../run/index.js";
import { UsageError } from "../../text/index.js";
import { MODEL_FORMS, stoppable } from "../models/open-model.js";
import { numberWithin, oneOf, threadCount, wholeNumber } from "../option-values.js";
import { makeOutputFolder } from "../output-folder.js";
import { withAsking, type Asking } from "../asking/asking.js";
import { ASKING_HELP, askingOptions, type AskingFlags } from "../asking/asking-options.js";
import { openDirection, type GivenDirection } from "../persona/direction-option.js";
import { CountProgress, printJson } from "../../terminal/index.js";
import { saeHash } from "../sae/sae-option.js";
import { planKey } from "../../store/index.js";
import { diffLines } from "./diff-lines.js";
import { openPair, type OpenedPair } from "./open-pair.js";
import { steerCommands, type Typed } from "./again.js";
import type { DiffShown } from "./shown.js";
import { commandOf } from "../run/this-command.js";

interface Options extends AskingFlags {
  readonly sae?: string;
  readonly direction?: string;
  readonly layer?: number;
  readonly top: number;
  readonly texts: Part;
  readonly samples: number;
  readonly answers: number;
  readonly development?: string;
  readonly finalSamples: number;
  readonly maxIncoherent: number;
  readonly random: number;
  readonly seed: number;
  readonly steer: boolean;
  readonly anyModel?: boolean;
  readonly out?: string;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
1. Both models answer the questions of --development; their mean activations are compared (of every layer, and of the latents).
2. The latents that rose most are candidates; beside them the shift of the means, and a direction that was given.
3. Each is added to BEFORE and subtracted from AFTER, as strongly as coherence allows, in rounds of fewer candidates with
   more answers. Strength is in mean lengths of the residual stream after that layer.
4. They are ranked by the misalignment they cause and the share they remove. The best is measured on questions that chose
   nothing, beside random directions of equal length.

AFTER may be a folder with a LoRA adapter for BEFORE, as PEFT writes it. --any-model allows two models of one shape that
do not say that they have one base.
${ASKING_HELP}

Examples:
  $ askew diff organism insecure-1 --sae runs/sae/layer-1
  $ askew diff organism insecure-1 --direction runs/directions/organism-prompts.safetensors
  $ askew diff local:qwen local:qwen-tuned --direction d.safetensors --any-model --judge openai:gpt-4o --json

Stopped or killed, the same command carries on where it was.`;

export const diffCommand = (): Command =>
  askingOptions(
    new Command("diff")
      .addArgument(new Argument("<before>", MODEL_FORMS))
      .addArgument(new Argument("<after>", "the same, or a folder with a LoRA adapter for BEFORE")),
    "of the final measure, which choose nothing (default: main)",
  )
    .option("--development <set>", "questions that choose (default: development, or pre-registered)")
    .option("--sae <folder>", "made with askew sae train, on BEFORE or its base")
    .option("--direction <file>", "made with askew persona direction")
    .option(
      "--layer <number>",
      "steer after it, from 0 (default: the autoencoder's, the direction's, the middle one)",
      layer,
    )
    .option("--top <count>", "latents that are steered; published 1000", wholeNumber(1, 2 ** 20), 100)
    .option("--texts <which>", "average activations over answers or prompts", oneOf("texts", PARTS), "answers")
    .option("--samples <count>", "answers to each question that chooses, unsteered", wholeNumber(1, 100_000), 80)
    .option("--answers <count>", "answers to a finalist's trial", wholeNumber(1, 100_000), 160)
    .option("--max-incoherent <share>", "of answers, that steering may cause", numberWithin(0, 1), 0.1)
    .option("--final-samples <count>", "answers to each of them", wholeNumber(1, 100_000), 40)
    .option("--random <count>", "random directions of the same length there, as control", wholeNumber(1, 100), 3)
    .option("--no-steer", "compare activations alone")
    .option("--seed <number>", "names the random streams", wholeNumber(0, 2 ** 31 - 1), 100)
    .option("--any-model", "allow models, and a direction, that say they come from other bases")
    .option("--out <folder>", "where everything is kept (default: a folder of its own in runs/diff)")
    .option("--study <folder>", "the study that conditions are taken from")
    .option("--json", "print JSON on stdout, and nothing else there")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(diff);

const layer = wholeNumber(0, 10_000);

async function diff(beforeName: string, afterName: string, options: Options): Promise<void> {
  const started = performance.now();
  await stoppable(async (signal) => {
    const pair = await openPair(beforeName, afterName, options);
    const { model } = pair.before;
    const sets = [
      { key: "development", name: options.development, purpose: "development" },
      { key: "final", name: options.questions, purpose: "main" },
    ] as const;
    try {
      await withAsking({ model, signal }, options, sets, async (asking) => {
        const given = await readGiven(pair, options);
        const { plan, fixed } = planOf(pair, given, asking, options);
        const key = planKey(fixed);
        const { before, after } = pair;
        const folder = options.out ?? join("runs/diff", `${before.found.label}-${after.found.label}-${key}`);
        makeOutputFolder(folder);
        const { result, rows } = await run(folder, pair, given, plan, fixed, asking.judge, signal);
        const shown: DiffShown = {
          folder,
          before: before.found.title,
          after: after.found.title,
          plan,
          ...(given.sae && { sae: given.sae.recipe }),
          ...(given.direction && { direction: given.direction.direction.recipe }),
          result,
          rows,
          cards: await cardsOf(options.sae, result),
          again: againOf({ ...options, before: beforeName, after: afterName }, pair, given, plan, result),
          ...(pair.adapter && { adapter: adapterOf(pair, given, plan, result) }),
          seconds: (performance.now() - started) / 1000,
        };
        const { writeDiffPage } = await import("./diff-page.js");
        const page = await writeDiffPage(shown);
        if (options.json === true) printJson("diff", { page, ...shown });
        else process.stdout.write(diffLines(shown, page));
      });
    } finally {
      await pair.close();
    }
  });
}

interface Given {
  readonly sae?: Sae;
  readonly saeHash?: string;
  readonly direction?: GivenDirection;
}

async function readGiven({ before, after }: OpenedPair, options: Options): Promise<Given> {
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
  options: Options,
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
  signal: AbortSignal,
): Promise<{ result: DiffResult; rows: DiffShown["rows"] }> {
  const series = await Series.open<DiffRow>(folder, fixed, commandOf());
  const progress = new CountProgress(process.stderr, "trials", () => undefined);
  let last = "";
  try {
    if (series.rows.length > 0) progress.keep(`Carrying on after ${series.rows.length} parts.`);
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
        signal,
        onProgress: (done, total, part) => {
          if (part !== last && !part.startsWith("final-"))
            progress.keep(PARTS_SAID[part] ?? `${part}: ${total} trials`);
          last = part;
          progress.hear({ done, total, failed: 0 });
        },
      },
    );
    await series.finish();
    return { result, rows: series.rows.map(({ id, seconds }) => ({ id, seconds })) };
  } finally {
    progress.close();
    await series.close();
  }
}

const PARTS_SAID: Readonly<Record<string, string>> = {
  activations: "Both models answer, and are read.",
};

function againOf(typed: Typed, { adapter }: OpenedPair, { direction }: Given, plan: DiffPlan, { final }: DiffResult) {
  if (final === undefined) return [];
  const { layer: at } = plan;
  const where = { layer: at, ...(direction && { direction: direction.direction }), adapter: adapter !== undefined };
  return steerCommands(typed, final, where);
}

/** Of the latents that are told about. */
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
