/**
 * HTML and SVG text that cannot be broken out of. `html` escapes whatever is put into it unless that was
 * itself made by `html`, so the safe way is the short way: everything a model said goes through here.
 */
import { printable } from "../text/index.js";

export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

export type Part = string | number | Markup | readonly Part[] | undefined | false;

/**
 * A tagged template; false and undefined leave nothing. Attribute values must stand in double quotes. The indentation
 * of the template itself does not reach the page, so a formatter may lay it out; text put into it stays as it is.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const fixed = collapsed.get(strings) ?? strings.map((string) => string.replaceAll(/\s*\n\s*/g, "\n"));
  collapsed.set(strings, fixed);
  return new Markup(fixed.reduce((text, string, i) => text + render(parts[i - 1]) + string));
}

const collapsed = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Text that is markup already: the page's own style, script and figures, never anything from outside. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

export function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"'`]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function render(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(render).join("");
  return escaped(String(part));
}
