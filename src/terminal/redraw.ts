/** A few lines at the end of a terminal that are drawn again and again; finished lines scroll away above them. */
import { fit, textWidth } from "../layout/index.js";

const HIDE_CURSOR = "\u001B[?25l";
const SHOW_CURSOR = "\u001B[?25h";
const CLEAR_BELOW = "\r\u001B[J";
const up = (rows: number): string => (rows > 0 ? `\u001B[${rows}A` : "");

export class Redraw {
  #drawn: readonly string[] = [];
  #closed = false;

  constructor(private readonly stream: NodeJS.WriteStream) {
    stream.write(HIDE_CURSOR);
  }

  get width(): number {
    return Math.max(20, this.stream.columns - 1);
  }

  /** Replaces the lines at the bottom. */
  draw(lines: readonly string[]): void {
    if (this.#closed) return;
    const cut = lines.map((line) => fit(line, this.width));
    this.stream.write(`${this.#erase()}${cut.map((line) => `${line}\n`).join("")}`);
    this.#drawn = cut;
  }

  /** Writes lines that stay, above the ones that are drawn. */
  keep(text: string): void {
    if (this.#closed) return;
    const kept = text.split("\n").map((line) => fit(line, this.width));
    const below = this.#drawn.map((line) => `${line}\n`).join("");
    this.stream.write(`${this.#erase()}${kept.map((line) => `${line}\n`).join("")}${below}`);
  }

  /** Removes the drawn lines and gives the cursor back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.stream.write(`${this.#erase()}${SHOW_CURSOR}`);
  }

  /** Terminals wrap lines anew when they get narrower, so rows are counted by the width they have now. */
  #erase(): string {
    const columns = Math.max(1, this.stream.columns);
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
    return `${up(rows)}${CLEAR_BELOW}`;
  }
}
