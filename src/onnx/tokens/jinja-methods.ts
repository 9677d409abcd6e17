/** Methods of texts and filters of chat templates with Python's meaning, where the library has another or none. */
import { str, type Value } from "./jinja-values.js";
import * as python from "./python-strings.js";

export type Method = (text: string, args: readonly unknown[]) => unknown;

/** Arguments by their names, given by place or by name. @throws {Error} for an argument that there is not. */
function named(args: readonly unknown[], names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const [keywords, ...others] = args.filter((one) => one instanceof Map) as Map<string, Value>[];
  const places = args.filter((one) => !(one instanceof Map));
  if (places.length > names.length || others.length > 0) throw new Error(`expected at most ${names.length} arguments`);
  places.forEach((value, i) => (found[names[i] as string] = value));
  for (const [name, { value }] of keywords ?? []) {
    if (!names.includes(name)) throw new Error(`there is no argument ${name}`);
    found[name] = value;
  }
  return found;
}

function textOf(value: unknown, of: string): string {
  if (typeof value !== "string") throw new Error(`${of} must be a text`);
  return value;
}

function stripper(ends: python.Ends): Method {
  return (text, args) => {
    const { chars = null } = named(args, ["chars"]);
    return python.strip(text, ends, chars === null ? null : textOf(chars, "what is stripped"));
  };
}

function splitter(split: typeof python.split): Method {
  return (text, args) => {
    const { sep = null, maxsplit = -1 } = named(args, ["sep", "maxsplit"]);
    if (!Number.isInteger(maxsplit)) throw new Error("maxsplit must be a whole number");
    return split(text, sep === null ? null : textOf(sep, "sep"), maxsplit as number);
  };
}

export const methods: Readonly<Record<string, Method>> = {
  strip: stripper({ left: true, right: true }),
  lstrip: stripper({ left: true, right: false }),
  rstrip: stripper({ left: false, right: true }),
  split: splitter(python.split),
  rsplit: splitter(python.splitRight),
  splitlines: (text) => python.splitLines(text),
  capitalize: (text) => python.capitalized(text),
  title: (text) => python.titled(text),
  count: (text, [part]) => python.count(text, textOf(part, "what is counted")),
  find: (text, [part]) => python.find(text, textOf(part, "what is looked for")),
  removeprefix: (text, [part]) => {
    const prefix = textOf(part, "the prefix");
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, [part]) => {
    const suffix = textOf(part, "the suffix");
    return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  join: (text, [list]) => {
    if (!Array.isArray(list)) throw new Error("join needs a list");
    return (list as Value[]).map(({ value }) => textOf(value, "what is joined")).join(text);
  },
};

/** Undefined: the library's own does. */
type Filter = (operand: Value, args: readonly Value[], named: ReadonlyMap<string, Value>) => unknown;

export const filters: Readonly<Record<string, Filter>> = {
  trim: (operand, [place], names) => {
    const characters = place ?? names.get("chars");
    const given =
      characters === undefined || characters.type === "NullValue" ? null : textOf(characters.value, "chars");
    return python.strip(str(operand), { left: true, right: true }, given);
  },
  string: str,
  capitalize: (operand) => python.capitalized(str(operand)),
  title: (operand) => str(operand).replaceAll(/[^-\s({[<]+/gu, python.capitalized),
  length: ({ type, value }) => (type === "StringValue" ? python.characters(value as string).length : undefined),
  count: ({ type, value }) =>
    type === "StringValue"
      ? python.characters(value as string).length
      : Array.isArray(value)
        ? value.length
        : undefined,
  join: ({ value }, [separator, ...rest], names) => {
    if (!Array.isArray(value) || rest.length > 0 || names.has("attribute")) return undefined;
    const between = separator ?? names.get("d");
    return (value as Value[]).map(str).join(between === undefined ? "" : str(between));
  },
};
