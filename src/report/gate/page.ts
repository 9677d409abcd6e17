/** The page of a gate: its verdict, every check with its interval beside its bound, the numbers, and how to repeat it. */
import { unitOf, type AuditMeasure } from "../../audit/index.js";
import { byUrgency, type GateCheck, type GateVerdict } from "../../gate/index.js";
import { count, counted, duration, estimateText, intervalText, VERSION } from "../../text/index.js";
import { html, trusted, type Markup } from "../markup.js";
import { repeatSection } from "../page/repeat.js";
import { section } from "../page/section.js";
import { page } from "../page/shell.js";
import { table } from "../page/table.js";
import { strip, stripStyle } from "./strip.js";

/** An outcome has a sign and a word as well as a colour. */
const SIGNS = {
  pass: ["✓", "pass", "good"],
  fail: ["✕", "fail", "bad"],
  incomplete: ["?", "incomplete", "open"],
  "not-measured": ["?", "not measured", "open"],
  note: ["i", "note", "open"],
} as const;

const style = `
.check { border-left: 4px solid var(--line); padding: 0 0 .2rem 1rem; margin: 0 0 2rem; }
.check.bad { border-left-color: var(--alarm); border-left-style: double; }
.check.good { border-left-color: var(--fine); }
.check.open { border-left-style: dashed; border-left-color: var(--soft); }
.check h3 { margin: 0 0 .3rem; display: flex; flex-wrap: wrap; gap: .1rem .7rem; align-items: baseline; }
.check h3 code { font-weight: 400; color: var(--soft); overflow-wrap: anywhere; }
.check p { margin: 0 0 .5rem; max-width: 66ch; overflow-wrap: anywhere; }
.check .cure::before { content: "What to do: "; font-weight: 600; }
.check .limits { font-size: .875rem; color: var(--soft); }
.check ol { font-size: .875rem; padding-left: 1.2rem; overflow-wrap: anywhere; }
.banner { display: inline-flex; gap: .5rem; align-items: baseline; font: 600 1rem/1.3 var(--sans); border: 2px solid; border-radius: 6px; padding: .2rem .7rem; margin: 0 0 .8rem; color: var(--soft); }
.banner.bad { color: var(--alarm); }
.banner.good { color: var(--fine); }
.measures tbody th { white-space: normal; font-weight: 400; min-width: 7rem; }
${stripStyle}`;

export interface GatePage {
  readonly verdict: GateVerdict;
  readonly commands: readonly string[];
}

export function renderGate({ verdict, commands }: GatePage): string {
  const { name, because, outcome, subject } = verdict;
  const checks = byUrgency(verdict.checks);
  const [sign, word, kind] = SIGNS[outcome];
  const measured = checks.filter(({ measures }) => measures.length > 0);
  return page({
    title: name,
    askew: VERSION,
    lede: html`<p class="banner ${kind}"><span aria-hidden="true">${sign}</span> ${word}</p>
      <p>${because}</p>
      ${
        subject.after !== undefined &&
        html`<p>${subject.after} against ${subject.before ?? ""}, judged by ${subject.judge ?? ""}.</p>`
      }`,
    main: html`${trusted(`<style>${style}</style>`)} ${section("checks", "Checks", checks.map(checkPart))}
    ${measured.length > 0 && section("numbers", "Numbers", measured.map(numbersPart))}
    ${repeatSection(commands, factsOf(verdict))}`,
  });
}

function checkPart(check: GateCheck): Markup {
  const { check: id, title, outcome, required, found, cure, limits, measures, rows } = check;
  const [sign, word, kind] = SIGNS[outcome];
  const bounded = measures.filter(({ threshold }) => threshold !== undefined);
  return html`<article class="check ${kind}">
    <h3>
      <span class="verdict ${kind}"><span aria-hidden="true">${sign}</span> ${word}</span>
      <span>${title}</span>
      <code>${id}</code>
      ${!required && html`<small>not required</small>`}
    </h3>
    <p>${found}</p>
    ${bounded.map(strip)} ${cure !== undefined && html`<p class="cure">${cure}</p>`}
    ${limits !== undefined && html`<p class="limits">${limits}</p>`}
    ${
      rows.first.length > 0 &&
      html`<details>
        <summary>
          ${counted(rows.count, "row")}${rows.count > rows.first.length && `, the first ${rows.first.length} shown`}
        </summary>
        <ol>
          ${rows.first.map(({ file, line, why }) => html`<li><code>${file}:${line}</code> ${why}</li>`)}
        </ol>
      </details>`
    }
  </article>`;
}

const numbersPart = ({ check, measures }: GateCheck): Markup =>
  table({
    kind: "plain measures",
    caption: check,
    headings: ["measure", "estimate", "interval", "bound", "n"],
    rows: measures.map((measure) => [
      measure.name,
      estimateText({ unit: unitOf(measure) }, measure),
      intervalText({ unit: unitOf(measure) }, measure),
      boundText(measure),
      html`${count(measure.n)} <small>${measure.of}</small>`,
    ]),
  });

const boundText = (measure: AuditMeasure): string =>
  measure.threshold === undefined
    ? ""
    : estimateText({ unit: unitOf(measure) }, { ...measure, estimate: measure.threshold });

function factsOf({ confidence, seed, spending, seconds, subject }: GateVerdict): [string, string][] {
  const { requests, promptTokens, completionTokens, cost } = spending;
  return [
    ...(subject.data.length === 0 ? [] : [["data", subject.data.join(", ")] as [string, string]]),
    ...(subject.baseline === undefined ? [] : [["baseline", subject.baseline] as [string, string]]),
    ...(subject.after === undefined
      ? []
      : ([
          ["intervals", `all of them hold together, at all times, with ${Math.round(100 * confidence)} % confidence`],
          ["seed", String(seed)],
        ] as [string, string][])),
    ...(requests === 0
      ? []
      : [
          [
            "servers",
            `${counted(requests, "request")}, ${count(promptTokens)} tokens read, ${count(completionTokens)} written, $${cost.toFixed(2)}`,
          ] as [string, string],
        ]),
    ["time", duration(seconds)],
  ];
}
