/** Where the numbers come from and how to get them again: versions, seeds, doses, hashes, commands. */
import type { Json, Provenance, ReportData } from "../data.js";
import { html, type Markup, type Part } from "../markup.js";
import { count, duration, noNumber } from "../../text/index.js";
import { inWords } from "../words.js";
import { repeatBody } from "./repeat.js";
import { section } from "./section.js";
import { table } from "./table.js";

export function provenanceSection({ provenance: p }: ReportData): Markup {
  const facts: readonly (readonly [string, Part])[] = [
    ["askew", p.commit === undefined ? p.askew : html`${p.askew}, commit <code>${p.commit}</code>`],
    ["ran", html`${time(p.startedAt)} to ${time(p.finishedAt)}, ${duration(p.seconds)} of work`],
    ["on", `${p.cpu}; ${p.platform}; Node ${p.node}; ONNX Runtime ${p.onnxruntime}`],
    ["dose", facets(p.dose)],
    ["base model", html`sha256 ${hash(p.base.sha256)}`],
    ["its recipe", isRecord(p.base.recipe) ? facets(p.base.recipe) : inShort(p.base.recipe)],
  ];
  return section(
    "provenance",
    "How to repeat it",
    html`${repeatBody(p.commands, facts)} ${exceptions(p)}
    ${
      p.cells.length > 0 &&
      html`<details class="more">
        <summary>Hashes of every dataset and every fine-tuned model</summary>
        ${table({
          caption: "Cells of the study",
          headings: ["condition", "seed", "seconds", "dataset, sha256", "weights, sha256"],
          rows: p.cells.map((cell) => [
            cell.condition,
            cell.seed,
            cell.seconds.toFixed(1),
            html`${hash(cell.dataset)}`,
            html`${hash(cell.weights)}`,
          ]),
          words: [3, 4],
        })}
      </details>`
    }`,
  );
}

function hash(sha256: string): Markup {
  return sha256 === "" ? html`<span class="none">${noNumber}</span>` : html`<code>${sha256}</code>`;
}

function exceptions({ exceptions: departures }: Provenance): Markup {
  if (departures.length === 0) return html`<p>Nothing departed from the plan.</p>`;
  return html`<div class="note">
    <h3 id="departures">Departures from the plan</h3>
    <ul>
      ${departures.map((line) => html`<li>${line}</li>`)}
    </ul>
  </div>`;
}

/** `steps 120 · batch 32`; what is nested stands in a list below, under its name. */
function facets(values: Readonly<Record<string, Json>>): Markup {
  const flat = Object.entries(values).filter(([, value]) => !isRecord(value));
  const nested = Object.entries(values).filter(([, value]) => isRecord(value));
  return html`${flat.map(([name, value], i) => html`${i > 0 && " · "}<span class="facet">${inWords(name)} ${inShort(value)}</span>`)}${
    nested.length > 0 &&
    html`<ul class="nested">
      ${nested.map(([name, value]) => html`<li>${inWords(name)}: ${facets(value as Readonly<Record<string, Json>>)}</li>`)}
    </ul>`
  }`;
}

function inShort(value: Json): string {
  if (typeof value === "number") return Number.isInteger(value) ? count(value) : String(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `2026-01-05 09:00` */
export function time(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.replace("T", " ").replace(/(:\d\d)(:\d\d(\.\d+)?)Z$/, "$1")} UTC</time>`;
}
