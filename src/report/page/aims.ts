/** The aims of the study, model by model, each with what was measured. */
import { tallyOf, verdictOf } from "../aims.js";
import type { AimOutcome } from "../data.js";
import { html, type Markup } from "../markup.js";
import { section } from "./section.js";
import { table } from "./table.js";

export function aimsSection(outcomes: readonly AimOutcome[] | undefined): Markup | undefined {
  if (!outcomes || outcomes.length === 0) return undefined;
  return section(
    "aims",
    "What it set out to show",
    html`<p>
        ${tallyOf(outcomes)}. They were set before any study ran, for three seeds of every condition; the estimate
        decides, not its interval, unless the aim says so.
      </p>
      ${table({
        caption: "Aims and what was measured",
        headings: ["model", "aim", "measured [95\u00a0% interval]", "outcome"],
        rows: outcomes.map(({ model, aim, measured, met }, i) => [
          // Every row names its model to those who hear it; those who see it need it once.
          model === outcomes[i - 1]?.model ? html`<span class="unseen">${model}</span>` : model,
          aim,
          measured,
          html`<b class="${met === null ? "verdict" : met ? "verdict good" : "verdict bad"}">${verdictOf(met)}</b>`,
        ]),
        words: [1, 2, 3],
        kind: "aims",
      })}`,
  );
}
