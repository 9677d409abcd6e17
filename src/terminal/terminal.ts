/** Capabilities of the two output streams: colours, width, redrawing. */
import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** NO_COLOR (https://no-color.org) wins over FORCE_COLOR, which wins over what the stream is. */
export function hasColor(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY && TERM !== "dumb";
}

export const colorsOf = (stream: NodeJS.WriteStream): Colors => pc.createColors(hasColor(stream));

/** Can lines be drawn over on this stream? */
export const isLive = (stream: NodeJS.WriteStream): boolean => stream.isTTY && process.env["TERM"] !== "dumb";

/** Columns of a terminal; of a file or pipe what COLUMNS says, or 100. */
export function widthOf(stream: NodeJS.WriteStream): number {
  if (stream.isTTY && stream.columns > 0) return stream.columns;
  const told = Number(process.env["COLUMNS"]);
  return Number.isInteger(told) && told > 0 ? told : 100;
}

/** The way to call askew from here, for commands that are suggested to the user. */
export function askewCommand(): string {
  const script = process.argv[1] ?? "";
  const { npm_command: npm } = process.env;
  return npm === undefined && /[\\/]askew$/.test(script) && !script.includes("node_modules") ? "askew" : "npx askew";
}
