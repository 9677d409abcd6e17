/**
 * A piece of Python or JavaScript as rules look at it: its calls, its assignments, and how its strings are put
 * together. The parsers are Lezer's, which go on after what they cannot read, so that unfinished code has a tree too.
 */
import type { SyntaxNode, Tree } from "@lezer/common";
import { childrenOf } from "./children.js";
import { gather, type Binding, type Call, type Scope } from "./gather.js";

export type Language = "python" | "javascript";

/** A string of known pieces with holes, in order, where other values go. */
export interface BuiltString {
  /** The known pieces; each hole is a NUL. */
  readonly text: string;
  readonly holes: readonly SyntaxNode[];
  /** Whether it escapes what it is joined with or filled with, as markupsafe's Markup does. */
  readonly escapes?: boolean;
}

/** Names are followed this far. */
const MOST_STEPS = 4;
const STRINGS: ReadonlySet<string> = new Set(["String", "FormatString", "TemplateString", "ContinuedString"]);
const KEEPS_STRING: ReadonlySet<string> = new Set(
  "strip lstrip rstrip trim encode lower upper toLowerCase toUpperCase replace title".split(" "),
);
const WRAPS_STRING: ReadonlySet<string> = new Set(["dedent", "text", "str", "String", "Markup", "format_html"]);
/** Strings that are put together for one piece of code: a hostile one may refer to itself without end. */
const MOST_WORK = 20_000;
/** Stands where another value goes. */
export const HOLE = "\u0000";

export class ParsedCode {
  readonly calls: readonly Call[];
  readonly bindings: readonly Binding[];
  readonly scopes: readonly Scope[];
  readonly returned: readonly SyntaxNode[];
  readonly #byName = new Map<string, Binding[]>();
  readonly #callAt = new Map<string, Call>();

  #work = MOST_WORK;

  constructor(
    readonly code: string,
    readonly language: Language,
    tree: Tree,
  ) {
    const { calls, bindings, scopes, returned } = gather(tree, code);
    this.calls = calls;
    this.bindings = bindings;
    this.scopes = scopes;
    this.returned = returned;
    for (const call of calls) this.#callAt.set(placeOf(call.node), call);
    for (const binding of bindings) {
      const known = this.#byName.get(binding.name);
      if (known === undefined) this.#byName.set(binding.name, [binding]);
      else known.push(binding);
    }
  }

  text(node: SyntaxNode): string {
    return this.code.slice(node.from, node.to);
  }

  callAt(node: SyntaxNode): Call | undefined {
    return this.#callAt.get(placeOf(node));
  }

  /** The innermost functions around a place, from the inside. */
  scopesAt(at: number): Scope[] {
    return this.scopes.filter(({ from, to }) => from <= at && at < to).toReversed();
  }

  /** What a name was last given before a place, in the same function or one around it. */
  bindingOf(name: string, at: number): Binding | undefined {
    return this.#byName.get(name)?.findLast((known) => isVisible(known, at) && !known.adds);
  }

  /** The value of a simple name, followed while it is another name's. */
  followed(node: SyntaxNode, steps = MOST_STEPS): SyntaxNode {
    const inner = unwrapped(node);
    if (inner.name !== "VariableName" || steps === 0) return inner;
    const value = this.bindingOf(this.text(inner), inner.from)?.value;
    return value === undefined ? inner : this.followed(value, steps - 1);
  }

  /** A string that the code writes out or puts together; undefined for every other value. */
  built(node: SyntaxNode | undefined, steps = MOST_STEPS): BuiltString | undefined {
    if (node === undefined || steps < 0 || this.#work-- <= 0) return undefined;
    const inner = unwrapped(node);
    if (STRINGS.has(inner.name)) return this.#literal(inner);
    if (inner.name === "BinaryExpression") return this.#sum(inner, steps);
    if (inner.name === "CallExpression") return this.#ofCall(inner, steps);
    if (inner.name === "VariableName") return this.#ofName(inner, steps);
    return undefined;
  }

  /** The text of a string without holes. */
  constant(node: SyntaxNode | undefined): string | undefined {
    const found = this.built(node);
    return found === undefined || found.holes.length > 0 ? undefined : found.text;
  }

  #literal(node: SyntaxNode): BuiltString {
    if (node.name === "ContinuedString") return joined(childrenOf(node).map((part) => this.#literal(part)));
    const holes = childrenOf(node).filter(({ name }) => name === "FormatReplacement" || name === "Interpolation");
    let text = "";
    let at = node.from;
    for (const hole of holes) {
      text += this.code.slice(at, hole.from) + HOLE;
      at = hole.to;
    }
    text += this.code.slice(at, node.to);
    const quote = /^[A-Za-z]{0,3}("""|'''|["'`])/.exec(text);
    const end = quote?.[1] ?? "";
    const start = quote?.[0].length ?? 0;
    const inside = text.slice(start, end !== "" && text.endsWith(end) ? text.length - end.length : undefined);
    const values = holes.flatMap((hole) => {
      const value = childrenOf(hole).find(({ name }) => !/^[{}]$|^Interpolation/.test(name));
      // A template's own marks, such as {% for … %}, are no value.
      return value === undefined || value.type.isError ? [] : value;
    });
    return { text: inside, holes: values };
  }

  /** A sum of many is a chain to the left, which may be of any length. */
  #sum(node: SyntaxNode, steps: number): BuiltString | undefined {
    const parts: BuiltString[] = [];
    let isString = false;
    const add = (side: SyntaxNode): void => {
      const built = this.built(side, steps - 1);
      isString ||= built !== undefined;
      parts.unshift(built ?? { text: HOLE, holes: [side] });
    };
    for (let at = node; ;) {
      const [left, operator, right] = childrenOf(at);
      const sign = operator === undefined ? "" : this.text(operator);
      if (left === undefined || right === undefined || !/^[+%]$/.test(sign)) return undefined;
      if (sign === "%") {
        const format = this.built(left, steps - 1);
        isString ||= format !== undefined;
        parts.unshift(format ? filled(format, itemsOf(unwrapped(right))) : { text: HOLE, holes: [at] });
        break;
      }
      add(right);
      if (left.name !== "BinaryExpression") {
        add(left);
        break;
      }
      at = left;
    }
    return isString ? joined(parts) : undefined;
  }

  #ofCall(node: SyntaxNode, steps: number): BuiltString | undefined {
    const call = this.callAt(node);
    if (call === undefined) return undefined;
    const { receiver, last, args, keywords } = call;
    if (receiver !== undefined && last === "format") {
      const format = this.built(receiver, steps - 1);
      return format && filled(format, [...args, ...keywords.values()]);
    }
    if (receiver !== undefined && KEEPS_STRING.has(last)) return this.built(receiver, steps - 1);
    if (WRAPS_STRING.has(last)) {
      const inner = this.built(args[0], steps - 1);
      return inner && last === "Markup" ? { ...inner, escapes: true } : inner;
    }
    return undefined;
  }

  #ofName(node: SyntaxNode, steps: number): BuiltString | undefined {
    const name = this.text(node);
    const first = this.bindingOf(name, node.from);
    if (first?.value === undefined) return undefined;
    const start = this.built(first.value, steps - 1);
    if (start === undefined) return undefined;
    const added = (this.#byName.get(name) ?? []).filter(
      (known) => known.adds && known.at > first.at && isVisible(known, node.from),
    );
    const parts = added.map(({ value }) => this.built(value, steps - 1) ?? { text: HOLE, holes: value ? [value] : [] });
    return joined([start, ...parts]);
  }
}

const placeOf = ({ from, to }: SyntaxNode): string => `${from} ${to}`;

const isVisible = (known: Binding, at: number): boolean =>
  known.at < at && known.scope.from <= at && at <= known.scope.to;

function unwrapped(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (inner.name === "ParenthesizedExpression" || inner.name === "AwaitExpression") {
    const child = childrenOf(inner).find(({ name }) => !/^[()]$|^await$/.test(name));
    if (child === undefined) break;
    inner = child;
  }
  return inner;
}

function joined(parts: readonly BuiltString[]): BuiltString {
  const text = parts.map((part) => part.text).join("");
  const escaping = parts.filter(({ escapes }) => escapes === true);
  if (escaping.length === 0) return { text, holes: parts.flatMap(({ holes }) => holes) };
  return { text, holes: escaping.flatMap(({ holes }) => holes), escapes: true };
}

const filled = (format: BuiltString, values: readonly SyntaxNode[]): BuiltString =>
  format.escapes === true ? format : { text: format.text, holes: [...format.holes, ...values] };

/** The values of a tuple, list or dictionary; anything else is one value. */
function itemsOf(node: SyntaxNode): SyntaxNode[] {
  if (!/^(?:Tuple|Array|Dictionary)Expression$/.test(node.name)) return [node];
  return childrenOf(node).filter(({ name }) => !/^[()[\]{},:]$/.test(name));
}
