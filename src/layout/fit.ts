/** Cuts a line to a width, and says by an ellipsis that it was cut. */
import { textWidth } from "./width.js";

// oxlint-disable-next-line no-control-regex -- colour codes begin with one
const COLOUR = /(\u001B\[[\d;]*m)/;
const letters = new Intl.Segmenter();

/** Colour codes stay, so that what follows has the colour that it should have. */
export function fit(line: string, width: number): string {
  if (textWidth(line) <= width) return line;
  let left = width - 1;
  let kept = "";
  for (const part of line.split(COLOUR)) {
    if (COLOUR.test(part)) {
      kept += part;
      continue;
    }
    for (const { segment } of letters.segment(part)) {
      left -= textWidth(segment);
      if (left < 0) break;
      kept += segment;
    }
  }
  return `${kept}…`;
}
