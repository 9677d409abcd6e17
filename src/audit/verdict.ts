/** What a list of findings comes to. */
import type { Finding } from "./finding.js";

/** `incomplete`: nothing failed, and something that was to be checked could not be. It is never taken for a pass. */
export type Verdict = "pass" | "fail" | "incomplete";

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ outcome }) => outcome === "fail")) return "fail";
  return findings.length === 0 || findings.some(({ outcome }) => outcome === "not-measured") ? "incomplete" : "pass";
}
