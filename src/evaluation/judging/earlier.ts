/** How the judgments of a file that is carried on were scored. */

/** What a row of judgments says of it. */
interface Scored {
  readonly judge?: string;
  readonly scoring?: string;
  readonly rulings?: Readonly<Record<string, { readonly outcome: string }>>;
}

export interface Earlier {
  readonly scoring: string;
  /** By at least one number. */
  readonly isScored: boolean;
}

export function noteScoring(earlier: Map<string, Earlier>, { judge, scoring, rulings }: Scored): void {
  if (judge === undefined || scoring === undefined) return;
  const known = earlier.get(judge);
  if (known?.isScored === true) return;
  const isScored = Object.values(rulings ?? {}).some((ruling) => ruling.outcome === "score");
  earlier.set(judge, { scoring, isScored });
}
