/** Draws an Observable Plot as a self-contained, labelled SVG, with no browser. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escaped } from "../markup.js";
import { fontSize } from "./theme.js";

export interface FigureOptions {
  /** Of the drawing in pixels; under 560 the figure is laid out for a phone. Default 720. */
  readonly width?: number;
}

export interface Labels {
  /** Starts every id in the drawing, so that several can stand on one page. */
  readonly id: string;
  /** What is shown, for those who do not see it: becomes `<title>` and `<desc>`. */
  readonly title: string;
  readonly description: string;
}

/** What this file needs of a DOM node; TypeScript is not told about browsers here. */
interface DrawnNode {
  readonly nodeType: number;
  readonly localName: string;
  readonly textContent: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly childNodes: Iterable<DrawnNode>;
}

export function draw(labels: Labels, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const style = { fontSize: `${fontSize}px` };
  const svg = Plot.plot({ ...options, document, style, figure: false }) as unknown as DrawnNode;
  const { width, height } = Object.fromEntries([...svg.attributes].map((a) => [a.name, a.value]));
  const id = `${labels.id}-${width}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`,
    ` aria-labelledby="${escaped(id)}-title" aria-describedby="${escaped(id)}-desc" fill="currentColor" font-size="${fontSize}"`,
    ` font-family="Helvetica Neue, Arial, sans-serif" text-anchor="middle" style="display:block;max-width:100%;height:auto">`,
    `<title id="${escaped(id)}-title">${escaped(labels.title)}</title>`,
    `<desc id="${escaped(id)}-desc">${escaped(labels.description)}</desc>`,
    ...[...svg.childNodes].map(serialize),
    "</svg>",
  ].join("");
}

/** Plot's own style sheet and labels are left out (the drawing is one image), and numbers are rounded. */
function serialize(node: DrawnNode): string {
  if (node.nodeType === 3) return escaped(node.textContent);
  if (node.nodeType !== 1 || node.localName === "style") return "";
  const attributes = [...node.attributes]
    .filter(({ name }) => !name.startsWith("aria-"))
    .map(({ name, value }) => ` ${name}="${escaped(positions.has(name) ? rounded(value) : value)}"`);
  const inside = [...node.childNodes].map(serialize).join("");
  return `<${node.localName}${attributes.join("")}${inside ? `>${inside}</${node.localName}>` : "/>"}`;
}

const positions = new Set(["d", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"]);

function rounded(value: string): string {
  return value.replaceAll(/-?\d+\.\d+(?!\d*em)/g, (n) => String(Math.round(Number(n) * 10) / 10));
}
