/** A check that looks for kinds of things in every row, and counts the rows that hold one. */
import { wilson } from "../../statistics/index.js";
import { counted } from "../../text/index.js";
import type { Outcome } from "../finding.js";
import { WorstRows } from "../worst-rows.js";
import type { DataCheckKind } from "./check.js";
import { foundRow, type AuditRow } from "./row.js";

/** Names of licences come from the rows, so that their number must be bounded. */
const MOST_KINDS = 20;

/** Every text of a conversation, whoever wrote it. */
export const inEveryMessage =
  (kindsIn: (text: string) => readonly string[]) =>
  ({ conversation }: AuditRow): string[] =>
    conversation.messages.flatMap(({ content }) => kindsIn(content));

export interface KindsCheck {
  readonly id: string;
  readonly title: string;
  readonly kindsIn: (row: AuditRow) => readonly string[];
  /** Where a row holds one of them. */
  readonly outcome: Extract<Outcome, "fail" | "note">;
  /** `share of rows with a secret`. */
  readonly share: string;
  /** The finding where no row holds one. */
  readonly none: string;
  /** Follows the number of rows: `may hold personal data`. */
  readonly some: string;
  readonly cure?: string;
  readonly limits?: string;
}

export const kindsCheck = ({
  id,
  title,
  kindsIn,
  outcome,
  share,
  none,
  some,
  cure,
  limits,
}: KindsCheck): DataCheckKind => ({
  id,
  title,
  create({ rows }) {
    const worst = new WorstRows(rows);
    const kinds = new Map<string, number>();
    let n = 0;
    return {
      take(row) {
        n += 1;
        const found = new Set(kindsIn(row));
        if (found.size === 0) return;
        for (const name of found) {
          if (kinds.has(name) || kinds.size < MOST_KINDS) kinds.set(name, (kinds.get(name) ?? 0) + 1);
        }
        worst.add(foundRow(row, [...found].join(", ")));
      },
      finding() {
        const each = [...kinds].map(([name, many]) => `${name} (${many})`).join(", ");
        return {
          check: id,
          title,
          outcome: worst.count === 0 ? "pass" : outcome,
          found: worst.count === 0 ? none : `${counted(worst.count, "row")} ${some}: ${each}.`,
          ...(worst.count > 0 && cure !== undefined && { cure }),
          ...(limits !== undefined && { limits }),
          measures: [{ name: share, of: "rows", ...wilson(worst.count, n) }],
          rows: worst.found(),
        };
      },
    };
  },
});
