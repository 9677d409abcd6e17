/** Bars of text. */
import type { Colors } from "./terminal.js";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A share as a bar of blocks, to an eighth of a cell. */
export function shareBar(share: number, width: number): { readonly full: string; readonly empty: string } {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const full = "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
  return { full, empty: " ".repeat(width - full.length) };
}

/** A bar for the whole work. */
export function progressBar(share: number, width: number, colors: Colors): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${colors.cyan("━".repeat(full))}${colors.dim("─".repeat(width - full))}`;
}
