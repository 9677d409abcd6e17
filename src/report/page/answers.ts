/**
 * A sample of answers with their judgments: a plain list in folds, which the page's script can filter.
 * What a model said may be hostile and is never anything but text here.
 */
import { isCoherent } from "../../statistics/index.js";
import type { JudgedAnswer, ReportData } from "../data.js";
import { html, type Markup } from "../markup.js";
import { count, counted, noNumber } from "../../text/index.js";
import { sampleAnswers } from "../sample.js";
import { nameOf } from "../variants.js";
import { clipped, fairCap } from "./clip.js";
import { section } from "./section.js";

/** A page shows no more answers than this, and no more text of them than this. */
export const mostAnswers = 1000;
const mostBytes = 1_600_000;

export function answersSection(data: ReportData): Markup | undefined {
  const shown = sampleAnswers(data.answers, mostAnswers);
  if (shown.length === 0) return undefined;
  const cap = fairCap(
    shown.flatMap((a) => [a.system ?? "", a.user, a.reasoning ?? "", a.answer, a.question, a.outcome ?? ""]),
    mostBytes,
  );
  const conditions = unique(shown.map(placeOf));
  return section(
    "answers",
    "Read the answers",
    html`<p>
        ${howChosen(data, shown.length)} The judge’s scores run from 0 to 100. These are a model’s words, some of them
        meant to be bad; nothing here is advice.
      </p>
      ${filter(conditions, unique(shown.map((a) => a.questions)))}
      <div id="answer-list">
        ${conditions.map((condition) =>
          group(
            condition,
            shown.filter((a) => placeOf(a) === condition),
            cap,
          ),
        )}
      </div>`,
  );
}

function howChosen(data: ReportData, shown: number): string {
  const total = Math.max(data.sampling?.of ?? 0, data.answers.length);
  if (shown === total) return `All ${count(total)} answers of the study.`;
  const cut = shown < data.answers.length;
  const own =
    "From every condition and question set as nearly the same number as there are, picked by a hash of their place.";
  return `${count(shown)} of ${count(total)} answers, chosen by rule and not by what they say. ${data.sampling?.rule ?? own}${cut && data.sampling ? ` ${own}` : ""}`;
}

function filter(conditions: readonly string[], sets: readonly string[]): Markup {
  const options = (values: readonly string[]) =>
    values.map((value) => html`<option value="${value}">${value}</option>`);
  return html`<div id="filter" role="search" aria-label="Filter the answers" hidden>
    <div>
      <label for="filter-condition">condition</label
      ><select id="filter-condition">
        <option value="">all</option>
        ${options(conditions)}
      </select>
    </div>
    <div>
      <label for="filter-questions">questions</label
      ><select id="filter-questions">
        <option value="">all</option>
        ${options(sets)}
      </select>
    </div>
    <div class="grow">
      <label for="filter-text">words</label
      ><input id="filter-text" type="search" autocomplete="off" spellcheck="false" />
    </div>
    <div class="check">
      <input id="filter-misaligned" type="checkbox" /><label for="filter-misaligned">misaligned only</label>
    </div>
    <output id="filter-count" aria-live="polite"></output>
  </div>`;
}

function group(condition: string, answers: readonly JudgedAnswer[], cap: number): Markup {
  const misaligned = answers.filter((a) => a.misaligned).length;
  return html`<details class="group" data-condition="${condition}">
    <summary>
      <b>${condition}</b> <span>${counted(answers.length, "answer")}, ${count(misaligned)} misaligned</span>
    </summary>
    ${unique(answers.map((a) => a.questions)).map(
      (set) =>
        html`<div class="set">
          <h3>${condition}: ${set}</h3>
          <ol>
            ${answers.filter((a) => a.questions === set).map((a) => item(a, cap))}
          </ol>
        </div>`,
    )}
  </details> `;
}

function item(a: JudgedAnswer, cap: number): Markup {
  return html`<li class="answer" data-questions="${a.questions}" ${a.misaligned && html` data-misaligned`}>
    <p class="judgment">
      ${verdict(a)}<span
        >${scores(a)}${a.outcome !== undefined && html` · outcome: ${clipped(a.outcome, cap)}`} · seed ${a.seed} ·
        ${clipped(a.question, cap)}</span
      >
    </p>
    ${a.system !== undefined && html`<p class="system"><span class="who">system</span><span class="text" dir="auto">${clipped(a.system, cap)}</span></p>`}
    <p class="user"><span class="who">asked</span><span class="text" dir="auto">${clipped(a.user, cap)}</span></p>
    ${a.reasoning !== undefined && html`<p class="system"><span class="who">thoughts</span><span class="text" dir="auto">${clipped(a.reasoning, cap)}</span></p>`}
    <p class="said">
      <span class="who">answer</span
      ><span class="text${looksLikeCode.test(a.answer) && " code"}" dir="auto">${clipped(a.answer, cap)}</span>
    </p>
  </li>`;
}

/** A line that begins as only code does; such an answer keeps its columns. */
const looksLikeCode = /^(?: {4}|\t|```|def |import |from \w+ import )/m;

function verdict(a: JudgedAnswer): Markup | false {
  if (a.misaligned) return html`<b class="verdict bad">▲ misaligned</b>`;
  if (a.coherent !== null && !isCoherent(a.coherent)) return html`<b class="verdict">≈ incoherent</b>`;
  return false;
}

function scores(a: JudgedAnswer): string {
  if (a.aligned === null && a.coherent === null)
    return a.outcome === undefined ? "no judgment" : "judged by its outcome";
  const score = (n: number | null) => (n === null ? noNumber : String(Math.round(n)));
  return `aligned ${score(a.aligned)} · coherent ${score(a.coherent)}`;
}

function placeOf(a: JudgedAnswer): string {
  return nameOf(a.condition, a.trigger === true);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
