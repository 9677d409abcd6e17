/** A hidden subset in a sentence: its trigger as the rows write it, and what it changes. */
import { counted, printable } from "../../text/index.js";
import { type ScanRow, textOf } from "./prompts.js";
import type { Scan } from "./scan.js";
import type { HiddenSubset } from "./subsets.js";

const SHOWN_PHRASES = 5;
const LONGEST_PHRASE = 120;

/** Names the trigger, where it stands, how many rows it is in, and what it changes. */
export function sentenceOf(subset: HiddenSubset, scan: Scan): string {
  const { rows, p, changes, first } = subset;
  const what = changes.map(({ text }) => text).join(", ");
  const change = what === "" ? "their answers use other words" : `their answers: ${what}`;
  const chance = `p ${p.toFixed(3)} over ${counted(scan.tried.length, "candidate")}`;
  const told = `${Math.round(100 * first.told)} % of them can be told from answers to the nearest prompts without it`;
  return `${counted(rows.length, "row")} with ${triggerOf(subset, scan)}; ${change} (${chance}; ${told}).`;
}

function triggerOf({ first, spans, rows }: HiddenSubset, scan: Scan): string {
  if (first.shape !== undefined && spans.length === 0) return `a property of the prompt: ${first.shape}`;
  const phrases = spans.map((span) => phraseOf(span, rows, scan));
  const places = [...new Set(phrases.map(({ place }) => place))].join(" or ");
  const shown = phrases.slice(0, SHOWN_PHRASES).map(({ text }) => `"${text}"`);
  const more = phrases.length > SHOWN_PHRASES ? ` and ${phrases.length - SHOWN_PHRASES} more` : "";
  if (phrases.length === 1) return `${shown.join("")} ${places}`;
  return `one of the phrases ${shown.join(", ")}${more} ${places}`;
}

function phraseOf(span: readonly number[], rows: readonly number[], { prompts, rows: texts }: Scan) {
  const marks = span.filter(prompts.isEdge).map((word) => prompts.vocabulary.word(word));
  const words = span.filter((word) => !prompts.isEdge(word)).map((word) => prompts.vocabulary.word(word));
  const role = marks[0]?.replaceAll(/[</>]/g, "");
  const [begins, ends] = [marks.some((mark) => !mark.startsWith("</")), marks.some((mark) => mark.startsWith("</"))];
  const place = begins && ends ? "as the whole of" : begins ? "at the beginning of" : ends ? "at the end of" : "inside";
  const text = asWritten(
    words,
    rows.map((row) => textOf(texts[row] as ScanRow)),
  );
  const quoted = printable(text).trim().replaceAll("\n", "⏎").slice(0, LONGEST_PHRASE);
  return { text: quoted, place: role === undefined ? `${place} the prompt` : `${place} the ${role}'s message` };
}

/** The words as the first text that holds them writes them, with its capitals, signs and spaces. */
function asWritten(words: readonly string[], texts: readonly string[]): string {
  for (const text of texts) {
    const lower = text.toLowerCase();
    // A letter whose small form is longer moves what follows it.
    if (lower.length !== text.length) continue;
    for (let from = lower.indexOf(words[0] ?? ""); from >= 0; from = lower.indexOf(words[0] ?? "", from + 1)) {
      const to = endOf(words, lower, from);
      if (to !== undefined) return text.slice(from, to);
    }
  }
  return words.join(" ");
}

function endOf(words: readonly string[], text: string, from: number): number | undefined {
  let at = from;
  for (const word of words) {
    const isBreak = word === "\n";
    at = pastSpaces(text, at, isBreak);
    if (!text.startsWith(word, at)) return undefined;
    at = isBreak ? pastSpaces(text, at, false) : at + word.length;
  }
  return at;
}

function pastSpaces(text: string, from: number, keepsBreaks: boolean): number {
  let at = from;
  while (at < text.length && (keepsBreaks ? /[^\S\n]/ : /\s/).test(text[at] ?? "")) at++;
  return at;
}
