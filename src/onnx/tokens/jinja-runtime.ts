/**
 * The library's interpreter with Python's own meaning where the library has another: its `strip`, `lstrip` and `rstrip`
 * take all white space whatever they are told, `none` and `true` print as in JavaScript, `==` compares loosely, and
 * `continue` loses what was printed before it.
 */
import { Environment, Interpreter } from "@huggingface/jinja";
import * as python from "./python-strings.js";

/** A value of a template as the library holds it: a type's name, and what JavaScript has for it. */
export interface Value {
  readonly type: string;
  readonly value: unknown;
}

/** A node of the program. */
export interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What askew uses of the library, whose own types do not resolve under `nodenext`. */
export interface Scope {
  /** @returns the value as the library holds it. */
  set(name: string, value: unknown): Value;
}
interface Runtime {
  run(program: object): Value;
  evaluate(node: Node | undefined, scope: Scope): Value;
  evaluateBlock(nodes: readonly Node[], scope: Scope): Value;
  evaluateArguments(args: unknown, scope: Scope): [Value[], Map<string, Value>];
  applyFilter(operand: Value, filter: Node, scope: Scope): Value;
}
export const NewScope = Environment as unknown as new () => Scope;
const LibraryRuntime = Interpreter as unknown as new (scope: Scope) => Runtime;

/** A node that stands for a value that is known already. */
const KNOWN = "askew:known";
const known = (value: Value): Node => ({ type: KNOWN, value });

/** The body of a loop, which may leave it; the library would lose what was printed before `break` and `continue`. */
const BODY = "askew:body";
interface Loop {
  ended: boolean;
}

/** On its way from `break` or `continue` to the loop, with the text that was printed before. */
class LeavesBody extends Error {
  constructor(
    readonly ends: boolean,
    readonly text = "",
  ) {
    super("break or continue outside of a loop");
  }
}

const valueOf = (plain: unknown): Value => new NewScope().set("value", plain);

export class PythonRuntime extends LibraryRuntime {
  override evaluate(node: Node | undefined, scope: Scope): Value {
    if (node === undefined) return super.evaluate(node, scope);
    switch (node.type) {
      case KNOWN:
        return node["value"] as Value;
      case "MemberExpression":
        return this.#member(node, scope);
      case "Break":
      case "Continue":
        throw new LeavesBody(node.type === "Break");
      case "For": {
        const loop: Loop = { ended: false };
        return super.evaluate({ ...node, body: [{ type: BODY, nodes: node["body"], loop }] }, scope);
      }
      case BODY:
        return this.#body(node["nodes"] as Node[], node["loop"] as Loop, scope);
      case "BinaryExpression":
        return this.#binary(node, scope);
      case "TestExpression":
        return isDateTest(node) ? valueOf(node["negate"]) : super.evaluate(node, scope);
      default:
        return super.evaluate(node, scope);
    }
  }

  override evaluateBlock(nodes: readonly Node[], scope: Scope): Value {
    let text = "";
    for (const node of nodes) {
      let value: Value;
      try {
        value = this.evaluate(node, scope);
      } catch (error) {
        throw error instanceof LeavesBody ? new LeavesBody(error.ends, text + error.text) : error;
      }
      if (value.type !== "NullValue" || !STATEMENTS.has(node.type)) text += str(value);
    }
    return valueOf(text);
  }

  override applyFilter(operand: Value, filter: Node, scope: Scope): Value {
    const name = (filter.type === "CallExpression" ? (filter["callee"] as Node) : filter)["value"] as string;
    const own = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (own === undefined) return super.applyFilter(operand, filter, scope);
    const [args, keywords] = filter.type === "CallExpression" ? this.evaluateArguments(filter["args"], scope) : [[]];
    const result = own(operand, args, keywords ?? new Map());
    return result === undefined ? super.applyFilter(operand, filter, scope) : valueOf(result);
  }

  #body(nodes: readonly Node[], loop: Loop, scope: Scope): Value {
    if (loop.ended) return valueOf("");
    try {
      return this.evaluateBlock(nodes, scope);
    } catch (error) {
      if (!(error instanceof LeavesBody)) throw error;
      loop.ended = error.ends;
      return valueOf(error.text);
    }
  }

  #member(node: Node, scope: Scope): Value {
    const object = this.evaluate(node["object"] as Node, scope);
    const rest = { ...node, object: known(object) };
    if (object.type !== "StringValue") return super.evaluate(rest, scope);
    const text = object.value as string;
    const property = node["property"] as Node;
    const isName = node["computed"] === true ? property.type === "StringLiteral" : property.type === "Identifier";
    const name = isName ? (property["value"] as string) : "";
    if (Object.hasOwn(methods, name)) {
      const method = methods[name] as Method;
      return valueOf((...args: unknown[]): unknown => method(text, args));
    }
    if (isName || property.type === "SliceExpression" || !/\p{Surrogate}|[\u{10000}-\u{10FFFF}]/u.test(text))
      return super.evaluate(rest, scope);
    const index = this.evaluate(property, scope);
    if (index.type !== "IntegerValue") return super.evaluate({ ...rest, property: known(index) }, scope);
    return valueOf(python.characters(text).at(index.value as number));
  }

  #binary(node: Node, scope: Scope): Value {
    const operator = (node["operator"] as Node)["value"];
    if (operator !== "==" && operator !== "!=" && operator !== "~" && operator !== "%")
      return super.evaluate(node, scope);
    const left = this.evaluate(node["left"] as Node, scope);
    const right = this.evaluate(node["right"] as Node, scope);
    if (operator === "~") return valueOf(str(left) + str(right));
    if (operator !== "%") return valueOf(equal(left, right) === (operator === "=="));
    if (left.type !== "IntegerValue" || right.type !== "IntegerValue" || right.value === 0)
      return super.evaluate({ ...node, left: known(left), right: known(right) }, scope);
    const [a, b] = [left.value as number, right.value as number];
    return valueOf(((a % b) + b) % b);
  }
}

/** Those that give no value to print. */
const STATEMENTS: ReadonlySet<string> = new Set(["Set", "Macro", "Comment"]);

/**
 * `strftime_now is defined`: templates that ask have a date of their own to fall back on, and with today's the same
 * messages would give other tokens tomorrow. Those that just call it get today's date.
 */
function isDateTest(node: Node): boolean {
  const operand = node["operand"] as Node | undefined;
  const test = node["test"] as Node | undefined;
  return operand?.type === "Identifier" && operand["value"] === "strftime_now" && test?.["value"] === "defined";
}

/** `str(value)`; what is undefined prints nothing. */
export function str(value: Value): string {
  if (value.type === "StringValue") return value.value as string;
  return value.type === "UndefinedValue" ? "" : repr(value, 0);
}

function repr({ type, value }: Value, depth: number): string {
  if (depth > 100) throw new Error("a value is nested too deep");
  const inner = (part: Value): string => repr(part, depth + 1);
  switch (type) {
    case "StringValue":
      return python.quoted(value as string);
    case "NullValue":
      return "None";
    case "UndefinedValue":
      return "Undefined";
    case "BooleanValue":
      return value === true ? "True" : "False";
    case "IntegerValue":
      return String(value);
    case "FloatValue":
      return python.floatText(value as number);
    case "ArrayValue":
      return `[${(value as Value[]).map(inner).join(", ")}]`;
    case "TupleValue": {
      const parts = (value as Value[]).map(inner);
      return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(", ")})`;
    }
    case "ObjectValue":
      return `{${[...(value as Map<string, Value>)].map(([key, part]) => `${python.quoted(key)}: ${inner(part)}`).join(", ")}}`;
    default:
      throw new Error(`a ${type} cannot be printed`);
  }
}

function equal(a: Value, b: Value, depth = 0): boolean {
  if (depth > 100) throw new Error("a value is nested too deep");
  const number = ({ type, value }: Value): number | undefined =>
    ["IntegerValue", "FloatValue", "BooleanValue"].includes(type) ? Number(value) : undefined;
  const [x, y] = [number(a), number(b)];
  if (x !== undefined || y !== undefined) return x === y;
  if (a.type !== b.type) return false;
  if (Array.isArray(a.value) && Array.isArray(b.value)) {
    const others = b.value as Value[];
    return (
      a.value.length === others.length &&
      (a.value as Value[]).every((one, i) => equal(one, others[i] as Value, depth + 1))
    );
  }
  if (a.value instanceof Map && b.value instanceof Map) {
    const other = b.value as Map<string, Value>;
    return (
      a.value.size === other.size &&
      [...(a.value as Map<string, Value>)].every(([key, one]) => {
        const match = other.get(key);
        return match !== undefined && equal(one, match, depth + 1);
      })
    );
  }
  return a.value === b.value;
}

type Method = (text: string, args: readonly unknown[]) => unknown;

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

const methods: Readonly<Record<string, Method>> = {
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

const filters: Readonly<Record<string, Filter>> = {
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
