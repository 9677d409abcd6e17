/** Texts of files, models and servers, made harmless for the formats that they are put into. */
import { printable } from "../../text/index.js";

/** On one line, without what moves a cursor or turns the reading order. */
export const oneLine = (text: string): string => printable(text).replaceAll(/[\n\t\u2028\u2029]+/g, " ");

/**
 * For XML 1.0: what it forbids altogether is shown as a sign, the rest is escaped. Line breaks are kept as references, so
 * that they survive in attributes.
 */
export const xmlText = (text: string): string =>
  printable(text)
    .replaceAll(/[\ufffe\uffff]/g, "\ufffd")
    .replaceAll(/[<>&"'\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** For Markdown, where every sign that could begin a link, an image, a tag, a table cell or a mention is escaped. */
export const markdownText = (text: string): string =>
  oneLine(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_{}[\]()#+!|~>$^=]/g, (sign) => `\\${sign}`)
    // Hosts make links of addresses and mentions of names that nothing marks.
    .replaceAll("@", "&#64;")
    .replaceAll("://", "&#58;//")
    .replaceAll(/\bwww\./gi, (found) => `${found.slice(0, 3)}&#46;`)
    .replace(/^(\s*)([-:])/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, "$1\\$2");

/** For Slack, which knows three signs. */
export const slackText = (text: string): string =>
  oneLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Logs of GitHub Actions take a line that begins with `::` or holds `##[` for a command. */
export const logText = (text: string): string =>
  text.replaceAll(/^(\s*)::/gm, "$1:\u200b:").replaceAll("##[", "##\u200b[");
