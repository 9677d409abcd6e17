/** Findings of an audit as text for a terminal: a table of all, then what each rests on. */
import {
  unitOf,
  type AuditMeasure,
  type Finding,
  type FoundRow,
  type Outcome,
  type Verdict,
} from "../../audit/index.js";
import { left, right, wrap } from "../../layout/index.js";
import { colorsOf, ruledTable, widthOf, type Colors } from "../../terminal/index.js";
import { count, counted, decimal, interval, intervalText, noNumber, printable, withSign } from "../../text/index.js";

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  pass: "pass",
  fail: "FAIL",
  note: "note",
  "not-measured": "not measured",
};

const VERDICTS: Readonly<Record<Verdict, string>> = {
  pass: "pass",
  fail: "fail",
  incomplete: "incomplete: something was not measured",
};

function painterOf(outcome: Outcome, { red, green, yellow, dim }: Colors): (text: string) => string {
  return { pass: green, fail: red, note: dim, "not-measured": yellow }[outcome];
}

interface AuditView {
  /** The file or model that was audited. */
  readonly subject: string;
  /** Its size in words: `6,000 rows`. */
  readonly size: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Text of rows, by line, where the user asked for it. */
  readonly texts?: ReadonlyMap<number, string>;
}

export function auditText({ subject, size, verdict, findings, texts }: AuditView): string {
  const colors = colorsOf(process.stdout);
  const paint = { pass: colors.green, fail: colors.red, incomplete: colors.yellow }[verdict];
  const table = ruledTable([
    left("check", 100, findings, ({ title }) => title),
    left("outcome", 99, findings, ({ outcome }) => OUTCOMES[outcome], painted(findings, colors)),
    right("measured", 90, findings, ({ measures }) => valueOf(measures[0])),
    right("[interval]", 80, findings, ({ measures }) => intervalOf(measures[0])),
    right("n", 60, findings, ({ measures: [first] }) => (first === undefined ? "" : count(first.n))),
    ...(findings.some(({ rows }) => rows.count > 0)
      ? [right("rows", 70, findings, ({ rows }) => (rows.count === 0 ? "" : count(rows.count)))]
      : []),
  ]);
  return [
    `${colors.bold(printable(subject))}  ${size}  ${paint(VERDICTS[verdict])}`,
    "",
    table,
    ...findings.filter(isWorthWords).flatMap((finding) => ["", ...findingLines(finding, colors, texts)]),
    ...passLimits(findings, colors),
  ].join("\n");
}

/** Says what passing checks cannot see, so that nobody takes them for more than they are. */
function passLimits(findings: readonly Finding[], { dim }: Colors): string[] {
  const lines = findings.flatMap((finding) => {
    const { title, limits } = finding;
    return limits === undefined || isWorthWords(finding)
      ? []
      : wrap(`${title}: ${limits}`, widthOf(process.stdout) - 2);
  });
  return lines.length === 0 ? [] : ["", dim("What a pass does not show"), ...lines.map((line) => dim(`  ${line}`))];
}

/** A pass says all in its line of the table. */
const isWorthWords = ({ outcome, rows }: Finding): boolean => outcome !== "pass" || rows.count > 0;

const painted =
  (findings: readonly Finding[], colors: Colors) =>
  (cell: string, row: number): string => {
    const outcome = findings[row]?.outcome;
    return outcome === undefined ? cell : painterOf(outcome, colors)(cell);
  };

function findingLines(finding: Finding, colors: Colors, texts: ReadonlyMap<number, string> | undefined): string[] {
  const { check, title, outcome, found, cure, limits, measures, rows } = finding;
  const width = widthOf(process.stdout);
  const said = (text: string): string[] => wrap(printable(text), width - 2).map((line) => `  ${line}`);
  const unnamed = rows.count - rows.first.length;
  return [
    `${painterOf(outcome, colors)(OUTCOMES[outcome])}  ${colors.bold(title)}  ${colors.dim(check)}`,
    ...said(found),
    // The table has the first measure, and not what it is held to.
    ...measures
      .filter(({ p, threshold }, i) => i > 0 || p !== undefined || threshold !== undefined)
      .flatMap((measure) => said(measureText(measure))),
    ...(cure === undefined ? [] : said(cure)),
    ...(limits === undefined ? [] : said(limits).map(colors.dim)),
    ...rows.first.flatMap((row) => rowLines(row, said, colors, texts)),
    ...(unnamed > 0 ? said(unnamedText(unnamed, rows)).map(colors.dim) : []),
  ];
}

const unnamedText = (unnamed: number, { count: all, first }: Finding["rows"]): string =>
  `${first.length === 0 ? counted(all, "row") : `… and ${counted(unnamed, "more row")}`}; --rows ${all} names ${all === 1 ? "it" : "them all"}`;

function rowLines(
  row: FoundRow,
  said: (text: string) => string[],
  { dim }: Colors,
  texts: ReadonlyMap<number, string> | undefined,
): string[] {
  const { line, why, score, id } = row;
  const strength = score === undefined ? "" : ` (${decimal(score)})`;
  const text = texts?.get(line);
  return [
    ...said(`line ${line}${id === undefined ? "" : `, ${id}`}: ${why}${strength}`),
    // Code means something by its lines and their indents.
    ...(text === undefined
      ? []
      : printable(text)
          .split("\n")
          .map((shown) => dim(`    │ ${shown}`))),
  ];
}

const isShare = (measure: AuditMeasure): boolean => unitOf(measure) === "share";

function valueOf(measure: AuditMeasure | undefined): string {
  if (measure === undefined) return noNumber;
  return isShare(measure) ? withSign(measure.estimate) : decimal(measure.estimate);
}

function intervalOf(measure: AuditMeasure | undefined): string {
  if (measure === undefined) return "";
  return isShare(measure) ? interval(measure) : intervalText({ unit: "number" }, measure);
}

function measureText(measure: AuditMeasure): string {
  const p = measure.p === undefined ? "" : `, p ${measure.p < 0.001 ? "< .001" : measure.p.toFixed(3)}`;
  const least = measure.threshold === undefined ? "" : `, threshold ${thresholdOf(measure)}`;
  return `${measure.name}: ${valueOf(measure)} ${intervalOf(measure)} of ${count(measure.n)} ${measure.of}${p}${least}`;
}

const thresholdOf = (measure: AuditMeasure): string =>
  isShare(measure) ? withSign(measure.threshold ?? null) : decimal(measure.threshold ?? null);
