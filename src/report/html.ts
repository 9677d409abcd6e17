/**
 * The report of a study: one HTML file that needs nothing else. No network, no fonts, no cookies; a content
 * security policy that lets only its own small script run.
 */
import type { ReportData } from "./data.js";
import { findingOf } from "./finding.js";
import { html, trusted, type Markup } from "./markup.js";
import { counted, duration } from "../text/index.js";
import { aimsSection } from "./page/aims.js";
import { answersSection } from "./page/answers.js";
import { provenanceSection, time } from "./page/provenance.js";
import { readingSection } from "./page/reading.js";
import { batterySection, headlineSection, questionSection, tableSection, trainingSection } from "./page/results.js";
import { script, scriptHash } from "./page/script.js";
import { head } from "./page/shell.js";

/** At most 3 MB, whatever it is given: long lists of answers are sampled and long answers cut, visibly. */
export function renderReport(data: ReportData): string {
  const { summary, provenance } = data;
  const finding = findingOf(summary);
  const parts: readonly (readonly [string, string, Markup | undefined])[] = [
    ["rates", "Rates", headlineSection(summary)],
    ["aims", "Aims", aimsSection(data.aims)],
    ["table", "Table", tableSection(summary)],
    ["battery", "What else changed", batterySection(summary)],
    ["questions", "Questions", questionSection(summary)],
    ["training", "Training", trainingSection(data)],
    ["reading", "What it says", readingSection(summary)],
    ["answers", "Answers", answersSection(data)],
    ["provenance", "Repeat it", provenanceSection(data)],
  ];
  const present = parts.filter(([, , content]) => content !== undefined);
  const departures = provenance.exceptions.length;
  const page = html`<!doctype html>
    <html lang="en">
      ${head(`${summary.study}: ${finding.title}`, provenance.askew, scriptHash)}
      <body>
        <a class="skip" href="#main">Skip to the results</a>
        <header>
          <p class="eyebrow">askew · ${summary.study} · model ${summary.model} · ${time(provenance.finishedAt)}</p>
          <h1>${finding.title}</h1>
          <div class="lede">${finding.sentences.map((sentence) => html`<p>${sentence}</p>`)}</div>
          <p class="aside">
            ${counted(provenance.cells.filter((cell) => cell.weights !== "").length, "fine-tune")} in
            ${duration(provenance.seconds)}.
            <a href="#reading">What this does and does not say</a
            >${departures > 0 && html` · <a href="#departures">${counted(departures, "departure")} from the plan</a>`}
          </p>
          <nav aria-label="Contents">
            <ul>
              ${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="main" tabindex="-1">${present.map(([, , content]) => content)}</main>
        <footer>
          <p>
            Made by askew ${provenance.askew} from the files of this study; nothing was fetched and nothing is sent.
          </p>
        </footer>
        ${trusted(`<script>${script}</script>`)}
      </body>
    </html> `;
  return page.toString();
}
