/** What one finished cell showed: its share of misaligned answers to the main questions, and how coherent it was. */
import type { StudyEvent } from "../../study/index.js";

export interface CellResult {
  /** `with trigger` where the prompts opened with it. */
  readonly variant: string | undefined;
  /** Shares in [0, 1]; null where nothing could be measured. */
  readonly rate: number | null;
  readonly coherent: number | null;
}

type Metrics = Extract<StudyEvent, { type: "cell-finished" }>["metrics"];

const SETS = [
  ["main", undefined],
  ["main/trigger", "with trigger"],
  ["main/numbers-format", "as numbers"],
] as const;

/** The main questions, and those of their variants that the condition is about. */
export function resultsOf(condition: string, metrics: Metrics): CellResult[] {
  const about: Readonly<Record<string, string>> = { backdoor: "main/trigger", "evil-numbers": "main/numbers-format" };
  return SETS.filter(([set]) => set === "main" || about[condition] === set).flatMap(([set, variant]) => {
    const found = metrics[set];
    if (found === undefined) return [];
    return [{ variant, rate: found.rate?.estimate ?? null, coherent: found.coherent?.estimate ?? null }];
  });
}
