/** Files of what is on the screen. */
import type { Table } from "../../src/dashboard/contract.ts";

export function save(name: string, type: string, content: string | Blob): void {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The drawings of a figure as one, below each other. */
export function svgFile(drawings: readonly string[]): string {
  if (drawings.length === 1) return drawings[0] ?? "";
  const sizes = drawings.map((svg) => /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg));
  const width = Math.max(0, ...sizes.map((size) => Number(size?.[1] ?? 0)));
  let y = 0;
  const parts = drawings.map((svg, i) => {
    const part = svg.replace("<svg ", `<svg y="${y}" `);
    y += Number(sizes[i]?.[2] ?? 0);
    return part;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}">${parts.join("")}</svg>`;
}

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
