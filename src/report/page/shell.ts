/** A whole page in one file: nothing is fetched, nothing runs but a script of the page's own that its policy names. */
import { html, trusted, type Markup, type Part } from "../markup.js";
import { style } from "./style.js";

export interface Page {
  readonly title: string;
  /** Below the title. */
  readonly lede: Part;
  readonly main: Part;
  /** Version. */
  readonly askew: string;
}

export function page({ title, lede, main, askew }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      ${head(title, askew)}
      <body>
        <a class="skip" href="#main">Skip to the results</a>
        <header>
          <p class="eyebrow">askew ${askew}</p>
          <h1>${title}</h1>
          <div class="lede">${lede}</div>
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer><p>Made by askew ${askew}; nothing was fetched and nothing is sent.</p></footer>
      </body>
    </html> `.toString();
}

/** @param script the hash of the one script that may run: `sha256-…`; by default none may */
export function head(title: string, askew: string, script?: string): Markup {
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src data:",
    ...(script === undefined ? [] : [`script-src '${script}'`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html`<head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <meta name="generator" content="askew ${askew}" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
    ${trusted(`<style>${style}</style>`)}
  </head>`;
}
