/** Files of what is on the screen. */
import type { Figure, Table } from "../../src/dashboard/contract.ts";

export function save(name: string, type: string, content: string | Blob): void {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A figure as one drawing: its heading and its key above its drawings, which say little without them. */
export function svgFile({ heading, key, wide }: Pick<Figure, "heading" | "key" | "wide">): string {
  const sizes = wide.map((svg) => /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg));
  const width = Math.max(0, ...sizes.map((size) => Number(size?.[1] ?? 0)));
  const title = `<text x="${EDGE}" y="22" font-size="16" font-weight="600">${escaped(heading)}</text>`;
  const { parts: signs, bottom } = placedKey(key, width);
  let y = bottom;
  const parts = wide.map((svg, i) => {
    const part = svg.replace("<svg ", `<svg y="${y}" `);
    y += Number(sizes[i]?.[2] ?? 0);
    return part;
  });
  const root = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}"`;
  return `${root} font-family="${FONT}" font-size="${SIZE}">${[title, ...signs, ...parts].join("")}</svg>`;
}

const FONT = "Helvetica Neue, Arial, sans-serif";
const SIZE = 13;
/** Pixels from the drawing's edge, of a sign with the space behind it, between entries, and of a line of them. */
const [EDGE, SIGN, BETWEEN, LINE] = [8, 22, 18, 22];

/** The entries in lines, as many in each as the width takes. */
function placedKey(key: Figure["key"], width: number): { readonly parts: readonly string[]; readonly bottom: number } {
  const context = document.createElement("canvas").getContext("2d");
  if (context !== null) context.font = `${SIZE}px ${FONT}`;
  let [x, y] = [EDGE, 34];
  const parts = key.map(({ svg, text }) => {
    const wide = SIGN + (context?.measureText(text).width ?? 7 * text.length);
    if (x > EDGE && x + wide > width) [x, y] = [EDGE, y + LINE];
    const sign = svg.replace("<svg ", `<svg x="${x}" y="${y}" `);
    const part = `${sign}<text x="${x + SIGN}" y="${y + 12}">${escaped(text)}</text>`;
    x += wide + BETWEEN;
    return part;
  });
  return { parts, bottom: key.length === 0 ? 34 : y + LINE + 8 };
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Twice the drawing's size, on white. */
export async function saveAsPng(name: string, svg: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * image.width, 2 * image.height];
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (png !== null) save(name, "image/png", png);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A table that begins a cell with a sign would be a formula to a spreadsheet. */
const cell = (text: string): string => {
  const plain = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};

export const csvOf = ({ headings, rows }: Table): string =>
  [headings, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
