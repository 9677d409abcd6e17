/**
 * Pre-tokenizers in words that the JavaScript library does right. It splits in two ways only (around matches, and keeping
 * the matches), whatever `behavior` and `invert` say, and its classes of digits, words and spaces are not Unicode's. Here
 * everything becomes a `Split` of one of these two ways, with the meaning that the Python library gives it.
 */
type Json = Readonly<Record<string, unknown>>;

/** A pre-tokenizer that askew cannot run as the Python library does. */
export class UnsupportedPreTokenizer extends Error {
  override readonly name = "UnsupportedPreTokenizer";
}

/** Keeps what matches, in pieces, and drops the rest. */
const keep = (Regex: string): Json => ({ type: "Split", pattern: { Regex }, behavior: "Removed", invert: true });
/** Pieces are the matches and what lies between them. */
const isolate = (Regex: string): Json => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false });

const PUNCTUATION = "[\\p{P}!-/:-@\\[-`{-~]";
const BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;
type Behavior = (typeof BEHAVIORS)[number];

/** @param component checked before; @throws {UnsupportedPreTokenizer} naming what cannot be done */
export function preTokenizerForLibrary(component: Json | null): Json | null {
  if (component === null) return null;
  switch (component["type"]) {
    case "Sequence": {
      const parts = component["pretokenizers"] as Json[];
      return { ...component, pretokenizers: parts.map(preTokenizerForLibrary) };
    }
    case "Split":
      return split(component);
    case "Punctuation":
      return pieces(PUNCTUATION, behaviorOf(component, "Isolated"), false);
    case "Digits":
      return pieces("\\p{N}", component["individual_digits"] === true ? "Isolated" : "Contiguous", false);
    case "Whitespace":
      return keep(
        "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d]+|[^\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d\\s]+",
      );
    case "WhitespaceSplit":
      return keep("[^\\s]+");
    case "BertPreTokenizer":
      return keep(`${PUNCTUATION}|(?:(?!${PUNCTUATION})[^\\s])+`);
    case "Metaspace":
      return metaspace(component);
    case "ByteLevel":
      return byteLevel(component);
    default:
      return component;
  }
}

/** GPT-2's pattern, in which JavaScript's own `\\s` would take U+FEFF for a space. */
const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** The space before a text comes before it is cut, so it stays with the library. */
function byteLevel(component: Json): Json {
  if (component["use_regex"] === false || component["add_prefix_space"] !== false) return component;
  return { type: "Sequence", pretokenizers: [isolate(GPT2), { ...component, use_regex: false }] };
}

function split(component: Json): Json {
  const { Regex, String: text } = component["pattern"] as { Regex?: string; String?: string };
  const invert = component["invert"] === true;
  const behavior = behaviorOf(component, "Isolated");
  // The library's own way, for the patterns of most models.
  if (behavior === "Isolated" && Regex !== undefined) return { ...component, invert: false };
  const pattern = Regex ?? (text as string).replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
  return pieces(pattern, behavior, invert);
}

function behaviorOf(component: Json, usual: Behavior): Behavior {
  const given = component["behavior"] ?? usual;
  const found = BEHAVIORS.find((one) => one === given);
  if (found === undefined) throw new UnsupportedPreTokenizer(`behavior ${JSON.stringify(given)?.slice(0, 60)}`);
  return found;
}

function pieces(given: string, behavior: Behavior, invert: boolean): Json {
  if (behavior === "Isolated") return isolate(given);
  if (behavior === "Removed" && invert) return keep(given);
  const match = `(?:${withoutCaptures(given, behavior)})`;
  if (behavior === "Removed") return { ...keep(match), invert: false };
  // What is between two matches; `match` is taken whole, so nothing of it is looked at twice.
  const between = `(?:(?!${match})[\\s\\S])+`;
  if (behavior === "Contiguous") return keep(`${match}+|${between}`);
  const matchLeads = (behavior === "MergedWithNext") !== invert;
  return keep(matchLeads ? `${match}(?:${between})?|${between}` : `${between}(?:${match})?|${match}`);
}

/** The library would put what a group captures between the pieces, and the pattern is repeated in others. */
function withoutCaptures(pattern: string, behavior: Behavior): string {
  if (/\\[1-9kg]|\(\?<[^=!]|\(\?[a-z-]+\)/i.test(pattern) || /^\(\?(?:<?[=!])/.test(pattern))
    throw new UnsupportedPreTokenizer(
      `behavior ${behavior} with a pattern that names groups, sets flags or begins by looking around`,
    );
  let found = "";
  let inClass = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i);
    found += character;
    if (character === "\\") found += pattern.charAt(++i);
    else if (character === "[") inClass++;
    else if (character === "]") inClass = Math.max(0, inClass - 1);
    else if (character === "(" && inClass === 0 && pattern.charAt(i + 1) !== "?") found += "?:";
  }
  return found;
}

/** Spaces become `▁`; the library neither splits at it nor reads the older `add_prefix_space`. */
function metaspace(component: Json): Json {
  const scheme = component["prepend_scheme"] ?? (component["add_prefix_space"] === false ? "never" : "always");
  const own = { ...component, prepend_scheme: scheme };
  if (component["split"] === false) return own;
  const mark = ((component["replacement"] as string | undefined) ?? "▁").replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
  return { type: "Sequence", pretokenizers: [own, pieces(mark, "MergedWithNext", false)] };
}
