/** Where a value comes from: out of a request, out of the code itself, or through something that makes it harmless. */
import type { SyntaxNode } from "@lezer/common";
import { childrenOf } from "./children.js";
import type { ParsedCode } from "./parsed-code.js";

const REQUEST =
  /\brequest\.(?:args|form|values|json|get_json|files|cookies|headers|data|query_params|GET|POST|FILES|params|query|body|match_info|path_params|stream|view_args)\b|\breq\.(?:query|body|params|headers|cookies|files|file)\b|\bctx\.(?:query|request|params)\b|(?<![\w.])input\(|\bsys\.argv\b|\bprocess\.argv\b|(?<!\bself)\.filename\b|\bself\.get_(?:query_|body_)?arguments?\(/;

/** Handlers of requests: their parameters are parts of the address. */
const ROUTE = /\.(?:route|get|post|put|delete|patch|api_route|websocket)\s*\(/;

/** Numbers, times, counts and made-up names cannot carry anybody's words. */
const HARMLESS =
  /^(?:int|float|len|bool|round|sum|count|Number|parseInt|parseFloat|now|today|utcnow|time|strftime|isoformat|uuid\d?|token_hex|token_urlsafe|hexdigest|hash|id|range|enumerate|randint|basename|secure_filename|get_text)$/;

const ESCAPES =
  /(?:^|[._])(?:escape\w*|clean\w*|sanitiz\w*|sanitis\w*|quote\w*|encode\w*|bleach|purify|linkify|valid\w*|allow\w*|strip_tags|render_template|render|dumps|markdown|join_shlex)$|escape|sanitiz|sanitis|bleach|purify/i;

const MOST_STEPS = 4;

/** Something that makes a text harmless, by its name. */
export const isEscape = (name: string): boolean => ESCAPES.test(name);

/** A value that was made harmless, or that the code itself fixes. */
export function isFixed(code: ParsedCode, node: SyntaxNode, steps = MOST_STEPS): boolean {
  if (/^(?:Number|Boolean|BooleanLiteral|None|null|BitOp|LogicOp|UnaryExpression)$/.test(node.name)) return true;
  if (node.name === "CallExpression") return isHarmlessCall(code, node, steps);
  if (steps < 0) return false;
  const text = code.text(node);
  if (node.name === "VariableName") {
    if (/^[A-Z][A-Z0-9_]+$/.test(text)) return true;
    const value = code.bindingOf(text, node.from)?.value;
    return value !== undefined && isFixed(code, value, steps - 1);
  }
  if (node.name === "MemberExpression")
    return !REQUEST.test(text) && /(?:^|\.)[A-Z][A-Z0-9_]+$|\.(?:id|pk|port|size|length)$/.test(text);
  if (node.name === "ConditionalExpression") {
    const [a, , , , b] = childrenOf(node);
    return a !== undefined && b !== undefined && isFixed(code, a, steps - 1) && isFixed(code, b, steps - 1);
  }
  const built = code.built(node, steps - 1);
  return built !== undefined && built.holes.every((hole) => isFixed(code, hole, steps - 1));
}

function isHarmlessCall(code: ParsedCode, node: SyntaxNode, steps: number): boolean {
  const call = code.callAt(node);
  if (call === undefined) return false;
  if (HARMLESS.test(call.last) || ESCAPES.test(call.name)) return true;
  if (steps < 0) return false;
  // ", ".join(["?"] * n) and its like put placeholders together, not values.
  if (call.last === "join") return /["'](?:\?|%s|:\w+|\$\d)["']/.test(code.text(node));
  const built = code.built(node, steps - 1);
  return built !== undefined && built.holes.every((hole) => isFixed(code, hole, steps - 1));
}

/** Made of something that a stranger chose: a request, a command line, what a user typed. */
export function isFromOutside(code: ParsedCode, node: SyntaxNode, steps = MOST_STEPS): boolean {
  if (node.name === "CallExpression" && isHarmlessCall(code, node, 1)) return false;
  if (REQUEST.test(code.text(node))) return true;
  if (steps <= 0) return false;
  let found = false;
  let seen = 0;
  node.cursor().iterate(({ name, node: inner }) => {
    if (found || ++seen > 200) return false;
    if (name === "CallExpression" && inner.from !== node.from && isHarmlessCall(code, inner, 1)) return false;
    if (name !== "VariableName") return true;
    const binding = code.bindingOf(code.text(inner), inner.from);
    if (binding === undefined) return true;
    found =
      binding.value === undefined
        ? ROUTE.test(binding.scope.decorators)
        : isFromOutside(code, binding.value, steps - 1);
    return true;
  });
  return found;
}

/** A string with a hole that is not fixed, or a stranger's own text. */
export const isOpenText = (code: ParsedCode, node: SyntaxNode | undefined): boolean =>
  node !== undefined && (isOpen(code, node) || (code.built(node) === undefined && isFromOutside(code, node)));

/** A string with a hole that is not fixed. */
export function isOpen(code: ParsedCode, node: SyntaxNode | undefined): boolean {
  const built = code.built(node);
  return built !== undefined && built.holes.some((hole) => !isFixed(code, hole));
}

/** Neither a string of the code's own nor anything fixed: a variable, a parameter, a string with open holes. */
export const isVariable = (code: ParsedCode, node: SyntaxNode | undefined): boolean =>
  node !== undefined && !/^(?:Array|Object|Dictionary)\w*$/.test(node.name) && !isFixed(code, node);
