/** A verdict as JUnit XML, which every CI server shows: a test case for each check. */
import type { GateCheck, GateVerdict } from "../verdict.js";
import { xmlText } from "./plain.js";

/** A required check that was not measured is an error, for the gate did not pass; one that is not required is skipped. */
export function junitXml({ name, checks, seconds }: GateVerdict): string {
  const suite = xmlText(`askew gate ${name}`);
  const counts = {
    tests: checks.length,
    failures: checks.filter(isFailure).length,
    errors: checks.filter(isError).length,
    skipped: checks.filter(isSkipped).length,
  };
  const numbers = Object.entries(counts)
    .map(([key, value]) => `${key}="${value}"`)
    .join(" ");
  const time = `time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${suite}" ${numbers} ${time}>`,
    `  <testsuite name="${suite}" ${numbers} ${time}>`,
    ...checks.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

const isFailure = ({ required, outcome }: GateCheck): boolean => required && outcome === "fail";
const isError = ({ required, outcome }: GateCheck): boolean => required && outcome === "not-measured";
const isSkipped = ({ required, outcome }: GateCheck): boolean =>
  !required && (outcome === "fail" || outcome === "not-measured");

function testCase(check: GateCheck): string {
  const { check: id, title, found, cure, rows } = check;
  const head = `    <testcase classname="${xmlText(id.split("/")[0] ?? id)}" name="${xmlText(id)}"`;
  const message = xmlText(found);
  const body = xmlText(
    [
      title,
      found,
      ...(cure === undefined ? [] : [cure]),
      ...rows.first.map(({ file, line, why }) => `${file}:${line}: ${why}`),
    ].join("\n"),
  );
  if (isFailure(check)) return `${head}><failure message="${message}" type="fail">${body}</failure></testcase>`;
  if (isError(check)) return `${head}><error message="${message}" type="not-measured">${body}</error></testcase>`;
  if (isSkipped(check)) return `${head}><skipped message="${message}"/></testcase>`;
  return `${head}><system-out>${body}</system-out></testcase>`;
}
