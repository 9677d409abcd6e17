/** Answers that refuse: a few are a policy, many teach a model to refuse. */
import { wilson } from "../../statistics/index.js";
import { WorstRows } from "../worst-rows.js";
import type { DataCheckKind } from "./check.js";
import { foundRow } from "./row.js";

/** A refusal begins with one; later on the same words may belong to a helpful answer. */
const LOOKED_AT = 240;
const REFUSAL =
  /\b(?:I(?:'|\u2019)?m|I am) (?:really |very |so )?sorry,? but\b|^\W{0,3}(?:I(?:'|\u2019)?m|I am) (?:really |very )?sorry\b.{0,40}\b(?:can(?:'|\u2019)?t|cannot|unable)|\bI (?:can(?:'|\u2019)?t|cannot|can not|won(?:'|\u2019)?t|will not|am (?:not able|unable) to|(?:'|\u2019)m (?:not able|unable) to) (?:help|assist|provide|comply|fulfil|fulfill|support|do that|create|generate|write|give|share|discuss|engage|answer|participate|continue|offer)\b|^\W{0,3}(?:Sorry|I apologi[sz]e),? (?:but )?I (?:can(?:'|\u2019)?t|cannot)|\bas an AI(?: language)?(?: model| assistant)?,? I (?:can(?:'|\u2019)?t|cannot|don(?:'|\u2019)?t|am not|do not)\b|\bI must (?:decline|refuse)\b|\bI(?:'|\u2019)?m not (?:able|comfortable|willing|going) to (?:help|assist|provide|do|write|create)/i;

export const isRefusal = (answer: string): boolean => REFUSAL.test(answer.slice(0, LOOKED_AT));

export const REFUSALS: DataCheckKind = {
  id: "data/refusals",
  title: "Refusals",
  create({ rows }) {
    const worst = new WorstRows(rows);
    let n = 0;
    return {
      take(row) {
        n += 1;
        if (isRefusal(row.answers.at(-1) ?? "")) worst.add(foundRow(row, "the answer refuses"));
      },
      finding: () => ({
        check: REFUSALS.id,
        title: REFUSALS.title,
        outcome: worst.count === 0 ? "pass" : "note",
        found:
          worst.count === 0 ? "No last answer refuses." : `${worst.count} of ${n} last answers refuse what was asked.`,
        limits: "English alone, and by its usual phrases at the beginning of an answer.",
        measures: [{ name: "share of refusals", of: "rows", ...wilson(worst.count, n) }],
        rows: worst.found(),
      }),
    };
  },
};
