/** A gate's verdict, and what it may cost, in a terminal. */
import { byUrgency, logText, type GateCheck, type GateForecast, type GateRun } from "../../gate/index.js";
import { wrap } from "../../layout/index.js";
import { colorsOf, widthOf } from "../../terminal/index.js";
import { count, counted, printable } from "../../text/index.js";

const WORDS = {
  pass: "pass",
  fail: "FAIL",
  note: "note",
  "not-measured": "not measured",
  incomplete: "INCOMPLETE",
} as const;
const INDENT = 4;
const MOST_ROWS = 5;

export function gateLines({ folder, verdict }: GateRun, page: string): string {
  const { bold, dim, green, red, yellow } = colorsOf(process.stdout);
  const paint = { pass: green, fail: red, "not-measured": yellow, incomplete: yellow, note: dim } as const;
  const { name, outcome, because, checks } = verdict;
  /** On one line where it fits, as it nearly always does; else the check's name goes below. */
  const heading = ({ outcome: found, title, check, required }: GateCheck): string[] => {
    const said = [WORDS[found], harmless(title)].join("  ");
    const more = [harmless(check), ...(required ? [] : ["not required"])].join("  ");
    const first = `  ${paint[found](WORDS[found])}  ${harmless(title)}`;
    if (said.length + more.length + 4 <= widthOf(process.stdout)) return [`${first}  ${dim(more)}`];
    return [first, ...paragraph(more).map(dim)];
  };
  const paragraph = (text: string): string[] =>
    wrap(`${" ".repeat(INDENT)}${harmless(text)}`, widthOf(process.stdout), INDENT);
  const lines = [
    `${bold(harmless(name))}  ${bold(paint[outcome](WORDS[outcome]))}`,
    ...wrap(harmless(because), widthOf(process.stdout)),
    ...byUrgency(checks).flatMap((check) => [
      "",
      ...heading(check),
      ...paragraph(check.found),
      ...rowsOf(check).flatMap((row) => paragraph(row).map(dim)),
      ...(check.cure === undefined || check.outcome === "pass" ? [] : paragraph(check.cure)),
    ]),
    "",
    ...wrap(`Report  ${harmless(page)}`, widthOf(process.stdout)).map(dim),
    ...wrap(
      `${harmless(folder)} has findings.sarif, junit.xml, summary.md and metrics.json for CI and trackers.`,
      widthOf(process.stdout),
    ).map(dim),
  ];
  // A long text is broken into lines, any of which may begin with what a CI server's log takes for a command.
  return logText(`${lines.join("\n")}\n`);
}

function rowsOf({ rows: { count: all, first } }: GateCheck): string[] {
  const shown = first.slice(0, MOST_ROWS).map(({ file, line, why }) => `${file}:${line}: ${why}`);
  return all > shown.length && shown.length > 0 ? [...shown, `… and ${count(all - shown.length)} more`] : shown;
}

const harmless = (text: string): string => printable(text).replaceAll(/\s+/g, " ");

export function gateForecastLines({ fewestPairs, mostPairs, tooFew, atFewest, atMost }: GateForecast): string {
  const dollars = (cost: number | null): string =>
    cost === null ? "" : `, at most $${cost < 0.1 ? cost.toFixed(4) : cost.toFixed(2)}`;
  const costs = ({ requests, promptTokens, answerTokens, cost }: GateForecast["atMost"]): string =>
    requests === 0
      ? "nothing, for no server is asked"
      : `${counted(requests, "request")}, about ${counted(promptTokens, "token")} read and at most ${count(answerTokens)} written${dollars(cost)}`;
  return [
    `A pass takes at least ${counted(fewestPairs, "pair")} of answers, which cost ${costs(atFewest)}.`,
    `At most ${counted(mostPairs, "pair")} ${mostPairs === 1 ? "is" : "are"} asked, which cost ${costs(atMost)}.`,
    ...tooFew.map(
      (set) => `${harmless(set)}: too few samples for a pass; more samples, or a larger bound, make one possible.`,
    ),
  ]
    .flatMap((line) => wrap(line, widthOf(process.stdout)))
    .concat("")
    .join("\n");
}
