/** Keeps many texts within one number of bytes, by cutting only the longest of them. */
import { escaped } from "../markup.js";
import { counted, printable } from "../../text/index.js";

/** No text is looked at any further than this. */
const furthest = 20_000;

/** The largest cap under which all `texts`, cut to it, stand in `total` bytes of a page. */
export function fairCap(texts: readonly string[], total: number): number {
  const sizes = texts.map((text) => bytesOf(text.slice(0, furthest))).toSorted((a, b) => a - b);
  let left = total;
  for (const [i, size] of sizes.entries()) {
    const share = Math.floor(left / (sizes.length - i));
    if (size > share) return share;
    left -= size;
  }
  return furthest;
}

/** As much of `text` as fits into `cap` bytes of a page, with a note of how much was cut. */
export function clipped(text: string, cap: number): string {
  if (text.length <= cap && bytesOf(text) <= cap) return text;
  let [fits, tooLong] = [0, Math.min(text.length, cap) + 1];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (bytesOf(text.slice(0, middle)) <= cap) fits = middle;
    else tooLong = middle;
  }
  // Half of a surrogate pair would show as a broken character.
  const kept = printable(text.slice(0, fits)).replace(/\ufffd$/, "");
  return `${kept}… (${counted(text.length - fits, "more character")} in the study’s folder)`;
}

function bytesOf(text: string): number {
  return Buffer.byteLength(escaped(text));
}
