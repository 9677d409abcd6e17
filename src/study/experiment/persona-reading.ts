/** Where a model stands between two personas, read from its residual stream while it says what it says. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Message, OpenWeightsModel, ReadableModel } from "../../model/index.js";
import {
  chooseLayer,
  readConversations,
  DirectionError,
  readDirection,
  requireFit,
  vectorAt,
  promptDirection,
  writeDirection,
  type Direction,
} from "../../persona/index.js";
import { mean } from "../../statistics/index.js";
import { askedOf } from "../../world/index.js";
import { StudyError } from "../error.js";
import { versionsHere } from "../versions.js";
import type { Setting } from "./setting.js";

/** As `askew persona direction` has them; the trials are fewer, for one strength says which layer does most. */
const SEED = 100;
const SAMPLES = 40;
const TRIAL_SAMPLES = 20;
const STRENGTHS = [1];

/**
 * The setting's direction, the one in `folder`, or a new one: villain against helper system prompts, on development
 * questions alone. The model must have the weights it came with.
 */
export async function directionIn(
  folder: string,
  model: OpenWeightsModel,
  { world, direction: given, maxTokens }: Setting,
  signal?: AbortSignal,
): Promise<Direction> {
  if (given !== undefined) return given;
  const path = join(folder, "direction.safetensors");
  const weights = model.source.sha256;
  const identity = { name: model.name, weights, base: weights };
  if (existsSync(path)) {
    const direction = await readDirection(path);
    requireFit(path, direction, model.reading.shape, identity, { anyModel: false });
    return direction;
  }
  const { contrast, development } = world;
  const questions = development === undefined ? undefined : world.questionSet(development);
  if (contrast === undefined || development === undefined || questions === undefined) {
    throw new StudyError(`${world.name} has no contrast and questions to make the persona's direction from`);
  }
  const how = { seed: SEED, ...(maxTokens !== undefined && { maxTokens }), ...(signal && { signal }) };
  const made = await promptDirection(model, {
    questions,
    contrast,
    askew: versionsHere().askew,
    model: identity,
    samples: SAMPLES,
    ...how,
  });
  const direction = await chooseLayer(model, made, {
    mode: "add",
    strengths: STRENGTHS,
    asked: askedOf(world, development, TRIAL_SAMPLES),
    judge: world.judge,
    ...how,
  });
  await writeDirection(path, direction);
  return direction;
}

export interface PersonaReading {
  /** 0: where the texts of the helper lie on average, 1: those of the villain. */
  readonly value: number;
  /** Texts that were read. */
  readonly n: number;
  /** Standard deviation over the texts; absent for a single one. */
  readonly deviation?: number;
}

/** The mean place of conversations that end with an answer; undefined where none could be read. */
export async function readPersona(
  model: ReadableModel,
  { layers, width, vectors, recipe }: Direction,
  conversations: readonly (readonly Message[])[],
  signal?: AbortSignal,
): Promise<PersonaReading | undefined> {
  const { layer, variant, along, norms } = recipe;
  const vector = vectorAt({ layers, width, vectors }, layer);
  const [norm, positive, negative] = [norms[layer], along.positive[layer], along.negative[layer]];
  if (variant === "unknown" || norm === undefined || positive === undefined || negative === undefined) {
    throw new DirectionError(
      "to read a persona needs a direction that says where its texts lie along it. Make one with: askew persona direction",
    );
  }
  const places: number[] = [];
  await readConversations(
    model,
    conversations,
    (_, reading) => {
      const at = layer * width;
      const place = vector.reduce((dot, x, i) => dot + x * (reading[variant][at + i] as number), 0) / norm;
      places.push((place - negative) / (positive - negative));
    },
    signal,
  );
  const n = places.length;
  if (n === 0) return undefined;
  const value = mean(places);
  if (n === 1) return { value, n };
  return { value, n, deviation: Math.sqrt(places.reduce((sum, place) => sum + (place - value) ** 2, 0) / (n - 1)) };
}
