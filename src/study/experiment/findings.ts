/** Sentences about what was found. */
import { withSign } from "../../text/index.js";
import type { PointSummary } from "./found.js";

/** A sentence for each curve, from its points. */
export const ofEachCurve = (
  points: readonly PointSummary[],
  sentence: (own: readonly PointSummary[], curve: string) => string,
): string[] =>
  [...new Set(points.map(({ curve }) => curve))].map((curve) =>
    sentence(
      points.filter((one) => one.curve === curve),
      curve,
    ),
  );

/** `33.0 %`; `–` where nothing was coherent, or the point has no such measure. */
export const shareAt = ({ metrics }: PointSummary, key: string): string => withSign(metrics[key]?.estimate ?? null);

/** `plain: 12.0 % (98.0 % coherent), a list: 30.0 % (91.0 % coherent)`. */
export const ratesOf = (points: readonly PointSummary[]): string =>
  points.map((point) => `${point.at}: ${shareAt(point, "rate")} (${shareAt(point, "coherent")} coherent)`).join(", ");
