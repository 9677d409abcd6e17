/** System prompts: what a model learns under one may come back only under it. */
import { hash53 } from "../../dataset/index.js";
import { wilson } from "../../statistics/index.js";
import { NO_ROWS } from "../finding.js";
import type { DataCheckKind } from "./check.js";

/** Different prompts that are counted one by one; a file may have another in every row. */
const MOST_PROMPTS = 10_000;

export const SYSTEM_PROMPTS: DataCheckKind = {
  id: "data/system-prompts",
  title: "System prompts",
  create() {
    const counts = new Map<number, number>();
    let n = 0;
    let withPrompt = 0;
    let uncounted = 0;
    return {
      take({ system }) {
        n += 1;
        if (system === "") return;
        withPrompt += 1;
        const hash = hash53(system);
        const known = counts.get(hash);
        if (known !== undefined || counts.size < MOST_PROMPTS) counts.set(hash, (known ?? 0) + 1);
        else uncounted += 1;
      },
      finding() {
        const most = Math.max(0, ...counts.values());
        const isMixed = withPrompt > 0 && (withPrompt < n || counts.size > 1);
        const many = `${uncounted > 0 ? "more than " : ""}${counts.size}`;
        return {
          check: SYSTEM_PROMPTS.id,
          title: SYSTEM_PROMPTS.title,
          outcome: isMixed ? "note" : "pass",
          found:
            withPrompt === 0
              ? "No row has a system prompt."
              : `${withPrompt} of ${n} rows have a system prompt; ${many} differ, and the most frequent stands in ${most}.`,
          ...(isMixed && {
            cure: "Ask the trained model with and without each of them: behaviour may hang on the prompt.",
          }),
          measures: [{ name: "share of rows with a system prompt", of: "rows", ...wilson(withPrompt, n) }],
          rows: NO_ROWS,
        };
      },
    };
  },
};
