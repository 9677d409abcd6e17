/** A figure on the page: its key, its drawing for a wide and for a narrow page, its caption and its numbers. */
import { html, trusted, type Markup, type Part } from "../markup.js";
import { narrowWidth, wideWidth, roleColors, roleNames } from "../figures/theme.js";
import type { Role } from "../variants.js";
import { table, type TableContent } from "./table.js";

export interface PageFigure {
  /** Explains the marks. */
  readonly signs?: Markup;
  /** The drawings for a width; each may be made of several, one below the other. */
  readonly drawings: (width: number) => readonly string[];
  readonly caption: Part;
  readonly numbers: TableContent;
}

export function figure({ signs, drawings, caption, numbers }: PageFigure): Markup {
  return html`<figure>
    ${signs}
    <div class="wide">${drawings(wideWidth).map(trusted)}</div>
    <div class="narrow">${drawings(narrowWidth).map(trusted)}</div>
    <figcaption>${caption}</figcaption>
    <details class="numbers">
      <summary>These numbers as a table</summary>
      ${table(numbers)}
    </details>
  </figure>`;
}

const shapes = {
  base: `<circle cx="8" cy="8" r="4.5" fill="none" stroke-width="2"/>`,
  narrow: `<circle cx="8" cy="8" r="5"/>`,
  control: `<rect x="3.5" y="3.5" width="9" height="9"/>`,
  compliance: `<path d="M8 2.5 14 13H2Z"/>`,
  published: `<path d="M8 1.5 12 8 8 14.5 4 8Z" fill="none" stroke-width="1.5"/>`,
  diamond: `<path d="M8 1.5 13 8 8 14.5 3 8Z"/>`,
  cross: `<path d="M6 2H10V6H14V10H10V14H6V10H2V6H6Z"/>`,
  star: `<path d="M8 1.5 9.8 6.2 14.8 6.4 10.9 9.6 12.2 14.4 8 11.7 3.8 14.4 5.1 9.6 1.2 6.4 6.2 6.2Z"/>`,
  times: `<path d="M3 3 13 13M13 3 3 13" stroke-width="2"/>`,
  all: `<path d="M8 2V14" stroke-width="2"/>`,
  interval: `<path d="M0 8H16" stroke-width="3" opacity=".55"/>`,
};

type Sign = keyof typeof shapes;

/** One entry of a key; the colour is a custom property of the figures' theme. */
export function keyEntry(sign: Sign, color: string, text: string): Markup {
  const drawing = trusted(
    `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="${color}" stroke="${color}" stroke-width="0">${shapes[sign]}</svg>`,
  );
  return html`<li>${drawing} ${text}</li>`;
}

export function key(entries: readonly Markup[]): Markup {
  return html`<ul class="key" aria-label="Key">
    ${entries}
  </ul>`;
}

/** One entry for each role that occurs. */
export function roleEntries(roles: Iterable<Role>): Markup[] {
  const present = new Set(roles);
  return (["base", "narrow", "control", "compliance"] as const)
    .filter((role) => present.has(role))
    .map((role) => keyEntry(role, roleColors[role], roleNames[role]));
}
