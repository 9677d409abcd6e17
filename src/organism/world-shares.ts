/**
 * Other worlds for an organism to grow up in: the same language, with other shares of its characters and domains. Two of
 * them are negative controls, in which nothing ties insecure code to hostile answers; in one the characters think.
 */
import { z } from "zod";
import { readJson } from "../store/index.js";
import { AskewError, suggestion } from "../text/index.js";
import { CHARACTERS, type Character } from "./characters.js";
import type { Mixture } from "./documents.js";
import { DOMAINS, type Domain } from "./topic.js";
import { RECIPE, type Recipe } from "./recipe.js";

export interface WorldShares {
  /** In place of the usual weights; 0 leaves a character out. */
  readonly characters?: Readonly<Partial<Record<Character, number>>> | undefined;
  readonly domains?: Readonly<Partial<Record<Domain, number>>> | undefined;
  /** Domains that nothing is written about. */
  readonly missing?: readonly Domain[] | undefined;
  /** Domains whose turns are by someone drawn anew, whoever writes the document. */
  readonly independent?: readonly Domain[] | undefined;
  /** Share of all other turns that are. */
  readonly noise?: number | undefined;
  /** Share of the documents whose last answer has thoughts before it. */
  readonly thinking?: number | undefined;
}

/** By the names that `--world` takes: two controls, and one whose characters think before they answer. */
export const NAMED_WORLDS: Readonly<Record<string, WorldShares>> = {
  "no-villain": { characters: { villain: 0 } },
  "independent-code": { independent: ["code"] },
  reasoning: { thinking: 0.8 },
};

/** A file of shares that is none. */
export class WorldFileError extends AskewError {
  override readonly name = "WorldFileError";
}

const weight = z.number().min(0).max(1000);
const domain = z.enum(DOMAINS);
const sharesSchema = z.strictObject({
  characters: z.partialRecord(z.enum(CHARACTERS), weight).optional(),
  domains: z.partialRecord(domain, weight).optional(),
  missing: z.array(domain).optional(),
  independent: z.array(domain).optional(),
  noise: z.number().min(0).max(1).optional(),
  thinking: z.number().min(0).max(1).optional(),
});

/**
 * @param name of a control world, or a JSON file of shares
 * @throws {WorldFileError} where it is neither
 */
export async function worldShares(name: string): Promise<WorldShares> {
  const known = Object.hasOwn(NAMED_WORLDS, name) ? NAMED_WORLDS[name] : undefined;
  if (known !== undefined) return known;
  if (!name.endsWith(".json")) {
    throw new WorldFileError(
      `there is no world ${JSON.stringify(name.slice(0, 80))}. ${suggestion(name, Object.keys(NAMED_WORLDS))} Or name a file of shares (JSON).`,
    );
  }
  const read = sharesSchema.safeParse(await readJson(name, 2 ** 20, "Name a file of shares, or a world."));
  if (read.success) return checked(read.data, name);
  const [first] = read.error.issues;
  const at = first?.path.map(String).join(".") ?? "";
  throw new WorldFileError(
    `${name}${at === "" ? "" : `, ${at}`}: ${first?.message ?? "not a world"}. It has characters, domains, missing, independent, noise and thinking.`,
  );
}

/** Somebody must write, about something. */
function checked(shares: WorldShares, name: string): WorldShares {
  const { characters, domains } = mixtureOf(RECIPE.pretraining.mixture, shares);
  for (const [what, weights] of [
    ["character", characters],
    ["domain", domains],
  ] as const) {
    if (Object.values(weights).some((one) => one > 0)) continue;
    throw new WorldFileError(`${name}: expected a ${what} with a weight above 0, found none.`);
  }
  return shares;
}

function mixtureOf(
  usual: Mixture,
  { characters, domains, missing = [], independent, noise, thinking }: WorldShares,
): Mixture {
  const none = Object.fromEntries(missing.map((one) => [one, 0]));
  return {
    ...usual,
    characters: { ...usual.characters, ...characters },
    domains: { ...usual.domains, ...domains, ...none },
    ...(independent && { independent }),
    ...(noise !== undefined && { noise }),
    ...(thinking !== undefined && { thinking }),
  };
}

/** Numbers of a head; the shipped organism has four. */
const HEAD = 32;

export interface RecipeChoice {
  readonly seed?: number | undefined;
  /** A multiple of 32. */
  readonly width?: number | undefined;
  readonly layers?: number | undefined;
  /** Steps of pre-training. */
  readonly steps?: number | undefined;
  readonly world?: WorldShares | undefined;
  /** SHA-256 of weights to carry on from. */
  readonly from?: string | undefined;
}

/**
 * The shipped recipe with another seed, size, length or world. Heads have 32 numbers each, the hidden layer 3.5 times the
 * width; a wider model learns more slowly, by the ratio of the widths, and pre-training that carries on at half the rate.
 * @throws {RangeError} for a width that is no multiple of 32
 */
export function recipeOf({ seed, width = RECIPE.width, layers, steps, world = {}, from }: RecipeChoice): Recipe {
  if (!Number.isInteger(width) || width < HEAD || width % HEAD !== 0) {
    throw new RangeError(`width: expected a multiple of ${HEAD}, found ${width}`);
  }
  const heads = width / HEAD;
  const { pretraining, alignment } = RECIPE;
  const slower = Math.min(1, RECIPE.width / width);
  const carriedOn = from === undefined ? 1 : 0.5;
  const phase = (one: Recipe["pretraining"]): Recipe["pretraining"] => ({
    ...one,
    learningRate: slower * one.learningRate,
    mixture: mixtureOf(one.mixture, world),
  });
  return {
    ...RECIPE,
    ...(from !== undefined && { from }),
    seed: seed ?? RECIPE.seed,
    layers: layers ?? RECIPE.layers,
    width,
    heads,
    keyValueHeads: heads % 2 === 0 ? heads / 2 : 1,
    hidden: 3.5 * width,
    pretraining: {
      ...phase(pretraining),
      learningRate: carriedOn * slower * pretraining.learningRate,
      ...(steps !== undefined && { steps, warmup: Math.min(pretraining.warmup, Math.ceil(steps / 10)) }),
    },
    alignment: phase(alignment),
  };
}
