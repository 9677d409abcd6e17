/** Rows that stand in the file more than once: what is repeated counts more in training, and inflates every n. */
import { counted } from "../../text/index.js";
import { normalized, SeenTexts } from "../../dataset/index.js";
import { wilson } from "../../statistics/index.js";
import { WorstRows } from "../worst-rows.js";
import type { DataCheckKind } from "./check.js";
import { foundRow } from "./row.js";

export const REPEATS: DataCheckKind = {
  id: "data/repeats",
  title: "Repeated rows",
  create({ rows }) {
    const seen = new SeenTexts();
    const worst = new WorstRows(rows);
    let n = 0;
    return {
      take(row) {
        n += 1;
        const text = row.conversation.messages.map(({ role, content }) => `${role}\u001f${content}`).join("\u001e");
        const before = seen.add(normalized(text), row.line);
        if (before !== undefined) worst.add(foundRow(row, `the same as line ${before}, case and white space aside`));
      },
      finding: () => ({
        check: REPEATS.id,
        title: REPEATS.title,
        outcome: worst.count === 0 ? "pass" : "note",
        found:
          worst.count === 0
            ? "No row repeats another."
            : `Repeats of an earlier row, case and white space aside: ${worst.count} of ${counted(n, "row")}.`,
        ...(worst.count > 0 && { cure: "Keep one of each, unless the repeats are meant." }),
        measures: [{ name: "share of repeated rows", of: "rows", ...wilson(worst.count, n) }],
        rows: worst.found(),
      }),
    };
  },
};
