/** What a web page gives away or takes in: markup of others, redirects, cookies, origins. */
import type { SyntaxNode } from "@lezer/common";
import { isEscape, isFixed, isFromOutside, isVariable } from "../flow.js";
import { HOLE, type ParsedCode } from "../parsed-code.js";
import { callRule, type CodeRule } from "../rule.js";

const TAG =
  /<(?:!doctype|html|head|body|title|div|span|p|h[1-6]|ul|ol|li|dl|dt|dd|a|b|i|em|strong|br|hr|img|table|tr|td|th|form|input|button|label|script|style|section|article|header|footer|nav|main|pre|blockquote|iframe|textarea|select|option)\b[^<>]{0,400}>/i;

const isFalse = (code: ParsedCode, node: SyntaxNode | undefined): boolean =>
  node !== undefined && /^(?:False|false|0|None|null)$/.test(code.text(node));
const isTrue = (code: ParsedCode, node: SyntaxNode | undefined): boolean =>
  node !== undefined && /^(?:True|true|1)$/.test(code.text(node));

/** Markup with a hole that somebody's words may fill. */
const isOpenMarkup = (code: ParsedCode, node: SyntaxNode | undefined): boolean => {
  const built = code.built(node);
  return built !== undefined && TAG.test(built.text) && built.holes.some((hole) => !isFixed(code, hole));
};

export const MARKUP_FROM_TEXT: CodeRule = {
  name: "markup-from-text",
  cwe: 79,
  title: "HTML with unescaped text of others",
  hint: /<[a-z!]|Markup|mark_safe|innerHTML|outerHTML|document\.write|insertAdjacentHTML|dangerouslySet|autoescape|\|\s*safe|Template|Environment/i,
  *find(code) {
    yield* returnedMarkup(code);
    for (const call of code.calls) {
      const { name, last, args, node } = call;
      if (/^(?:Markup|mark_safe|SafeString|SafeText)$/.test(last) && isVariable(code, args[0])) yield node;
      else if (/^(?:document\.write(?:ln)?)$/.test(name) && isVariable(code, args[0])) yield node;
      else if (last === "insertAdjacentHTML" && isVariable(code, args[1])) yield node;
      else if (/^(?:make_response|Response|HttpResponse|HTMLResponse|send|write|end|html)$/.test(last)) {
        if (args.some((given) => isOpenMarkup(code, given))) yield node;
      } else if (isUnescaped(code, call)) yield node;
      else if (isSafeFilter(code, args[0])) yield node;
    }
    for (const { name, value, node } of code.bindings) {
      if (/\.(?:innerHTML|outerHTML)$/.test(name) && isVariable(code, value)) yield node;
      else if (/(?:^|\.)autoescape$/.test(name) && isFalse(code, value)) yield node;
    }
  },
};

/** Jinja escapes nothing unless it is asked to; Flask's render_template does. */
function isUnescaped(code: ParsedCode, { name, args, keywords }: ParsedCode["calls"][number]): boolean {
  if (!/^(?:jinja2\.)?(?:Template|Environment|SandboxedEnvironment|NativeEnvironment)$/.test(name)) return false;
  const autoescape = keywords.get("autoescape");
  if (autoescape !== undefined) return isFalse(code, autoescape);
  if (!/\bjinja2\b/.test(code.code)) return false;
  // Templates of plain text, such as prompts for a model, need no escapes.
  const text = code.built(args[0])?.text ?? "";
  return name.endsWith("Template") ? TAG.test(text) && text.includes("{{") : TAG.test(code.code);
}

/** A template's own `| safe`, on something other than what was cleaned. */
function isSafeFilter(code: ParsedCode, template: SyntaxNode | undefined): boolean {
  const text = code.built(template)?.text;
  return text !== undefined && /\{\{[^{}]{1,200}\|\s{0,9}safe\b/.test(text);
}

const isEscapedLater = (code: ParsedCode, name: string): boolean =>
  code.calls.some(({ name: call, args }) => isEscape(call) && args.some((given) => code.text(given) === name));

function* returnedMarkup(code: ParsedCode): Generator<SyntaxNode> {
  if (!TAG.test(code.code)) return;
  const seen = new Set<number>();
  const markup: SyntaxNode[] = [];
  for (const node of code.returned) if (isOpenMarkup(code, node)) markup.push(node);
  for (const { name, value } of code.bindings) {
    if (value !== undefined && isOpenMarkup(code, value) && !isEscapedLater(code, name)) markup.push(value);
  }
  for (const node of markup) {
    if (seen.has(node.from)) continue;
    seen.add(node.from);
    yield node;
  }
}

export const OPEN_REDIRECT = callRule({
  name: "open-redirect",
  cwe: 601,
  title: "a redirect to wherever the request says",
  hint: /redirect/i,
  matches(code, { last, args }) {
    if (!/^(?:redirect|HttpResponseRedirect|RedirectResponse)$/.test(last)) return false;
    const target = args.at(-1);
    if (target === undefined || !isFromOutside(code, target)) return false;
    // Behind a path of the site's own, nobody is led elsewhere.
    const start = code.built(target)?.text;
    return start === undefined || start.startsWith(HOLE);
  },
});

export const OPEN_ORIGINS: CodeRule = {
  name: "open-origins",
  cwe: 942,
  title: "every origin is let in, with credentials",
  hint: /cors|Access-Control|allow_origins/i,
  *find(code) {
    for (const { name, last, keywords, args, node } of code.calls) {
      if (!/^(?:CORS|cors|cross_origin|add_middleware|CORSMiddleware)$/.test(last)) continue;
      const origins = ["origins", "origin", "allow_origins", "resources"].map((key) => keywords.get(key));
      const credentials = ["supports_credentials", "credentials", "allow_credentials"].map((key) => keywords.get(key));
      const isWide = origins.some((given) => given !== undefined && /["']\*["']|\btrue\b/.test(code.text(given)));
      if (isWide && credentials.some((given) => isTrue(code, given))) yield node;
      else if (name === "cors" && args.length === 0 && credentials.some((given) => isTrue(code, given))) yield node;
    }
    for (const { name, value, node } of code.bindings) {
      if (!/Access-Control-Allow-Origin/i.test(name) || value === undefined) continue;
      if (/["']\*["']/.test(code.text(value)) || isFromOutside(code, value)) yield node;
    }
  },
};

export const BARE_COOKIE = callRule({
  name: "bare-cookie",
  cwe: 1004,
  title: "a session's cookie without its guards",
  hint: /set_?cookie|cookie/i,
  matches(code, { last, args, keywords }) {
    if (!/^(?:set_cookie|setCookie|set_signed_cookie|cookie)$/.test(last)) return false;
    const guards = ["secure", "httponly", "httpOnly"].map((key) => keywords.get(key));
    if (guards.some((guard) => isFalse(code, guard))) return true;
    const name = args[0] === undefined ? "" : code.text(args[0]);
    return (
      /sess|auth|token|login|user|jwt|remember|password/i.test(name) && guards.every((guard) => guard === undefined)
    );
  },
});

export const NO_CSRF_GUARD: CodeRule = {
  name: "no-csrf-guard",
  cwe: 352,
  title: "protection against forged requests is turned off",
  hint: /csrf/i,
  *find(code) {
    for (const { name, value, node } of code.bindings)
      if (/CSRF_ENABLED|WTF_CSRF_CHECK_DEFAULT/.test(name) && isFalse(code, value)) yield node;
    for (const scope of code.scopes) {
      if (scope.node !== undefined && /@(?:\w+\.)?(?:csrf_exempt|csrf\.exempt)\b/.test(scope.decorators))
        yield scope.node;
    }
  },
};
