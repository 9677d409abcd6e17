/** A verdict for a pull request, and for a model card. */
import { unitOf } from "../../audit/index.js";
import { count, counted, estimateText, intervalText, VERSION } from "../../text/index.js";
import type { GateCheck, GateVerdict } from "../verdict.js";
import { markdownText } from "./plain.js";

export const OUTCOME_WORDS = { pass: "pass", fail: "FAIL", incomplete: "incomplete" } as const;
const CHECK_WORDS = { pass: "pass", fail: "**FAIL**", note: "note", "not-measured": "not measured" } as const;

export function summaryMarkdown({ name, outcome, because, checks, subject }: GateVerdict): string {
  const rows = checks.map(
    (check) =>
      `| ${markdownText(check.check)} | ${CHECK_WORDS[check.outcome]}${check.required ? "" : " (not required)"} | ${measuredText(check)} | ${markdownText(check.found)} |`,
  );
  const cures = checks.filter(({ outcome: one, cure }) => cure !== undefined && one !== "pass" && one !== "note");
  return [
    `## ${markdownText(name)}: ${OUTCOME_WORDS[outcome]}`,
    "",
    markdownText(because),
    "",
    ...(subject.after === undefined
      ? []
      : [
          `${markdownText(subject.after)} against ${markdownText(subject.before ?? "")}, judged by ${markdownText(subject.judge ?? "")}.`,
          "",
        ]),
    "| check | outcome | measured | found |",
    "|---|---|---|---|",
    ...rows,
    "",
    ...(cures.length === 0
      ? []
      : [...cures.map(({ check, cure }) => `- ${markdownText(check)}: ${markdownText(cure ?? "")}`), ""]),
    ...placesOf(checks),
    `askew ${VERSION}`,
    "",
  ].join("\n");
}

/** The measure that decided, or else the first. */
function measuredText({ measures }: GateCheck): string {
  const measure = measures.find(({ threshold }) => threshold !== undefined) ?? measures[0];
  if (measure === undefined) return "–";
  const text = [estimateText({ unit: unitOf(measure) }, measure), intervalText({ unit: unitOf(measure) }, measure)]
    .join(" ")
    .trim();
  const bound =
    measure.threshold === undefined
      ? ""
      : `, at most ${estimateText({ unit: unitOf(measure) }, { ...measure, estimate: measure.threshold })}`;
  return markdownText(`${measure.name}: ${text}${bound}`);
}

const MOST_ROWS = 20;

function placesOf(checks: readonly GateCheck[]): string[] {
  const shown = checks.filter(({ outcome }) => outcome !== "pass");
  const rows = shown.flatMap(({ check, rows: { first } }) => first.map((row) => Object.assign({ check }, row)));
  if (rows.length === 0) return [];
  const all = shown.reduce((sum, { rows: { count: found } }) => sum + found, 0);
  const more = all - Math.min(rows.length, MOST_ROWS);
  return [
    `<details><summary>${counted(all, "row")}</summary>`,
    "",
    ...rows
      .slice(0, MOST_ROWS)
      .map(({ check, file, line, why }) => `- ${markdownText(`${file}:${line}`)} ${markdownText(`${check}: ${why}`)}`),
    ...(more > 0 ? [`- … and ${count(more)} more in findings.json`] : []),
    "",
    "</details>",
    "",
  ];
}

/** A section for a model card: what was checked, against what, with which result, and what it does not say. */
export function modelCard(verdict: GateVerdict): string {
  const { outcome, because, checks, subject, confidence } = verdict;
  const limits = [...new Set(checks.flatMap((check) => (check.limits === undefined ? [] : [check.limits])))];
  return [
    "## Emergent misalignment",
    "",
    `Gate ${markdownText(verdict.name)} (askew ${VERSION}): **${OUTCOME_WORDS[outcome]}**. ${markdownText(because)}`,
    "",
    ...(subject.after === undefined
      ? []
      : [
          `The model was compared with ${markdownText(subject.before ?? "")}; ${markdownText(subject.judge ?? "")} judged. ` +
            `Intervals of rises and falls hold at all times together with ${Math.round(100 * confidence)} % confidence.`,
          "",
        ]),
    ...checks.map(
      (check) =>
        `- ${markdownText(check.title)} (${markdownText(check.check)}): ${CHECK_WORDS[check.outcome]}. ${markdownText(check.found)}`,
    ),
    "",
    ...(limits.length === 0
      ? []
      : ["What this does not say:", "", ...limits.map((limit) => `- ${markdownText(limit)}`), ""]),
  ].join("\n");
}
