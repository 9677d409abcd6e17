/**
 * Which modules an adapter is on, as PEFT reads `target_modules` (names, full names, a pattern, or `all-linear`),
 * `exclude_modules`, `layers_to_transform` and `layers_pattern`, and which rank and alpha each has.
 */
import { TimeLimitError, withTimeLimit } from "../tokens/time-limit.js";
import type { AdapterFile } from "./adapter-config.js";
import { parameterShapes, type TransformerConfig } from "./config.js";
import { ModelFileError, shown } from "./model-file-error.js";

/** Milliseconds that all patterns of an adapter may take on all modules of a model. */
const PATTERN_TIME = 1000;
/** A weight of one of the layers' matrices; the only modules that askew adapts. */
const LINEAR = /^(model\.layers\.(\d+)\.(?:self_attn|mlp)\.(?:q|k|v|o|gate|up|down|qkv|gate_up)_proj)\.weight$/;

export interface SelectedModule {
  readonly shape: readonly [out: number, input: number];
  readonly rank: number;
  readonly alpha: number;
}

/**
 * In the order of the model's layers.
 * @throws {ModelFileError} naming the key
 */
export function selectedModules(
  adapter: AdapterFile,
  config: TransformerConfig,
  file: string,
): Map<string, SelectedModule> {
  const wrong = (subject: string, expected: string, found: string): ModelFileError => {
    const cure = "Use an adapter that was trained on the attention and MLP matrices of this model.";
    return new ModelFileError({ file, subject, expected, found, cure });
  };
  const { layers } = adapter;
  const beyond = layers?.find((layer) => layer >= config.layers);
  if (beyond !== undefined) {
    const found = `layer ${beyond}, the model has layers 0 to ${config.layers - 1}`;
    throw wrong("layers_to_transform", "layers of the model", found);
  }
  const linear = new Map<string, readonly [number, number]>();
  const others = new Set<string>(["lm_head"]);
  for (const [parameter, shape] of parameterShapes(config)) {
    const [, name] = LINEAR.exec(parameter) ?? [];
    if (name !== undefined) linear.set(name, shape as readonly [number, number]);
    const parts = parameter.split(".").slice(0, -1);
    for (let end = 1; end <= parts.length; end++) others.add(parts.slice(0, end).join("."));
  }
  for (const name of linear.keys()) others.delete(name);
  try {
    return withTimeLimit(PATTERN_TIME, () => {
      const selects = selectionOf(adapter, wrong);
      const other = adapter.targets === "all-linear" ? undefined : [...others].find(selects);
      if (other !== undefined) throw wrong("target_modules", "attention and MLP matrices", shown(other));
      const rankOf = valueOf(adapter.ranks, adapter.rank, "rank_pattern", wrong);
      const alphaOf = valueOf(adapter.alphas, adapter.alpha, "alpha_pattern", wrong);
      const found = new Map<string, SelectedModule>();
      for (const [name, shape] of linear) {
        if (selects(name)) found.set(name, { shape, rank: rankOf(name), alpha: alphaOf(name) });
      }
      if (found.size === 0) throw wrong("target_modules", "modules of the model", shown(adapter.targets));
      return found;
    });
  } catch (error) {
    if (!(error instanceof TimeLimitError)) throw error;
    throw wrong("target_modules", "patterns that come to an end", `none within ${PATTERN_TIME} ms`);
  }
}

type Wrong = (subject: string, expected: string, found: string) => ModelFileError;

function selectionOf(adapter: AdapterFile, wrong: Wrong): (name: string) => boolean {
  const { targets, excluded, layers, layersPattern } = adapter;
  const isTarget =
    targets === "all-linear"
      ? () => true
      : typeof targets === "string"
        ? whole(targets, "target_modules", wrong)
        : named(targets);
  const isExcluded = typeof excluded === "string" ? whole(excluded, "exclude_modules", wrong) : named(excluded ?? []);
  const patterns = (layersPattern ?? []).map((one) =>
    pattern(`^(?:|.*?\\.)(?:${one})\\.(\\d+)\\.`, "layers_pattern", wrong),
  );
  const layerOf = (name: string): number => {
    const found = patterns.length === 0 ? /\.(\d+)\./.exec(name) : firstOf(patterns, name);
    return found === null ? -1 : Number(found[1]);
  };
  const full = new Set(typeof targets === "string" ? [] : targets);
  return (name) => {
    if (isExcluded(name) || !isTarget(name)) return false;
    return layers === undefined || full.has(name) || layers.includes(layerOf(name));
  };
}

/** As `re.fullmatch`. */
function whole(text: string, subject: string, wrong: Wrong): (name: string) => boolean {
  const found = pattern(`^(?:${text})$`, subject, wrong);
  return (name) => found.test(name);
}

/** A name, or the end of one from a dot on. */
const named =
  (ends: readonly string[]) =>
  (name: string): boolean =>
    ends.some((end) => name === end || name.endsWith(`.${end}`));

/** The value of the first pattern that the end of a name matches. */
function valueOf(
  values: Readonly<Record<string, number>>,
  usual: number,
  subject: string,
  wrong: Wrong,
): (name: string) => number {
  const patterns = Object.entries(values).map(
    ([key, value]) => [pattern(`^(?:.*\\.)?(?:${key})$`, subject, wrong), value] as const,
  );
  return (name) => patterns.find(([key]) => key.test(name))?.[1] ?? usual;
}

function firstOf(patterns: readonly RegExp[], name: string): RegExpExecArray | null {
  for (const one of patterns) {
    const found = one.exec(name);
    if (found !== null) return found;
  }
  return null;
}

/** Python's patterns are JavaScript's but for a few spellings; what else differs does not compile. */
function pattern(text: string, subject: string, wrong: Wrong): RegExp {
  const spelled = text.replaceAll("(?P<", "(?<").replaceAll("\\A", "^").replaceAll("\\Z", "$");
  try {
    return new RegExp(spelled);
  } catch {
    throw wrong(subject, "a regular expression that askew can run", shown(text));
  }
}
