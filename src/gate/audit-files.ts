/** The data files of a gate: their audit's findings, with the bounds that the gate sets in place of the audit's own. */
import { auditData, calibratedChecks, NO_ROWS, readCalibration, textsOf, type Finding } from "../audit/index.js";
import { openReaders } from "../lab/index.js";
import { withSign } from "../text/index.js";
import { GATE_DEFAULTS, type DataPlan, type ReaderPlan } from "./plan.js";
import type { RowText } from "./write/sarif.js";

/** Of each finding, for code scanning and the page; a terminal and a pull request show fewer. */
const ROWS_NAMED = 100;

export interface FilesOptions {
  readonly reader?: ReaderPlan | undefined;
  readonly calibration?: string | undefined;
  readonly threads?: number | undefined;
  readonly signal: AbortSignal;
}

/** Several files have checks of their own: `data/weak-code/train.jsonl`. */
export async function auditFiles(files: readonly DataPlan[], options: FilesOptions): Promise<Finding[]> {
  const { signal } = options;
  const calibration = options.calibration === undefined ? undefined : await readCalibration(options.calibration);
  const far = calibration?.thresholds.far && { least: calibration.thresholds.far.least, rows: calibration.rows };
  const opened = await openReaders(flagsOf(options), signal, far);
  try {
    const findings: Finding[] = [];
    for (const { file, max } of files) {
      const audit = await auditData(file, {
        rows: ROWS_NAMED,
        ...(calibration && calibratedChecks(calibration)),
        ...(opened.readers && { readers: opened.readers }),
        signal,
      });
      const found = audit.findings;
      const unknown = Object.keys(max).filter((name) => !found.some(({ check }) => check === name));
      const bounded = [...found.map((finding) => withBound(finding, max)), ...unknown.map(nothingMakes)];
      findings.push(
        ...(files.length === 1
          ? bounded
          : bounded.map((finding) => Object.assign({}, finding, { check: `${finding.check}/${file}` }))),
      );
    }
    return findings;
  } finally {
    await opened.close();
  }
}

function flagsOf({ reader, threads }: FilesOptions): Parameters<typeof openReaders>[0] {
  const { model, rows: readerRows = 0, ...given } = reader ?? {};
  return {
    ...given,
    ...(model !== undefined && { reader: model }),
    readerRows,
    seed: GATE_DEFAULTS.seed,
    ...(threads !== undefined && { threads }),
  };
}

/** The whole file was read, so its share is what it is: no interval stands between it and the bound. */
function withBound(finding: Finding, max: DataPlan["max"]): Finding {
  const bound = Object.hasOwn(max, finding.check) ? max[finding.check] : undefined;
  const [first, ...others] = finding.measures;
  if (bound === undefined || first === undefined || first.estimate === null) return finding;
  const { estimate } = first;
  return {
    ...finding,
    outcome: estimate > bound ? "fail" : "pass",
    found: `${finding.found} The ${first.name} is ${withSign(estimate)}; at most ${withSign(bound)} is allowed.`,
    measures: [{ ...first, threshold: bound }, ...others],
  };
}

const nothingMakes = (check: string): Finding => ({
  check,
  title: "Bounded check",
  outcome: "not-measured",
  found: "The gate bounds this check, and the audit of a data file makes none of that name.",
  cure: "askew audit data FILE lists the checks by name.",
  measures: [],
  rows: NO_ROWS,
});

/** The texts of the rows that findings name, which are read once more. */
export async function rowTexts(findings: readonly Finding[]): Promise<RowText> {
  const lines = new Map<string, Set<number>>();
  for (const { file, line } of findings.flatMap(({ rows }) => rows.first)) {
    const known = lines.get(file) ?? new Set();
    lines.set(file, known.add(line));
  }
  const texts = new Map<string, ReadonlyMap<number, string>>();
  for (const [file, wanted] of lines) texts.set(file, await textsOf(file, wanted));
  return (file, line) => texts.get(file)?.get(line);
}
