/** The page of one series: what was found, its curves, its numbers, how to repeat it. One file, nothing fetched. */
import { roleColors } from "../figures/theme.js";
import { html, trusted, type Markup } from "../markup.js";
import { count, interval, withSign } from "../numbers.js";
import { figure, key, keyEntry } from "../page/figure.js";
import { section } from "../page/section.js";
import { style } from "../page/style.js";
import type { Panel, SeriesReport } from "./data.js";
import { curveFigure } from "./figure.js";

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function renderSeries(data: SeriesReport): string {
  const { title, sentences, xLabel, panels, facts, commands, askew } = data;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="askew ${askew}" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${trusted(`<style>${style}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the results</a>
        <header>
          <p class="eyebrow">askew ${askew}</p>
          <h1>${title}</h1>
          <div class="lede">${sentences.map((sentence) => html`<p>${sentence}</p>`)}</div>
        </header>
        <main id="main" tabindex="-1">
          ${section(
            "curves",
            "What it did",
            panels.map((panel) => panelFigure(panel, xLabel)),
          )}
          ${section(
            "provenance",
            "How to repeat it",
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
              </dl>`,
          )}
        </main>
        <footer><p>Made by askew ${askew}; nothing was fetched and nothing is sent.</p></footer>
      </body>
    </html> `;
  return page.text;
}

function panelFigure(panel: Panel, xLabel: string): Markup {
  const shapes = panel.curves.map(({ name, role }) =>
    role === "control" ? keyEntry("control", roleColors.control, name) : keyEntry("narrow", roleColors.narrow, name),
  );
  const broken = panel.curves.some(({ points }) => points.some((point) => point.broken));
  const hollow = broken ? [keyEntry("base", roleColors.narrow, "hollow: fewer than 80 % coherent")] : [];
  return figure({
    signs: key([...shapes, keyEntry("interval", roleColors.narrow, "95 % interval"), ...hollow]),
    drawings: (width) => [curveFigure(panel, xLabel, { width })],
    caption: html`${panel.heading}. Intervals are Wilson's, over the answers of this one model.`,
    numbers: {
      caption: panel.heading,
      headings: [xLabel, ...panel.curves.map(({ name }) => name)],
      rows: xsOf(panel).map((x) => [
        String(x),
        ...panel.curves.map(({ points }) => {
          const point = points.find((one) => one.x === x);
          if (point === undefined) return "";
          const { metric } = point;
          return `${withSign(metric.estimate)} ${interval(metric)} n ${count(metric.n)}${point.broken ? " (not coherent)" : ""}`;
        }),
      ]),
    },
  });
}

const xsOf = ({ curves }: Panel): number[] =>
  [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].toSorted((a, b) => a - b);
