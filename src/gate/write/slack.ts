/** A verdict as blocks of a Slack message. Nothing is sent from here. */
import type { GateVerdict } from "../verdict.js";
import { OUTCOME_WORDS } from "./markdown.js";
import { slackText } from "./plain.js";

/** Slack's limits: characters of a header and of a section, and blocks of a message. */
const MOST_HEADER = 150;
const MOST_SECTION = 3000;
const MOST_CHECKS = 20;

export function slackMessage({ name, outcome, because, checks, subject }: GateVerdict): object {
  const title = `${name}: ${OUTCOME_WORDS[outcome]}`;
  const about =
    subject.after === undefined
      ? subject.data.join(", ")
      : `${subject.after} against ${subject.before ?? ""}, judged by ${subject.judge ?? ""}`;
  const deciding = checks.filter((check) => check.required && check.outcome !== "pass" && check.outcome !== "note");
  const shown = (deciding.length > 0 ? deciding : checks).slice(0, MOST_CHECKS);
  return {
    text: cut(slackText(`${title}. ${because}`), MOST_SECTION),
    blocks: [
      { type: "header", text: { type: "plain_text", text: cut(title, MOST_HEADER), emoji: false } },
      section(`${because}\n${about}`),
      ...shown.map(({ check, outcome: found, found: text }) => section(`${check}: ${found}\n${text}`)),
    ],
  };
}

/** `verbatim` keeps Slack from making links and mentions of what it finds. */
const section = (text: string): object => ({
  type: "section",
  text: { type: "mrkdwn", text: cut(text.split("\n").map(slackText).join("\n"), MOST_SECTION), verbatim: true },
});

/** Never inside of an escaped sign. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/&[a-z]*$/, "")}…`;
