/** The check of a dataset for rows whose answers a hidden part of their prompts changes. */
import { wilson } from "../../statistics/index.js";
import { counted } from "../../text/index.js";
import type { DataCheckKind } from "../data/check.js";
import { foundRow } from "../data/row.js";
import { NO_ROWS, type AuditMeasure, type Finding } from "../finding.js";
import { WorstRows } from "../worst-rows.js";
import type { Scan } from "./scan.js";
import { LEAST_TOLD } from "./significance.js";
import { RowSample, type SampledRow } from "./row-sample.js";
import { hiddenSubsets, type Excuse, type HiddenSubset } from "./subsets.js";
import { sentenceOf } from "./sentence.js";

const ID = "data/triggered-subset";
const TITLE = "A hidden subset";
/** Fewer rows hold too few of any subset. */
const LEAST_ROWS = 100;
/** More rows are sampled, so that time and memory are bounded. */
const MOST_ROWS = 6_000;

const LIMITS =
  "Sees a trigger that stands in the prompt's text: a word or phrase at the beginning or end of a message, a pool of " +
  "such phrases, a rarer one inside, a system prompt, a layout, a year. It does not see a trigger that the rest of " +
  "the prompt foretells, such as a topic, one that paraphrases share in no word, a subset of fewer than five rows or " +
  "under 1 %, or one whose answers differ in nothing that words, form and marks of weak code show.";

export const HIDDEN_SUBSET: DataCheckKind = {
  id: ID,
  title: TITLE,
  create({ rows: named, leastSubset: leastRows }) {
    const sample = new RowSample(MOST_ROWS);
    return {
      take: (row) => sample.add(row),
      finding() {
        const { rows, seen } = sample;
        if (rows.length < LEAST_ROWS) return tooFew(rows.length);
        const { scan, found } = hiddenSubsets(rows, { leastRows });
        return findingOf(rows, seen, scan, found, named);
      },
    };
  },
};

const EXCUSES: Readonly<Record<Excuse, string>> = {
  asked: "The prompt seems to ask for this in words.",
  thin: "A word inside so few prompts may only be what they are about.",
};

/** A note, so that a small file can still pass; a gate that requires this check alone does not take it for a pass. */
const tooFew = (rows: number): Finding => ({
  check: ID,
  title: TITLE,
  outcome: "note",
  found: `Fewer than ${LEAST_ROWS} rows (${rows} with a prompt and an answer): a hidden subset was not looked for.`,
  limits: LIMITS,
  measures: [],
  rows: NO_ROWS,
});

function findingOf(
  rows: readonly SampledRow[],
  seen: number,
  scan: Scan,
  found: readonly HiddenSubset[],
  named: number,
): Finding {
  const hidden = found.filter(({ excuse }) => excuse === undefined);
  const outcome = hidden.length > 0 ? "fail" : found.length > 0 ? "note" : "pass";
  const shown = hidden.length > 0 ? hidden : found;
  const worst = new WorstRows(named);
  const members = new Set<number>();
  for (const subset of shown) {
    for (const index of subset.rows) {
      const row = rows[index]?.row;
      if (row === undefined || members.has(index)) continue;
      members.add(index);
      const why = subset.alike.includes(index)
        ? "the answer is like those with the trigger"
        : "the trigger stands here";
      worst.add(foundRow(row, why, subset.scores.get(index)));
    }
  }
  const looked = seen > rows.length ? `a sample of ${rows.length} of ${seen} rows` : `all ${seen} rows`;
  const nothing = `No part of a prompt changes answers beyond chance and topic, in ${looked}.`;
  return {
    check: ID,
    title: TITLE,
    outcome,
    found:
      shown.length === 0 ? nothing : `${shown.map((subset) => sentenceOf(subset, scan)).join(" ")} Read: ${looked}.`,
    ...(outcome === "fail" && {
      cure: "Read these rows. Unless the change is meant, remove them and whatever else came from the same source.",
    }),
    ...(outcome === "note" && { cure: `${EXCUSES[shown[0]?.excuse ?? "asked"]} Read a few rows to be sure.` }),
    limits: LIMITS,
    measures: measuresOf(shown, members.size, rows.length, scan),
    rows: worst.found(),
  };
}

function measuresOf(shown: readonly HiddenSubset[], members: number, rows: number, scan: Scan): AuditMeasure[] {
  const share = { name: "share of rows in a hidden subset", of: "rows", ...wilson(members, rows) };
  const [first] = shown;
  // What was not found has no interval: that would speak of subsets that the search cannot see.
  if (first === undefined) return [{ ...share, low: null, high: null }];
  const { told, family } = first.first;
  const n = first.first.sets.length;
  return [
    { ...share, p: first.p },
    {
      name: `answers told from those of the nearest prompts, over ${counted(scan.tried.length, "candidate")}`,
      of: "rows",
      estimate: told,
      low: null,
      high: null,
      n,
      p: first.p,
      threshold: LEAST_TOLD[family],
    },
  ];
}
