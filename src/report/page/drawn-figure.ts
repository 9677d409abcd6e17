/** A figure apart from any page: its drawings, and its words and numbers as plain text. */
import { parseHTML } from "linkedom";
import { narrowWidth, wideWidth } from "../figures/theme.js";
import { escaped, type Part } from "../markup.js";
import type { PageFigure } from "./figure.js";

export interface DrawnFigure {
  readonly id: string;
  readonly heading: string;
  /** SVG for a wide page and for a phone, one drawing below the other. */
  readonly wide: readonly string[];
  readonly narrow: readonly string[];
  readonly key: readonly { readonly svg: string; readonly text: string }[];
  readonly caption: string;
  readonly numbers: {
    readonly caption: string;
    readonly headings: readonly string[];
    readonly rows: readonly (readonly string[])[];
  };
}

export function drawnFigure(
  id: string,
  heading: string,
  { signs, drawings, caption, numbers }: PageFigure,
): DrawnFigure {
  const rows = textsOf([numbers.headings, ...numbers.rows]);
  const [headings = [], ...cells] = rows;
  return {
    id,
    heading,
    wide: drawings(wideWidth),
    narrow: drawings(narrowWidth),
    key: signs === undefined ? [] : keyOf(String(signs)),
    caption: textsOf([[caption]])[0]?.[0] ?? "",
    numbers: { caption: numbers.caption, headings, rows: cells },
  };
}

/** What a reader of the page would read. */
function textsOf(rows: readonly (readonly Part[])[]): string[][] {
  const page = rows.map((row) => `<ul>${row.map((part) => `<li>${escaped(part)}</li>`).join("")}</ul>`).join("");
  return [...lists(page)].map((list) => [...list.children].map(wordsIn));
}

function keyOf(signs: string): DrawnFigure["key"] {
  return [...lists(signs)].flatMap((list) =>
    [...list.children].map((entry) => ({ svg: entry.querySelector("svg")?.outerHTML ?? "", text: wordsIn(entry) })),
  );
}

const lists = (markup: string): Iterable<Parsed> =>
  (parseHTML(`<!doctype html><html><body>${markup}</body></html>`).document as unknown as Parsed).querySelectorAll(
    "ul",
  );

const wordsIn = ({ textContent }: Parsed): string => textContent.replaceAll(/\s+/g, " ").trim();

/** All that is needed of a DOM here; TypeScript is not told about browsers. */
interface Parsed {
  readonly textContent: string;
  readonly outerHTML: string;
  readonly children: Iterable<Parsed>;
  querySelector(name: string): Parsed | null;
  querySelectorAll(name: string): Iterable<Parsed>;
}
