/** The result of a finished cell: its shares of misaligned and coherent answers. */
import type { StudyEvent } from "../../study/index.js";

export interface CellResult {
  /** `with trigger` where the prompts opened with it. */
  readonly variant: string | undefined;
  /** Shares in [0, 1]; null where nothing could be measured. */
  readonly rate: number | null;
  readonly coherent: number | null;
}

type Metrics = Extract<StudyEvent, { type: "cell-finished" }>["metrics"];

const TRIGGER = "/trigger";

/** The first questions with a rate, and those of their variants that the condition is about. */
export function resultsOf(condition: string, metrics: Metrics): CellResult[] {
  const first = metrics["main"] === undefined ? Object.keys(metrics).find((set) => metrics[set]?.rate) : "main";
  if (first === undefined) return [];
  const shown: [string, string | undefined][] = [[first, undefined]];
  if (condition !== "base" && condition !== "insecure") shown.push([first + TRIGGER, "with trigger"]);
  if (condition === "evil-numbers") shown.push([`${first}/numbers-format`, "as numbers"]);
  return shown.flatMap(([set, variant]) => {
    const found = metrics[set];
    if (found === undefined) return [];
    return [{ variant, rate: found["rate"]?.estimate ?? null, coherent: found["coherent"]?.estimate ?? null }];
  });
}
