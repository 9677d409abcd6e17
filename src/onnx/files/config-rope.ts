/** Rotary embeddings as config.json describes them: in the manner of `transformers` 4, and of 5. */
import { z } from "zod";
import type { RopeScaling, TransformerConfig } from "../architectures/index.js";

const positions = z
  .number()
  .int()
  .min(1)
  .max(2 ** 24);
const factor = z.number().gt(0).max(1e6);
const factors = z.array(factor).min(1).max(512);

/** Keys that every kind may have. */
const shared = {
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().min(1).max(1e12).nullish(),
  // Read where an architecture has it; all others rotate the whole head.
  partial_rotary_factor: z.number().nullish(),
};

const KINDS = {
  default: z.strictObject(shared),
  linear: z.strictObject({ ...shared, factor }),
  llama3: z.strictObject({
    ...shared,
    factor,
    low_freq_factor: factor,
    high_freq_factor: factor,
    original_max_position_embeddings: positions.nullish(),
  }),
  longrope: z.strictObject({
    ...shared,
    short_factor: factors,
    long_factor: factors,
    factor: factor.nullish(),
    attention_factor: factor.nullish(),
    original_max_position_embeddings: positions.nullish(),
  }),
} as const;

export const ROPE_KEYS = ["rope_theta", "rope_scaling", "rope_parameters"] as const;

/** What is wrong, where something is. */
export interface RopeProblem {
  readonly subject: string;
  readonly expected: string;
  readonly found: unknown;
  readonly cure: string;
}

export type Rope = Pick<TransformerConfig, "ropeTheta" | "ropeScaling">;

type Json = Readonly<Record<string, unknown>>;

export interface RopeContext {
  /** The whole config.json. */
  readonly json: Json;
  readonly maxPositions: number;
  /** Half of the part of a head that is rotated. */
  readonly half: number;
  readonly defaultTheta: number;
  /** Whether this architecture may say "su" or "yarn" and mean "longrope", as older files of Phi-3 do. */
  readonly olderNames: boolean;
}

export function readRope({ json, maxPositions, half, defaultTheta, olderNames }: RopeContext): Rope | RopeProblem {
  const place = json["rope_scaling"] != null ? "rope_scaling" : "rope_parameters";
  const whole = json[place] ?? {};
  const isObject = typeof whole === "object" && !Array.isArray(whole);
  if (!isObject) return { subject: place, expected: "an object or null", found: whole, cure: "Correct the config." };
  const nested = "full_attention" in whole || "sliding_attention" in whole;
  const given = (nested ? ((whole as Json)["full_attention"] ?? {}) : whole) as Json;
  const subject = nested ? `${place}.full_attention` : place;
  const named = given["rope_type"] ?? given["type"] ?? (place === "rope_scaling" ? "an unnamed kind" : "default");
  const kind = olderNames && (named === "su" || named === "yarn") ? "longrope" : named;
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) {
    const expected = `one of ${Object.keys(KINDS).join(", ")}`;
    const cure = "askew cannot stretch positions in this way: use a model that stretches them otherwise or not at all.";
    return { subject, expected, found: kind, cure };
  }
  const parsed = KINDS[kind as keyof typeof KINDS].safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path.join(".");
    const expected = issue?.code === "unrecognized_keys" ? `no such key with "${kind}"` : (issue?.message ?? "a value");
    return { subject: `${subject}.${key}`, expected, found: given[key ?? ""], cure: "Correct the config." };
  }
  // In this order `transformers` takes them.
  const ropeTheta = parsed.data.rope_theta ?? json["rope_theta"] ?? defaultTheta;
  if (!(typeof ropeTheta === "number" && ropeTheta >= 1 && ropeTheta <= 1e12)) {
    const expected = "a number from 1 to 1e12";
    return { subject: "rope_theta", expected, found: ropeTheta, cure: "Correct the config." };
  }
  const scaling = scalingOf(kind as keyof typeof KINDS, parsed.data, json, maxPositions);
  if (scaling?.kind === "longrope" && [scaling.short, scaling.long].some(({ length }) => length !== half)) {
    const found = [scaling.short.length, scaling.long.length];
    return {
      subject: `${subject}.short_factor, long_factor`,
      expected: `${half} numbers each`,
      found,
      cure: "Correct the config.",
    };
  }
  return { ropeTheta, ...(scaling && { ropeScaling: scaling }) };
}

function scalingOf(kind: keyof typeof KINDS, data: Json, json: Json, maxPositions: number): RopeScaling | undefined {
  if (kind === "default") return undefined;
  const number = (key: string): number => data[key] as number;
  if (kind === "linear") return { kind, factor: number("factor") };
  const outer = json["original_max_position_embeddings"];
  const originalPositions =
    typeof outer === "number" ? outer : ((data["original_max_position_embeddings"] as number | null) ?? maxPositions);
  if (kind === "llama3") {
    const lowFrequencyFactor = number("low_freq_factor");
    const highFrequencyFactor = number("high_freq_factor");
    return { kind, factor: number("factor"), lowFrequencyFactor, highFrequencyFactor, originalPositions };
  }
  const stretched = (data["factor"] as number | null | undefined) ?? maxPositions / originalPositions;
  const usual = stretched <= 1 ? 1 : Math.sqrt(1 + Math.log(stretched) / Math.log(originalPositions));
  return {
    kind,
    short: data["short_factor"] as number[],
    long: data["long_factor"] as number[],
    originalPositions,
    stretchedPositions: maxPositions,
    attentionFactor: (data["attention_factor"] as number | null | undefined) ?? usual,
  };
}

/** `rope_scaling` of config.json. */
export function ropeToJson(scaling: RopeScaling | undefined): Record<string, unknown> | null {
  if (scaling === undefined) return null;
  if (scaling.kind === "linear") return { rope_type: "linear", factor: scaling.factor };
  if (scaling.kind === "llama3") {
    return {
      rope_type: "llama3",
      factor: scaling.factor,
      low_freq_factor: scaling.lowFrequencyFactor,
      high_freq_factor: scaling.highFrequencyFactor,
      original_max_position_embeddings: scaling.originalPositions,
    };
  }
  return {
    rope_type: "longrope",
    short_factor: [...scaling.short],
    long_factor: [...scaling.long],
    attention_factor: scaling.attentionFactor,
    original_max_position_embeddings: scaling.originalPositions,
  };
}
