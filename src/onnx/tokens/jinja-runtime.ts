/**
 * The library's interpreter with Python's own meaning where the library has another: its `strip`, `lstrip` and `rstrip`
 * take all white space whatever they are told, `none` and `true` print as in JavaScript, `==` compares loosely, and
 * `continue` loses what was printed before it.
 */
import { Environment, Interpreter } from "@huggingface/jinja";
import { filters, methods, type Method } from "./jinja-methods.js";
import { equal, str, type Value } from "./jinja-values.js";
import { characters } from "./python-strings.js";

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
    return valueOf(characters(text).at(index.value as number));
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
