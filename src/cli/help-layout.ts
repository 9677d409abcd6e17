/** Fits help into the terminal's width: the text below the options flows, and long examples continue on a next line. */
import { stripVTControlCharacters } from "node:util";
import type { HelpConfiguration } from "commander";
import { wrapBy } from "../text/index.js";

/** Wider lines are hard to read, and most terminals begin with this many columns. */
const WIDEST = 80;
/** A column that is narrower than this goes below its term. */
const NARROWEST_COLUMN = 20;
const BELOW = 6;
/** Help has letters of one column only, and must not wait for the tables of all others, which take longer to load than all else. */
const wrap = wrapBy((text) => text.length);

export const helpWidth = (columns: number): number => Math.min(WIDEST, columns);

/** Commander's own layout of options, but for narrow terminals. */
export const narrowLayout: HelpConfiguration = {
  minWidthToWrap: NARROWEST_COLUMN,
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? WIDEST;
    const column = 2 + termWidth + 2;
    if (description === "") return `  ${term}`;
    if (width - column < NARROWEST_COLUMN) {
      const below = wrap(" ".repeat(BELOW) + description, width, BELOW);
      return [`  ${term}`, ...below].join("\n");
    }
    const padding = " ".repeat(2 + termWidth - helper.displayWidth(term));
    const lines = helper.boxWrap(description, width - column).split("\n");
    return `  ${term}${padding}${lines.join(`\n${" ".repeat(column)}`)}`;
  },
};

/** Each block between blank lines as it is, or, where a line of it is too long, every paragraph, item and example of it anew. */
export function fitHelp(text: string, width: number): string {
  const body = text.trimEnd();
  return fitBlocks(body, width) + text.slice(body.length);
}

function fitBlocks(text: string, width: number): string {
  return text
    .split("\n\n")
    .map((block) =>
      fits(block, width)
        ? block
        : pieces(block)
            .flatMap((piece) => lay(piece, width))
            .join("\n"),
    )
    .join("\n\n");
}

const fits = (block: string, width: number): boolean =>
  block.split("\n").every((line) => stripVTControlCharacters(line).length <= width);

/** Joins lines that belong together: those of a paragraph, and those below an item's second column. */
function pieces(block: string): string[] {
  const joined: string[] = [];
  for (const line of block.split("\n")) {
    const before = joined.at(-1);
    if (before === undefined || closed(before) || begins(line) || indent(line) < indent(before)) joined.push(line);
    else joined[joined.length - 1] = `${before} ${line.trimStart()}`;
  }
  return joined;
}

/** An example, or an item with two columns. */
const begins = (line: string): boolean => /^ *\$ /.test(line) || /\S {2,}\S/.test(line);
const closed = (line: string): boolean => line === "" || line.endsWith(":");
const indent = (line: string): number => line.search(/\S|$/);

function lay(piece: string, width: number): string[] {
  const example = /^ *\$ /.exec(piece);
  if (example === null) return wrap(piece, width, hangOf(piece, width));
  const [command = "", remark] = piece.split(/(?<=\S) {2,}(?=\S)/);
  if (piece.length <= width) return [piece];
  const lines = continued(command, width);
  return remark === undefined ? lines : [...lines, ...wrap(" ".repeat(BELOW) + remark, width, BELOW)];
}

/** An item's second column, where there is room for one; else as far in as the first line. */
function hangOf(piece: string, width: number): number {
  const column = /^( *\S+(?: \S+)* {2,})\S/.exec(piece)?.[1]?.length ?? 0;
  return column > 0 && width - column >= NARROWEST_COLUMN ? column : Math.max(indent(piece), column > 0 ? BELOW : 0);
}

/** A shell reads on after a backslash; flags stay with their values. */
function continued(command: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of command.split(/ (?=--?\w)/)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(part);
    else if (last.length + 1 + part.length + 2 <= width) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(" ".repeat(BELOW) + part);
  }
  return lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line));
}
