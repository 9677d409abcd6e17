/**
 * Bounds on YAML, checked on its tokens before anything is composed of them: a kilobyte of brackets, or some thousand
 * aliases, would otherwise take the library minutes. Values are shared where an alias stands, never copied.
 */
import { CST, isAlias, isMap, isScalar, isSeq, Lexer, type Document, type ParsedNode } from "yaml";
import { AskewError } from "../../text/index.js";

/** Deeper than any file of questions or of a study by far. */
const MOST_DEPTH = 64;

/** All values that a walk over the file meets, those under an alias as often as it stands there. */
const MOST_VALUES = 1_000_000;

/** Where it goes too far, and in words. */
export interface YamlFault {
  readonly offset: number;
  readonly text: string;
}

/** The first place where a text nests deeper than it may. */
export function tooDeep(text: string): YamlFault | undefined {
  let [offset, lineStart, flow] = [0, 0, 0];
  const columns: number[] = [];
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    const column = offset - lineStart;
    if (type === "flow-seq-start" || type === "flow-map-start") flow++;
    else if (type === "flow-seq-end" || type === "flow-map-end") flow = Math.max(0, flow - 1);
    if (type === "newline") lineStart = offset + token.length;
    else if (flow === 0 && OPENS.has(type ?? "")) {
      while ((columns.at(-1) ?? -1) > column) columns.pop();
      if (columns.at(-1) !== column) columns.push(column);
    }
    if (flow + columns.length > MOST_DEPTH) return { offset, text: `deeper than ${MOST_DEPTH} levels of nesting` };
    // The lexer's own marks are not in the text.
    if (type !== "scalar" && type !== "doc-mode" && type !== "flow-error-end") offset += token.length;
    const ends = token.lastIndexOf("\n");
    if (ends >= 0 && type !== "newline") lineStart = offset - (token.length - ends - 1);
  }
  return undefined;
}

const OPENS: ReadonlySet<string> = new Set([
  "seq-item-ind",
  "explicit-key-ind",
  "scalar",
  "alias",
  "single-quoted-scalar",
  "double-quoted-scalar",
]);

class UnplainYaml extends AskewError {
  constructor(readonly fault: YamlFault) {
    super(fault.text);
  }
}

/** What a document says, as plain values, or why it cannot be had. Aliases are known to have their anchors. */
export function plainValue(document: Document.Parsed): { readonly value: unknown } | YamlFault {
  try {
    return { value: new Values().of(document.contents) };
  } catch (error) {
    if (error instanceof UnplainYaml) return error.fault;
    throw error;
  }
}

class Values {
  readonly #anchors = new Map<string, { readonly value: unknown; readonly size: number }>();
  #size = 0;

  of(node: ParsedNode | null): unknown {
    if (node === null) return null;
    const before = this.#size;
    const value = this.#plain(node);
    if (this.#size > MOST_VALUES) {
      fail(node, `its aliases multiply to more than ${MOST_VALUES.toLocaleString("en-US")} values`);
    }
    if (!isAlias(node) && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, { value, size: this.#size - before });
    }
    return value;
  }

  #plain(node: ParsedNode): unknown {
    this.#size++;
    if (isAlias(node)) {
      const known = this.#anchors.get(node.source);
      if (known === undefined) return fail(node, `the alias *${node.source} stands within its own anchor`);
      this.#size += known.size;
      return known.value;
    }
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item) => this.of(item));
    if (!isMap(node)) return undefined;
    const map: Record<string, unknown> = {};
    for (const { key, value } of node.items) {
      const inner = this.of(value);
      const name = isScalar(key) ? key : isAlias(key) ? this.of(key) : undefined;
      if (isScalar(name) && typeof name.value === "symbol" && name.value.description === "<<") {
        for (const part of Array.isArray(inner) ? inner : [inner]) merge(map, part, key);
      } else {
        const said: unknown = isScalar(name) ? name.value : name;
        const isPlain =
          said === null || typeof said === "string" || typeof said === "number" || typeof said === "boolean";
        if (!isPlain) fail(key, "a key must be plain text, found a list or a map");
        define(map, String(said ?? ""), inner);
      }
    }
    return map;
  }
}

/** Keys that are there already win, as YAML's merge wants it. */
function merge(map: Record<string, unknown>, part: unknown, at: ParsedNode): void {
  if (typeof part !== "object" || part === null || Array.isArray(part)) fail(at, "<< takes a map, or a list of maps");
  for (const [key, value] of Object.entries(part)) if (!Object.hasOwn(map, key)) define(map, key, value);
}

/** A file may bring any name; only a defined property is safe for all of them. */
const define = (map: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
};

function fail(node: ParsedNode, text: string): never {
  throw new UnplainYaml({ offset: node.range[0], text });
}
