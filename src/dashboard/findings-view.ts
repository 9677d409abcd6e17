/** What an audit or a gate found: its verdict, and every check with what it rests on. */
import { join } from "node:path";
import { unitOf } from "../audit/index.js";
import { count, estimateText, intervalText } from "../text/index.js";
import type { FindingLine, FindingsView } from "./contract.js";
import { isObject, isText, readObject } from "./plain-file.js";
import { numberIn, type Row } from "./read-rows.js";
import { ResultError } from "./result-error.js";

const MOST_ROWS = 200;

export async function findingsView(folder: string): Promise<FindingsView> {
  const file = join(folder, "findings.json");
  const value = await readObject(file);
  if (value === undefined) throw new ResultError(`${file}: expected the findings of an audit or a gate, found none.`);
  const { name, outcome, because, verdict, checks, findings } = value;
  const lines = [checks, findings].find(Array.isArray) ?? [];
  return {
    name: text(name),
    outcome: text(outcome) || text(verdict),
    because: text(because),
    findings: lines.filter(isObject).map(lineOf),
  };
}

/** Shares in percent, as in the sentences that tell of them. */
function measureOf(measure: Row): FindingLine["measures"][number] {
  const name = text(measure["name"]);
  const number = (key: string): number | null => numberIn(measure[key]) ?? null;
  const quantity = { unit: unitOf({ name }) };
  const metric = { estimate: number("estimate"), low: number("low"), high: number("high"), n: number("n") ?? 0 };
  const threshold = number("threshold");
  return {
    name,
    value: metric.estimate === null ? "not measured" : estimateText(quantity, metric),
    interval: intervalText(quantity, metric),
    of: `${count(metric.n)} ${text(measure["of"])}`,
    bound: threshold === null ? "" : estimateText(quantity, { ...metric, estimate: threshold }),
  };
}

const text = (value: unknown): string => (isText(value) ? value : "");

function lineOf(check: Row): FindingLine {
  const { measures, rows } = check;
  const list = (value: unknown): Row[] => (Array.isArray(value) ? value.filter(isObject) : []);
  return {
    check: text(check["check"]),
    title: text(check["title"]),
    outcome: text(check["outcome"]),
    found: text(check["found"]),
    cure: text(check["cure"]),
    limits: text(check["limits"]),
    measures: list(measures).map(measureOf),
    count: isObject(rows) ? (numberIn(rows["count"]) ?? 0) : 0,
    rows: (isObject(rows) ? list(rows["first"]) : []).slice(0, MOST_ROWS).map((row) => ({
      file: text(row["file"]),
      line: numberIn(row["line"]) ?? 0,
      why: text(row["why"]),
    })),
  };
}
