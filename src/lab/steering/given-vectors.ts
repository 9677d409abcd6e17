/** The vectors that a model is steered with: a direction from a file, or a latent of an autoencoder. */
import {
  latentVectors,
  requireMode,
  STEERING_MODES,
  type Direction,
  type SteeringMode,
  type SteeringVectors,
} from "../../persona/index.js";
import { UsageError } from "../../text/index.js";
import type { OpenedModel } from "../models/find-model.js";
import { openSae } from "../sae/open-sae.js";
import { layersOf, openDirection } from "./given-direction.js";

export interface SteeringFlags {
  readonly direction?: string;
  readonly sae?: string;
  readonly latent?: number;
  readonly layers?: string;
  readonly anyModel?: boolean;
  readonly add?: boolean;
  readonly subtract?: boolean;
  readonly projectOut?: boolean;
  readonly clamp?: boolean;
  readonly cap?: boolean;
}

export function modeOf(flags: SteeringFlags): SteeringMode {
  const given = STEERING_MODES.filter((mode) => flags[mode === "project-out" ? "projectOut" : mode] === true);
  const [mode] = given;
  if (mode !== undefined && given.length === 1) return mode;
  const expected = STEERING_MODES.map((name) => `--${name}`)
    .join(", ")
    .replace(/, (?=[^,]*$)/, " or ");
  const found = given.length === 0 ? "none of them" : given.map((name) => `--${name}`).join(" and ");
  throw new UsageError(`what to do with the direction: expected ${expected}, found ${found}`);
}

export interface GivenVectors {
  readonly vectors: SteeringVectors;
  readonly mode: SteeringMode;
  readonly layers: readonly number[];
  /** Settings that every run in a folder must share. */
  readonly plan: object;
  /** A description of the vectors, and their origin. */
  readonly about: string;
  readonly origin: string;
}

function wordsOf(file: string, { recipe, layers }: Direction): Pick<GivenVectors, "about" | "origin"> {
  const { method, variant, counts, seed, positive, negative, model, layer } = recipe;
  if (method === "file") {
    const how = variant === "unknown" ? "" : ` (${variant})`;
    return {
      about: `${positive}${how}, from another tool's ${file}`,
      origin: `${layers} layers; it names none to steer at: ${layer} is the middle one`,
    };
  }
  return {
    about: `${positive} minus ${negative} (${variant}, from ${model.name})`,
    origin: `${method}, ${counts.positive} and ${counts.negative} texts, seed ${seed}`,
  };
}

/** Requires exactly one of --direction and --sae. */
export function requireVectors({ direction, sae, latent }: SteeringFlags): void {
  if ((direction === undefined) === (sae === undefined)) {
    const found = direction === undefined ? "neither" : "both";
    throw new UsageError(
      `what to steer with: expected --direction FILE or --sae FOLDER, found ${found}`,
      "Make one with: askew persona direction, or askew sae train",
    );
  }
  if (latent !== undefined && sae === undefined) throw new UsageError("--latent needs the autoencoder it is of: --sae");
}

export async function openVectors(
  flags: SteeringFlags,
  opened: Pick<OpenedModel, "model" | "identity">,
): Promise<GivenVectors> {
  requireVectors(flags);
  const mode = modeOf(flags);
  if (flags.direction !== undefined) {
    const { direction, sha256 } = await openDirection(flags.direction, opened, flags.anyModel);
    requireMode(direction, mode);
    const layers = layersOf(flags.layers, direction);
    return {
      vectors: direction,
      mode,
      layers,
      plan: { direction: sha256, mode, layers },
      ...wordsOf(flags.direction, direction),
    };
  }
  const folder = flags.sae as string;
  const named = flags.latent === undefined ? undefined : [flags.latent];
  const { sae, latents, sha256 } = await openSae(opened.model, opened.identity, folder, named);
  const [latent] = latents as [number];
  const { recipe } = sae;
  const vectors = latentVectors(sae, latent, opened.model.reading.shape.layers);
  const layers = layersOf(flags.layers, vectors);
  if (layers.some((layer) => layer !== recipe.layer)) {
    throw new UsageError(
      `--layers: the latents of ${folder} are of layer ${recipe.layer} alone`,
      "Leave --layers out.",
    );
  }
  return {
    vectors,
    mode,
    layers,
    plan: { sae: sha256, latent, mode, layers },
    about: `Latent ${latent} of a ${recipe.kind} autoencoder (${recipe.size} latents, from ${recipe.model.name})`,
    origin: `${folder}, latent ${latent}; strength in units of its activation`,
  };
}
