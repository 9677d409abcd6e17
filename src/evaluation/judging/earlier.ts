/** How the judgments of a file that is carried on were made. */
import type { StoredJudgment } from "./judge-stored.js";

/** How a judge scored what is there already. */
export interface Earlier {
  readonly scoring: string;
  /** By at least one number. */
  readonly isScored: boolean;
}

export function noteScoring(earlier: Map<string, Earlier>, { judge, scoring, rulings }: Partial<StoredJudgment>): void {
  if (judge === undefined || scoring === undefined) return;
  const known = earlier.get(judge);
  if (known?.isScored === true) return;
  const isScored = Object.values(rulings ?? {}).some((ruling) => ruling?.outcome === "score");
  earlier.set(judge, { scoring, isScored });
}
