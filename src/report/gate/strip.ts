/** A measure's interval on a line, with its bound: plain boxes that any width of a page stretches. */
import { unitOf, type AuditMeasure } from "../../audit/index.js";
import { estimateText, intervalText } from "../../text/index.js";
import { html, trusted, type Markup } from "../markup.js";

export const stripStyle = `
.strip { margin: .7rem 0 .9rem; max-width: 40rem; }
.strip .line { position: relative; height: 1.9rem; border-bottom: 1px solid var(--askew-base); overflow: hidden; }
.strip .span, .strip .dot, .strip .bound, .strip .zero { position: absolute; }
.strip .span { top: .75rem; height: .4rem; background: var(--askew-control); border-radius: .2rem; min-width: 2px; }
.strip .bad.span { background: var(--askew-narrow); }
.strip .dot { top: .55rem; width: .8rem; height: .8rem; margin-left: -.4rem; border-radius: 50%; background: var(--paper); border: 3px solid var(--askew-control); }
.strip .bad.dot { border-color: var(--askew-narrow); border-radius: 0; }
.strip .bound { top: 0; bottom: 0; border-left: 2px dashed var(--ink); z-index: 1; }
.strip .zero { top: .9rem; bottom: 0; border-left: 1px solid var(--askew-base); }
.strip p { display: flex; flex-wrap: wrap; gap: 0 1.2rem; margin: .2rem 0 0; font-size: .8125rem; color: var(--soft); font-variant-numeric: tabular-nums; }
@media print { .strip .span, .strip .dot { print-color-adjust: exact; } }`;

/** Nothing where there is no interval. */
export function strip(measure: AuditMeasure): Markup | undefined {
  const { name, estimate, low, high, threshold } = measure;
  if (estimate === null || low === null || high === null || threshold === undefined) return undefined;
  const least = Math.min(0, low);
  const most = Math.max(threshold, high);
  const room = 0.06 * (most - least);
  const at = (value: number): string => ((100 * (value - least + room)) / (most - least + 2 * room)).toFixed(2);
  const width = (Number(at(high)) - Number(at(low))).toFixed(2);
  const bad = low > threshold ? "bad " : "";
  const text = `${estimateText({ unit: unitOf(measure) }, measure)} ${intervalText({ unit: unitOf(measure) }, measure)}`;
  const bound = estimateText({ unit: unitOf(measure) }, { ...measure, estimate: threshold });
  return html`<div class="strip">
    <div class="line" role="img" aria-label="${name}: ${text}, bound ${bound}">
      ${trusted(
        `<span class="zero" style="left:${at(0)}%"></span><span class="bound" style="left:${at(threshold)}%"></span>` +
          `<span class="${bad}span" style="left:${at(low)}%;width:${width}%"></span><span class="${bad}dot" style="left:${at(estimate)}%"></span>`,
      )}
    </div>
    <p><span>${name}: ${text}</span><span>dashed: the bound, ${bound}</span><span>short mark: 0</span></p>
  </div>`;
}
