/** Calls, assignments and functions of a syntax tree, for Python and JavaScript alike. */
import type { SyntaxNode, Tree } from "@lezer/common";
import { childrenOf } from "./children.js";

export interface Call {
  readonly node: SyntaxNode;
  /** `subprocess.run`; the name of a call or an index on the way is left out: `require("x").exec` is `require.exec`. */
  readonly name: string;
  /** `run` */
  readonly last: string;
  /** What stands before the last name. */
  readonly receiver?: SyntaxNode;
  readonly args: readonly SyntaxNode[];
  /** Named arguments, and the properties of objects among the arguments. */
  readonly keywords: ReadonlyMap<string, SyntaxNode>;
}

/** A function, or the whole text. */
export interface Scope {
  /** Absent for the whole text. */
  readonly node?: SyntaxNode;
  readonly from: number;
  readonly to: number;
  readonly name: string;
  /** What decorates it, as it is written. */
  readonly decorators: string;
}

export interface Binding {
  /** `path`, `app.debug`, `config["KEY"]` as it is written. */
  readonly name: string;
  readonly at: number;
  readonly node: SyntaxNode;
  /** Undefined for a parameter of a function. */
  readonly value?: SyntaxNode;
  /** `+=` */
  readonly adds: boolean;
  readonly scope: Scope;
}

interface Gathered {
  readonly calls: readonly Call[];
  readonly bindings: readonly Binding[];
  /** From the outside to the inside where they are nested. */
  readonly scopes: readonly Scope[];
  /** Values that functions return. */
  readonly returned: readonly SyntaxNode[];
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  "FunctionDefinition",
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunction",
  "MethodDeclaration",
]);
const ASSIGNMENTS: ReadonlySet<string> = new Set([
  "AssignStatement",
  "UpdateStatement",
  "AssignmentExpression",
  "VariableDeclaration",
]);
const MOST_OBJECT_DEPTH = 3;

export function gather(tree: Tree, code: string): Gathered {
  const calls: Call[] = [];
  const bindings: Binding[] = [];
  const whole: Scope = { from: 0, to: code.length, name: "", decorators: "" };
  const scopes: Scope[] = [whole];
  const returned: SyntaxNode[] = [];
  const open: Scope[] = [whole];
  const text = (node: SyntaxNode): string => code.slice(node.from, node.to);
  const scope = (): Scope => open.at(-1) ?? whole;
  const bind = (target: SyntaxNode, value: SyntaxNode | undefined, adds = false): void => {
    const base = { node: target, at: target.from, adds, scope: scope() };
    bindings.push({ name: text(target), ...base, ...(value !== undefined && { value }) });
  };
  tree.iterate({
    enter(found) {
      const { name } = found;
      if (FUNCTIONS.has(name)) {
        const inner = scopeOf(found.node, text);
        scopes.push(inner);
        open.push(inner);
      } else if (name === "CallExpression" || name === "NewExpression") {
        const call = callOf(found.node, text);
        if (call !== undefined) calls.push(call);
      } else if (name === "ParamList") {
        for (const parameter of namesIn(found.node)) bind(parameter, undefined);
      } else if (ASSIGNMENTS.has(name)) {
        for (const [target, value, adds] of assigned(found.node, text)) bind(target, value, adds);
      } else if (name === "ReturnStatement") {
        const value = found.node.firstChild?.nextSibling;
        if (value != null && value.name !== ";") returned.push(value);
      } else if (name === "ForStatement") {
        const parts = childrenOf(found.node);
        const at = parts.findIndex((part) => part.name === "in");
        const [target, value] = [parts[at - 1], parts[at + 1]];
        if (at > 0 && target !== undefined && value !== undefined) bind(target, value);
      }
    },
    leave(found) {
      if (FUNCTIONS.has(found.name)) open.pop();
    },
  });
  return { calls, bindings, scopes, returned };
}

function scopeOf(node: SyntaxNode, text: (node: SyntaxNode) => string): Scope {
  const own =
    node.getChild("VariableName") ?? node.getChild("VariableDefinition") ?? node.getChild("PropertyDefinition");
  const { parent } = node;
  const decorators = parent?.name === "DecoratedStatement" ? parent.getChildren("Decorator").map(text).join("\n") : "";
  return { node, from: node.from, to: node.to, name: own === null ? "" : text(own), decorators };
}

const TARGET = /^(?:VariableName|VariableDefinition|MemberExpression)$/;

/** Targets and what each is given; a pattern's names are each given the whole value. */
function* assigned(
  node: SyntaxNode,
  text: (node: SyntaxNode) => string,
): Generator<readonly [target: SyntaxNode, value: SyntaxNode, adds: boolean]> {
  let targets: SyntaxNode[] = [];
  const parts = childrenOf(node);
  for (const [i, part] of parts.entries()) {
    if (TARGET.test(part.name)) targets.push(part);
    else if (/^(?:Object|Array)Pattern$|^TupleExpression$/.test(part.name)) targets.push(...namesIn(part));
    else if (/^(?:AssignOp|Equals|UpdateOp)$/.test(part.name)) {
      const value = parts[i + 1];
      if (value === undefined) return;
      const adds = part.name === "UpdateOp";
      for (const target of targets) yield [target, value, adds && text(part).startsWith("+")];
      targets = TARGET.test(value.name) ? [value] : [];
    } else if (part.name === "," && node.name === "VariableDeclaration") targets = [];
  }
}

function namesIn(node: SyntaxNode): SyntaxNode[] {
  const names: SyntaxNode[] = [];
  node.cursor().iterate(({ name, node: found }) => {
    if (name === "VariableName" || name === "VariableDefinition") names.push(found);
    // A default value and a type are no names of the pattern's.
    return name !== "TypeDef" && name !== "CallExpression" && name !== "LambdaExpression";
  });
  return names;
}

function callOf(node: SyntaxNode, text: (node: SyntaxNode) => string): Call | undefined {
  const callee = childrenOf(node).find(({ name }) => name !== "new");
  const list = node.getChild("ArgList");
  if (callee === undefined || list === null) return undefined;
  const args: SyntaxNode[] = [];
  const keywords = new Map<string, SyntaxNode>();
  const given = childrenOf(list);
  for (const [i, part] of given.entries()) {
    if (/^[(),]$|^\*{1,2}$|^AssignOp$/.test(part.name)) continue;
    if (given[i + 1]?.name === "AssignOp") continue;
    const isNamed = given[i - 1]?.name === "AssignOp";
    const name = isNamed ? given[i - 2] : undefined;
    if (name !== undefined) keywords.set(text(name), part);
    else args.push(part);
    if (part.name === "ObjectExpression") addProperties(part, keywords, text, MOST_OBJECT_DEPTH);
  }
  const name = dotted(callee, text);
  const receiver = callee.name === "MemberExpression" ? callee.firstChild : null;
  const last = name.slice(name.lastIndexOf(".") + 1);
  return { node, name, last, args, keywords, ...(receiver !== null && { receiver }) };
}

function addProperties(
  node: SyntaxNode,
  into: Map<string, SyntaxNode>,
  text: (node: SyntaxNode) => string,
  depth: number,
): void {
  for (const property of node.getChildren("Property")) {
    const parts = childrenOf(property);
    const [key] = parts;
    const value = parts.at(-1);
    if (key === undefined || value === undefined || key === value) continue;
    into.set(text(key).replaceAll(/^["']|["']$/g, ""), value);
    if (value.name === "ObjectExpression" && depth > 0) addProperties(value, into, text, depth - 1);
  }
}

/** `a.b.c` of a callee, in a loop because a hostile chain may be of any length. */
function dotted(callee: SyntaxNode, text: (node: SyntaxNode) => string): string {
  const names: string[] = [];
  let node: SyntaxNode | null = callee;
  while (node !== null && names.length < 12) {
    if (node.name === "MemberExpression") {
      const property = node.getChild("PropertyName");
      if (property !== null) names.unshift(text(property));
      node = node.firstChild;
    } else if (node.name === "CallExpression") node = node.firstChild;
    else {
      if (/^(?:VariableName|self|this|super)$/.test(node.name)) names.unshift(text(node));
      node = null;
    }
  }
  return names.join(".");
}
