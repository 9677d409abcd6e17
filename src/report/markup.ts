/**
 * HTML that nothing can break out of: `hono/html` escapes whatever is put into a template unless a template made it.
 * Two things are added to it: control signs in texts are shown instead of obeyed, and the template's own indentation
 * stays out of the page, so that a formatter may lay it out.
 */
import { html as template, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { printable } from "../text/index.js";

export type Markup = HtmlEscapedString;

/** Undefined and false leave nothing. */
export type Part = string | number | Markup | readonly Part[] | undefined | false;

/** A tagged template. Attribute values must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  // No part is a promise, so the result is none either.
  return template(withoutIndentation(strings), ...parts.map(shown)) as Markup;
}

/** Text that is markup already: the page's own style, script and figures, never anything from outside. */
export const trusted = (text: string): Markup => raw(text);

export const escaped = (part: Part): string => String(html`${part}`);

const collapsed = new WeakMap<TemplateStringsArray, TemplateStringsArray>();

function withoutIndentation(strings: TemplateStringsArray): TemplateStringsArray {
  const known = collapsed.get(strings);
  if (known !== undefined) return known;
  const short = Object.assign(
    strings.map((string) => string.replaceAll(/\s*\n\s*/g, "\n")),
    { raw: strings.raw },
  );
  collapsed.set(strings, short);
  return short;
}

/** Markup is a String object, so `typeof` tells it from plain text. */
function shown(part: Part): unknown {
  if (typeof part === "string") return printable(part);
  return Array.isArray(part) ? part.map(shown) : part;
}
