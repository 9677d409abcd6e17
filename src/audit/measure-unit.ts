/** The unit that a measure is shown in. Shares are the usual ones, rates among them; what else there is says so in its name. */
import type { AuditMeasure } from "./finding.js";

export const unitOf = ({ name }: Pick<AuditMeasure, "name">): "share" | "number" =>
  /\b(?:shares?|rates?)\b/.test(name) ? "share" : "number";
