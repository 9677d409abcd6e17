/**
 * A verdict as SARIF 2.1.0: a rule for each check, a result for each row that a finding names, and one for a finding that
 * names none. Row texts are left out unless they are given.
 */
import { pathToFileURL } from "node:url";
import { isAbsolute, relative } from "node:path";
import type { FoundRow } from "../../audit/index.js";
import { sha256 } from "../../store/index.js";
import { printable, VERSION } from "../../text/index.js";
import type { GateCheck, GateVerdict } from "../verdict.js";
import { oneLine } from "./plain.js";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** A row's text, cut; undefined where there is none. */
export type RowText = (file: string, line: number) => string | undefined;

export function sarifLog(verdict: GateVerdict, textOf?: RowText): object {
  const { checks, name, outcome } = verdict;
  const ids = [...new Set(checks.map((one) => ruleOf(one.check)))];
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "askew",
            version: VERSION,
            semanticVersion: VERSION,
            rules: ids.map((id) => rule(id, checks)),
          },
        },
        automationDetails: { id: `askew-gate/${oneLine(name)}` },
        // The gate ran; what it found is in its results.
        invocations: [
          { executionSuccessful: outcome !== "incomplete", toolExecutionNotifications: notMeasured(checks) },
        ],
        columnKind: "utf16CodeUnits",
        results: checks.flatMap((check) => results(check, ids.indexOf(ruleOf(check.check)), textOf)),
      },
    ],
  };
}

/** `model/misaligned/main` is an instance of the rule `model/misaligned`. */
const ruleOf = (check: string): string => check.split("/").slice(0, 2).map(oneLine).join("/");

function rule(id: string, checks: readonly GateCheck[]): object {
  const first = checks.find(({ check }) => ruleOf(check) === id);
  const { title = id, limits } = first ?? {};
  const about = [title, ...(limits === undefined ? [] : [limits])].map(oneLine).join(". ");
  return {
    id,
    name: id
      .split(/[^A-Za-z0-9]+/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(""),
    shortDescription: { text: oneLine(title) },
    fullDescription: { text: about },
    help: { text: about },
    defaultConfiguration: { level: first?.required === false ? "warning" : "error" },
  };
}

/** Undecided required checks are no results: they say something of the gate, not of a file. */
const notMeasured = (checks: readonly GateCheck[]): object[] =>
  checks
    .filter(({ outcome }) => outcome === "not-measured")
    .map(({ check, found, required }) => ({
      level: required ? "error" : "warning",
      message: { text: oneLine(`${check}: ${found}`) },
      associatedRule: { id: ruleOf(check) },
    }));

function results(check: GateCheck, ruleIndex: number, textOf: RowText | undefined): object[] {
  const { check: id, outcome, found, required, rows } = check;
  if (outcome === "not-measured") return [];
  const base = { ruleId: ruleOf(id), ruleIndex, ...statusOf(outcome, required) };
  if (rows.first.length === 0) {
    return [{ ...base, message: { text: oneLine(found) }, partialFingerprints: { "askewCheck/v1": sha256(id) } }];
  }
  return rows.first.map((row) => ({
    ...base,
    message: { text: oneLine(row.why) },
    locations: [location(row, textOf)],
    partialFingerprints: { "askewRow/v1": sha256(JSON.stringify([id, uriOf(row.file), row.id ?? row.line, row.why])) },
  }));
}

const statusOf = (outcome: GateCheck["outcome"], required: boolean): object =>
  outcome === "fail"
    ? { kind: "fail", level: required ? "error" : "warning" }
    : outcome === "note"
      ? { kind: "informational", level: "none" }
      : { kind: "pass", level: "none" };

function location({ file, line }: FoundRow, textOf: RowText | undefined): object {
  const text = textOf?.(file, line);
  const isUri = isAbsolute(uriPath(file));
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file), ...(!isUri && { uriBaseId: "%SRCROOT%" }) },
      region: { startLine: Math.max(1, line), ...(text !== undefined && { snippet: { text: printable(text) } }) },
    },
  };
}

/** As seen from the working folder, which is a checkout's root in CI. */
function uriPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") || isAbsolute(path) ? pathToFileURL(file).pathname : path;
}

/** A relative reference with every sign escaped that has a meaning in one. */
function uriOf(file: string): string {
  const path = uriPath(file);
  if (isAbsolute(path)) return `file://${path}`;
  return path.split(/[\\/]/).map(encodePart).join("/");
}

/** Lone surrogates cannot be encoded. */
const encodePart = (part: string): string => encodeURIComponent(part.replaceAll(/\p{Surrogate}/gu, "\ufffd"));
