/** The page of one diff: the verdict, every candidate that came through, what the latents stand for. One file. */
import { roleColors } from "../figures/theme.js";
import { html, trusted, type Markup, type Part } from "../markup.js";
import { interval, withSign } from "../../text/index.js";
import { figure, key, keyEntry } from "../page/figure.js";
import { repeatSection } from "../page/repeat.js";
import { section } from "../page/section.js";
import { page } from "../page/shell.js";
import { table } from "../page/table.js";
import type { DiffCard, DiffReport, DiffSide, DiffTable } from "./data.js";
import { diffFigure } from "./figure.js";

/** Activations are shown as a line under a token, the stronger the thicker, so that colour is not all there is. */
const cardStyle = `
.card { margin: 0 0 2rem; }
.card dl div { grid-template-columns: 7.5rem 1fr; }
.card .said { font-family: var(--mono); font-size: .8125rem; line-height: 1.9; overflow-wrap: anywhere; margin: 0 0 .6rem; }
.card .said small { font-family: var(--sans); }
.card .said span { text-decoration: underline var(--askew-narrow); text-underline-offset: .3em; white-space: pre-wrap; }
@media (max-width: 480px) { .card dl div { grid-template-columns: 1fr; } }`;

export function renderDiff(data: DiffReport): string {
  const { title, sentences, candidates, tables, cards, facts, commands, askew } = data;
  const [verdict = "", ...others] = sentences;
  return page({
    title: verdict,
    lede: html`<p class="eyebrow">${title}</p>
      ${others.map((sentence) => html`<p>${sentence}</p>`)}`,
    main: html`${trusted(`<style>${cardStyle}</style>`)}
    ${candidates.length > 0 && section("candidates", "What each candidate does", candidatesPart(data))}
    ${cards.length > 0 && section("latents", "What the latents stand for", cards.map(cardPart))}
    ${section("inside", "What moved inside", tables.map(tablePart))} ${repeatSection(commands, facts)}`,
    askew,
  });
}

function candidatesPart(data: DiffReport): Markup {
  const hollow = data.candidates.some(
    ({ caused, left }) => caused?.tooIncoherent === true || left?.tooIncoherent === true,
  );
  const side = (of: DiffSide | null): Part =>
    of === null
      ? "no strength was coherent"
      : html`<b>${withSign(of.rate.estimate)}</b> <small>${interval(of.rate)} n ${of.rate.n}</small>
          <small
            >coherent ${withSign(of.coherent.estimate)}${of.tooIncoherent && html` <span class="mark">✕</span>`}</small
          >
          <small>random ${withSign(of.random.estimate)} · strength ${of.strength}</small>`;
  const words = (of: DiffSide | null): string =>
    of === null ? "no strength was coherent" : `${withSign(of.rate.estimate)} ${interval(of.rate)}`;
  return html`${figure({
    signs: key([
      keyEntry("narrow", roleColors.narrow, "a candidate"),
      keyEntry("control", roleColors.control, "a random direction of the same length"),
      keyEntry("base", roleColors.base, "the models as they are"),
      keyEntry("interval", roleColors.narrow, "95 % interval"),
      ...(hollow ? [keyEntry("base", roleColors.narrow, "hollow: more incoherent than was asked for")] : []),
    ]),
    drawings: (width) => [diffFigure(data, { width })],
    caption:
      "Down and to the right is what a persona does: misalignment where it is added, none left where it is taken out. Intervals are Wilson’s, over the answers of these two models.",
    numbers: {
      caption: "Misalignment caused and left",
      headings: ["candidate", "added to BEFORE", "subtracted from AFTER"],
      rows: data.candidates.map(({ name, caused, left }) => [name, words(caused), words(left)]),
    },
  })}
  ${table({
    caption: "Candidates that came through, best first",
    headings: [
      "candidate",
      "score",
      "misaligned, added to BEFORE",
      "misaligned, taken from AFTER",
      "cosine with the shift",
    ],
    rows: data.candidates.map(({ name, score, caused, left, cosine }) => [
      name,
      score,
      side(caused),
      side(left),
      cosine,
    ]),
  })}`;
}

const tablePart = ({ caption, headings, rows, note }: DiffTable): Markup =>
  html`${table({ caption, headings, rows })}${note !== undefined && html`<p class="aside">${note}</p>`}`;

function cardPart({ name, facts, texts }: DiffCard): Markup {
  return html`<article class="card">
    <h3>${name}</h3>
    <dl>
      ${facts.map(
        ([fact, value]) =>
          html`<div>
            <dt>${fact}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${texts.map(
      ({ who, tokens, strengths }) =>
        html`<p class="said">
          <small>${who}</small>
          ${tokens.map((token, i) => tokenPart(token, strengths[i] ?? 0))}
        </p>`,
    )}
  </article>`;
}

function tokenPart(token: string, strength: number): Markup {
  const tenths = Math.round(10 * Math.min(1, Math.max(0, strength)));
  if (tenths === 0) return html`${token}`;
  return html`<span style="text-decoration-thickness:${(tenths / 2).toFixed(1)}px">${token}</span>`;
}
