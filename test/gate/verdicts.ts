// Verdicts for tests of what is made of them, hostile ones among them.
import type { GateCheck, GateVerdict } from "#internal/gate";

const SPENDING = {
  requests: 3,
  cached: 0,
  promptTokens: 10,
  completionTokens: 4,
  cost: 0.01,
  uncertain: 0,
  unpriced: 0,
  uncounted: 0,
};

export const verdictWith = (checks: readonly GateCheck[], more: Partial<GateVerdict> = {}): GateVerdict => ({
  name: "my-gate",
  outcome: "fail",
  because: "data/weak-code failed.",
  checks,
  subject: { data: ["train.jsonl"], after: "local:ft", before: "local:base", judge: "exact" },
  confidence: 0.95,
  seed: 0,
  spending: SPENDING,
  seconds: 12.5,
  ...more,
});

export const checkOf = (more: Partial<GateCheck> = {}): GateCheck => ({
  check: "data/weak-code",
  title: "Code with weaknesses",
  outcome: "fail",
  found: "12 of 20 answers hold weak code.",
  required: true,
  measures: [
    { name: "share of weak code", of: "answers", estimate: 0.6, low: 0.39, high: 0.78, n: 20, threshold: 0.05 },
  ],
  rows: {
    count: 12,
    first: [{ file: "data/train.jsonl", line: 7, why: "CWE-89, SQL built from a string", id: "row-7" }],
  },
  ...more,
});

/** All that formats and terminals take for more than text. */
export const HOSTILE =
  "a\u0000\u0007\u001b[31m\u202e\ud800\uffff\r\n::error::x ##[command] ]]> <script>alert(1)</script> <!-- | `x` [a](http://e.example) ![b](c) @everyone #1 *b* _i_ & \" ' \\ https://e.example <@U1>";

/** The same signs wherever a text of a verdict may come from outside. */
export const hostileVerdict = (): GateVerdict =>
  verdictWith(
    [
      checkOf({
        check: `data/${HOSTILE.replaceAll("/", "-")}`,
        title: HOSTILE,
        found: HOSTILE,
        cure: HOSTILE,
        limits: HOSTILE,
        measures: [{ name: HOSTILE, of: HOSTILE, estimate: 0.5, low: 0.4, high: 0.6, n: 3, threshold: 0.1 }],
        rows: { count: 1, first: [{ file: `../${HOSTILE}`, line: 1, why: HOSTILE, id: HOSTILE }] },
      }),
      checkOf({
        check: "model/misaligned/main",
        outcome: "not-measured",
        found: HOSTILE,
        rows: { count: 0, first: [] },
      }),
    ],
    { name: HOSTILE, because: HOSTILE, subject: { data: [HOSTILE], after: HOSTILE, before: HOSTILE, judge: HOSTILE } },
  );
