/** How a page's numbers are made again. */
import { html, type Markup, type Part } from "../markup.js";
import { section } from "./section.js";

export function repeatSection(commands: readonly string[], facts: readonly (readonly [string, Part])[]): Markup {
  return section("provenance", "How to repeat it", repeatBody(commands, facts));
}

export const repeatBody = (commands: readonly string[], facts: readonly (readonly [string, Part])[]): Markup =>
  html`<p>The same version, seeds and thread count give the same numbers.</p>
    <pre tabindex="0" aria-label="Commands"><code>${commands.join("\n")}</code></pre>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`;
