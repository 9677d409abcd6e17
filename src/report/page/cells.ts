/** How a share stands in a table cell: the estimate, below it the interval and how many answers it is of. */
import type { Metric } from "../data.js";
import { html, type Markup } from "../markup.js";
import { count, interval, noNumber, points, pointsInterval, withSign } from "../../text/index.js";
import { direction } from "../variants.js";

export function shareCell(metric: Metric | undefined): Markup {
  if (metric?.estimate == null)
    return html`<span class="none">${noNumber}<span class="unseen"> not measured</span></span>`;
  return html`<b>${withSign(metric.estimate)}</b> <small>${interval(metric)}</small>
    <small>n ${count(metric.n)}</small>`;
}

/** A difference from the base, with a mark where its interval leaves out zero. */
export function changeCell(change: Metric | undefined): Markup {
  if (change?.estimate == null)
    return html`<span class="none">${noNumber}<span class="unseen"> not measured</span></span>`;
  const moved = direction(change);
  const mark =
    moved &&
    html`<span class="mark" aria-hidden="true">${moved === "up" ? "▲" : "▼"} </span
      ><span class="unseen">${moved === "up" ? "above" : "below"} the base </span>`;
  return html`<b>${mark}${points(change.estimate)}</b> <small>${pointsInterval(change)}</small>`;
}
