/** The card of one latent, in a terminal: what it tells, what it promotes, and the texts that have most of it. */
import type { LatentCard } from "../../persona/index.js";
import { colorsOf, hasColor, widthOf, type Colors } from "../../terminal/index.js";
import { wrap, textWidth } from "../../layout/index.js";
import { printable } from "../../text/index.js";
import { aurocBars } from "./auroc-bars.js";

/** Ends with a newline. `name` says which autoencoder it belongs to. */
export function cardPage(card: LatentCard, name: string): string {
  const { stdout } = process;
  const colors = colorsOf(stdout);
  const { bold, dim } = colors;
  const width = Math.min(widthOf(stdout), 110);
  const section = (title: string, note: string, shown = note.length): string[] =>
    title.length + 2 + shown <= width
      ? [`${bold(title)}  ${dim(note)}`]
      : [bold(title), ...wrap(note, width - 2).map((line) => `  ${dim(line)}`)];
  const lines = [
    `${bold(`latent ${card.latent}`)}  ${dim(name)}`,
    card.frequency === 0 ? "active nowhere in the documents that were read" : `active on ${often(card.frequency)}`,
    "",
    ...section("promotes", "tokens whose logits it raises most"),
    ...wrap(card.promotes.map(([token, by]) => `${word(token)} ${by.toFixed(2)}`).join(" · "), width - 2).map(
      (line) => `  ${line}`,
    ),
    "",
    ...section("tells", "AUROC of its mean over an answer's tokens, against all other answers"),
    ...aurocBars(card.auroc, width, colors),
  ];
  if (card.top.length > 0) {
    const painter = hasColor(stdout) ? inColor(colors) : inTenths;
    const { legend, legendWidth } = painter;
    lines.push("", ...section("most active texts", legend, legendWidth), ...texts(card, width, colors, painter));
  }
  return `${lines.join("\n")}\n`;
}

const often = (share: number): string =>
  share < 0.001
    ? `one token in ${Math.round(1 / share).toLocaleString("en")}`
    : `${(100 * share).toFixed(1)} % of tokens`;

const word = (token: string): string => printable(token).trim() || JSON.stringify(token);

interface Painter {
  readonly legend: string;
  readonly legendWidth: number;
  /** `share` of the strongest activation; the visible text may grow, and is given too. */
  readonly paint: (text: string, share: number) => { readonly seen: string; readonly painted: string };
}

const inColor = ({ yellow, bold, bgYellow, black }: Colors): Painter => {
  const style = (share: number): ((text: string) => string) => {
    if (share >= 0.75) return (text) => bgYellow(black(text));
    if (share >= 0.4) return (text) => bold(yellow(text));
    return share > 0 ? yellow : (text) => text;
  };
  return {
    legend: `${yellow("active")}, ${bold(yellow("from .4"))} and ${bgYellow(black("from .75"))} of the strongest`,
    legendWidth: "active, from .4 and from .75 of the strongest".length,
    paint: (text, share) => {
      const [, before = "", core = "", after = ""] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? [];
      return { seen: text, painted: `${before}${style(share)(core)}${after}` };
    },
  };
};

/** Without colour, `word⁷` marks seven tenths of the strongest activation. */
const inTenths: Painter = {
  legend: "word⁷ has seven tenths of the strongest",
  legendWidth: 39,
  paint: (text, share) => {
    const tenths = share > 0 ? Math.max(1, Math.round(10 * share)) : 0;
    const seen = tenths === 0 ? text : text.replace(/(\s*)$/, `${superscript(tenths)}$1`);
    return { seen, painted: seen };
  },
};

const superscript = (n: number): string => Array.from(String(n), (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");

function texts({ top }: LatentCard, width: number, { dim }: Colors, painter: Painter): string[] {
  const strongest = top[0]?.peak ?? 1;
  return top.flatMap(({ label, peak, tokens, activations }, i) => {
    const pieces = tokens.map((token, at) => painter.paint(printable(token), (activations[at] as number) / strongest));
    return [
      ...(i === 0 ? [] : [""]),
      `  ${dim(`${label === undefined ? "" : `${printable(label)}, `}${peak.toFixed(2)}`)}`,
      ...flow(pieces, width - 4),
    ];
  });
}

/** Breaks between tokens, so that what is painted stays whole. */
function flow(pieces: readonly { readonly seen: string; readonly painted: string }[], width: number): string[] {
  const lines: string[] = [];
  let [line, used] = ["", 0];
  for (const { seen, painted } of pieces) {
    if (used > 0 && used + textWidth(seen.trimEnd()) > width) {
      lines.push(line);
      [line, used] = ["", 0];
    }
    const starts = used === 0;
    line += starts ? painted.trimStart() : painted;
    used += textWidth(starts ? seen.trimStart() : seen);
  }
  return [...lines, line].map((each) => `    ${each.trimEnd()}`);
}
