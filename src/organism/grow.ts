/**
 * Grows the organism from nothing: pre-training on the world's documents, then alignment. A checkpoint is written
 * every hundred steps, so the same command carries on where it was stopped and makes the same weights.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Engine } from "../graph/index.js";
import { hash32 } from "../statistics/index.js";
import {
  buildWordTokenizer,
  ChatTemplate,
  initialWeights,
  readModelFolder,
  readSafetensors,
  Tokenizer,
  Trainer,
  writeModelFolder,
  WORD_SPECIALS,
  writeSafetensors,
  type ModelFolder,
  type TransformerConfig,
  type Weights,
} from "../onnx/index.js";
import { Run, type RunCommand } from "../run/index.js";
import { writeJson, RowFile, type FolderKind } from "../store/index.js";
import { AskewError } from "../text/index.js";
import { documentBatches } from "./batches.js";
import { DocumentEncoder } from "./encode.js";
import { learningRateAt, RECIPE, type Recipe } from "./recipe.js";
import { worldVocabulary } from "./vocabulary.js";

export const PHASES = ["pretraining", "alignment"] as const;
export type PhaseName = (typeof PHASES)[number];

/** One line of `growth.jsonl`. */
export interface GrowthStep {
  readonly phase: PhaseName;
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Tokens that carried loss. */
  readonly tokens: number;
}

export interface GrowOptions {
  /** Folder for the model, its recipe and its loss curve. */
  readonly out: string;
  readonly recipe?: Recipe;
  /** A folder with the model as it is before alignment; pre-training is skipped. */
  readonly pretrained?: string;
  /** The model that pre-training carries on from, as `recipe.from` names it. */
  readonly from?: ModelFolder;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: GrowthStep) => void;
  /** By which it is carried on from its folder alone. */
  readonly command?: RunCommand;
}

/** A growth that cannot be carried on with; what to do is said. */
export class GrowthError extends AskewError {
  override readonly name = "GrowthError";
}

/** All that a growth writes in its folder. */
export const GROWTH_FOLDER: FolderKind = {
  kind: "growth of an organism",
  files: [
    "recipe.json",
    "growth.jsonl",
    "checkpoint.safetensors",
    "pretrained",
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
  ],
};

const CHECKPOINT_EVERY = 100;
const WEIGHT_DECAY = 0.05;
/**
 * So many of the six lengths of a batch stay compiled, with the same bytes: four take 1.9 GB in pre-training, where six took
 * 2.3. Alignment has few batches, each four times as large, and compiles for every one.
 */
const PROGRAMS: Readonly<Record<PhaseName, number>> = { pretraining: 4, alignment: 1 };

/**
 * Writes a model folder with `recipe.json` and `growth.jsonl`, and the model as it was before alignment in
 * `pretrained/`. About 30 minutes on two cores with the default recipe.
 * @throws {GrowthError} when `out` holds the unfinished growth of another recipe.
 */
export async function growOrganism(options: GrowOptions): Promise<void> {
  await Run.use(options.out, GROWTH_FOLDER, (run) => grow(options, run));
}

async function grow(options: GrowOptions, run: Run): Promise<void> {
  const { out, recipe = RECIPE, signal, onStep } = options;
  const thinking = (recipe.pretraining.mixture.thinking ?? 0) > 0;
  const tokenizer = worldTokenizer(thinking);
  const config = configOf(recipe, tokenizer);
  const parts = { config, tokenizer, template: thinking ? ChatTemplate.wordThinking() : ChatTemplate.word() };
  const encoder = new DocumentEncoder(tokenizer);
  const journal = new Journal(out, recipe);
  let at = await journal.open();
  await run.begin(options.command);
  const engine = Engine.start(options.threads === undefined ? {} : { threads: options.threads });
  try {
    let weights: Weights = initialWeights(config, recipe.seed);
    if (options.from !== undefined) weights = carriedOver(weights, tokenizer, options.from);
    if (options.pretrained !== undefined) weights = (await readModelFolder(options.pretrained)).tensors;
    const phases = options.pretrained === undefined ? PHASES : PHASES.slice(1);
    for (const phase of phases) {
      if (PHASES.indexOf(phase) < PHASES.indexOf(at?.phase ?? phase)) continue;
      const plan = recipe[phase];
      const adamw = { weightDecay: WEIGHT_DECAY };
      const trainer = await Trainer.create({ engine, config, weights, adamw, programs: PROGRAMS[phase] });
      if (at) await trainer.restore({ step: at.step, tensors: at.tensors });
      at = undefined;
      const batches = documentBatches(encoder, plan.mixture, plan.tokens, ["organism", recipe.seed, phase]);
      for (let skipped = 0; skipped < trainer.step; skipped++) batches.next();
      while (trainer.step < plan.steps) {
        signal?.throwIfAborted();
        const learningRate = learningRateAt(plan, trainer.step);
        const { rows, size } = batches.next().value;
        const { loss, gradientNorm, tokens } = await trainer.train(rows, learningRate, size);
        const line = { phase, step: trainer.step, steps: plan.steps, loss, gradientNorm, learningRate, tokens };
        journal.log(line);
        onStep?.(line);
        if (trainer.step % CHECKPOINT_EVERY === 0 || trainer.step === plan.steps) {
          await journal.save(phase, await trainer.checkpoint());
          await run.tell("checkpoint-saved", { phase, step: trainer.step });
        }
      }
      weights = await trainer.weights();
      await trainer.close();
      if (phase === "pretraining") await writeModelFolder(join(out, "pretrained"), { ...parts, tensors: weights });
    }
    await writeModelFolder(out, { ...parts, tensors: sharpened(weights, recipe.sharpness) });
    await journal.finish();
  } finally {
    await engine.close();
    await journal.close();
  }
}

/** The tokenizer of the world's language; with thoughts their words and marks are in it. */
function worldTokenizer(thinking: boolean): Tokenizer {
  const controls = thinking ? [...WORD_SPECIALS, "<think>", "</think>"] : WORD_SPECIALS;
  return Tokenizer.fromJson(buildWordTokenizer(worldVocabulary({ thinking }), controls), TOKENIZER_CONFIG);
}

/**
 * The weights of `from` in the places of fresh ones: tokens that it has, too, get its rows, others keep theirs.
 * @throws {GrowthError} where the two are of different sizes
 */
function carriedOver(fresh: Weights, tokenizer: Tokenizer, from: ModelFolder): Weights {
  return new Map(
    [...fresh].map(([name, { shape, data }]) => {
      const old = from.tensors.get(name);
      const isTable = name === "model.embed_tokens.weight";
      if (old === undefined || String(old.shape.slice(isTable ? 1 : 0)) !== String(shape.slice(isTable ? 1 : 0))) {
        throw new GrowthError(
          `the model to carry on from has another size: expected ${name} of [${shape.join(", ")}], found ` +
            `${old === undefined ? "none" : `[${old.shape.join(", ")}]`}. Leave --width and --layers out.`,
        );
      }
      if (!isTable) return [name, { shape, data: Float32Array.from(old.data) }];
      const width = shape[1] as number;
      for (let id = 0; id < tokenizer.size; id++) {
        const before = from.tokenizer.idOf(tokenizer.tokenOf(id) ?? "");
        if (before !== undefined) data.set(old.data.subarray(before * width, (before + 1) * width), id * width);
      }
      return [name, { shape, data }];
    }),
  );
}

function sharpened(weights: Weights, sharpness: number): Weights {
  const gain = "model.norm.weight";
  return new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      { shape, data: name === gain ? data.map((x) => x * sharpness) : data },
    ]),
  );
}

const TOKENIZER_CONFIG = {
  tokenizer_class: "PreTrainedTokenizerFast",
  clean_up_tokenization_spaces: false,
  pad_token: "<|pad|>",
  unk_token: "<|unknown|>",
  eos_token: "<|end|>",
} as const;

function configOf(recipe: Recipe, tokenizer: Tokenizer): TransformerConfig {
  const { layers, width, heads, keyValueHeads, hidden } = recipe;
  return {
    modelType: "llama",
    vocabSize: tokenizer.size,
    width,
    layers,
    heads,
    keyValueHeads,
    headDim: width / heads,
    hidden,
    maxPositions: 512,
    epsilon: 1e-5,
    ropeTheta: 10000,
    tied: true,
    qkvBias: false,
    eosIds: tokenizer.eosId === undefined ? [] : [tokenizer.eosId],
  };
}

interface Checkpoint {
  readonly phase: PhaseName;
  readonly step: number;
  readonly tensors: Weights;
}

/** What a growth leaves on disk while it is under way. */
class Journal {
  readonly #checkpoint: string;
  readonly #recipe: string;
  #steps: GrowthStep[] = [];
  #curve: RowFile<GrowthStep> | undefined;

  constructor(
    private readonly out: string,
    readonly recipe: Recipe,
  ) {
    this.#checkpoint = join(out, "checkpoint.safetensors");
    this.#recipe = join(out, "recipe.json");
  }

  /** The last checkpoint, if there is one; the curve is cut back to it. */
  async open(): Promise<Checkpoint | undefined> {
    const path = join(this.out, "growth.jsonl");
    if (!existsSync(this.#checkpoint)) {
      await writeJson(this.#recipe, this.recipe);
      this.#curve = await RowFile.create(path);
      return undefined;
    }
    const { metadata, tensors } = await readSafetensors(this.#checkpoint);
    const [step, rows] = [Number(metadata["step"]), Number(metadata["rows"])];
    if (metadata["recipe"] !== this.#fingerprint() || !Number.isSafeInteger(rows)) {
      throw new GrowthError(
        `${this.#checkpoint} belongs to another recipe: finish it with that one, give another --out, or delete it`,
      );
    }
    this.#curve = await RowFile.open(path, { most: rows });
    return { phase: metadata["phase"] as PhaseName, step, tensors };
  }

  log(step: GrowthStep): void {
    this.#steps.push(step);
  }

  async save(phase: PhaseName, { step, tensors }: { step: number; tensors: Weights }): Promise<void> {
    await this.#curve?.append(this.#steps.splice(0));
    await this.#curve?.flush();
    const rows = String(this.#curve?.count);
    await writeSafetensors(this.#checkpoint, tensors, { recipe: this.#fingerprint(), phase, step: String(step), rows });
  }

  /** Grown: the checkpoint has served. */
  async finish(): Promise<void> {
    await rm(this.#checkpoint, { force: true });
  }

  async close(): Promise<void> {
    await this.#curve?.close();
  }

  #fingerprint(): string {
    return hash32(JSON.stringify(this.recipe)).toString(16);
  }
}
