/** Commands inside the chat: lines that begin with a slash. */
import { UsageError } from "../text/index.js";
import type { ChatConversation } from "./conversation.js";
import { drawExamples, type Example } from "./examples.js";
import { tally } from "./verdict.js";
import type { Voice } from "./voice.js";
import { padEnd, textWidth } from "../layout/index.js";

/** The state that a command acts on. */
export interface Commanded {
  readonly conversation: ChatConversation;
  readonly voice: Voice;
  /** The prompts behind `/1`, `/2`, …. */
  examples: readonly Example[];
  /** Set to leave. */
  ended: boolean;
  /** True if the model knows every word; complains otherwise. The line was `command` and the text. */
  knows(text: string, command?: string): boolean;
}

interface ChatCommand {
  readonly name: string;
  readonly values?: string;
  readonly about: string;
  /** False where it could not be followed. */
  run(chat: Commanded, rest: string, signal: AbortSignal): void | boolean | Promise<void>;
}

const MOST_AGAIN = 200;
/** More answers than this are counted, not shown. */
const MOST_SHOWN = 10;
let drawn = 0;

export const COMMANDS: readonly ChatCommand[] = [
  {
    name: "examples",
    values: "[set]",
    about: "prompts that the organism understands; /1, /2, … ask them",
    run: (chat, rest) => {
      chat.examples = drawExamples(rest, drawn++);
      const widest = Math.max(...chat.examples.map(({ set }) => textWidth(set)));
      chat.voice.list(chat.examples.map(({ set, prompt }, i) => [`/${i + 1}  ${padEnd(set, widest)}`, prompt]));
    },
  },
  {
    name: "again",
    values: "[count]",
    about: "answer the last question once more, or many times with a tally",
    run: async (chat, rest, signal) => {
      const count = rest === "" ? 1 : numberIn(rest, 1, MOST_AGAIN, true);
      const replies = await chat.conversation.again(count, signal);
      for (const reply of replies.slice(0, MOST_SHOWN))
        chat.voice.answer(reply, { judged: chat.conversation.settings.judge || count > 1 });
      const shown = count > MOST_SHOWN ? ` (the first ${MOST_SHOWN} are above)` : "";
      if (count > 1) chat.voice.note(`${tally(replies.map(({ judgment }) => judgment))}${shown}`);
    },
  },
  {
    name: "judge",
    about: "show the exact judge's verdict under each answer, or stop showing it",
    run: ({ conversation: { settings }, voice }) => {
      settings.judge = !settings.judge;
      voice.note(settings.judge ? "Verdicts are shown." : "Verdicts are not shown.");
    },
  },
  {
    name: "system",
    values: "[text|none]",
    about: "show, set or remove the system prompt; the conversation starts over",
    run: (chat, rest) => {
      const { settings } = chat.conversation;
      if (rest === "") {
        chat.voice.note(
          settings.system === undefined ? "There is no system prompt." : `System prompt: ${settings.system}`,
        );
        return true;
      }
      if (rest !== "none" && !chat.knows(rest, "/system ")) return false;
      settings.system = rest === "none" ? undefined : rest;
      chat.conversation.reset();
      chat.voice.note(`The system prompt is ${rest === "none" ? "removed" : "set"}; the conversation starts over.`);
      return true;
    },
  },
  {
    name: "temperature",
    values: "[number]",
    about: "show or set the temperature: 0 takes the likeliest words, 1 is the default",
    run: ({ conversation: { settings }, voice }, rest) => {
      if (rest !== "") settings.temperature = numberIn(rest, 0, 10, false);
      voice.note(`Temperature ${settings.temperature}.`);
    },
  },
  {
    name: "reset",
    about: "forget the conversation",
    run: ({ conversation, voice }) => {
      conversation.reset();
      voice.note("The conversation starts over.");
    },
  },
  {
    name: "help",
    about: "show this list",
    run: ({ voice }) =>
      voice.list(COMMANDS.map(({ name, values = "", about }) => [`/${name} ${values}`.trim(), about])),
  },
  {
    name: "quit",
    about: "leave; Ctrl-D does too",
    run: (chat) => {
      chat.ended = true;
    },
  },
];

const ALIASES: Readonly<Record<string, string>> = { exit: "quit", q: "quit", "?": "help", h: "help", retry: "again" };

export function findCommand(name: string): ChatCommand | undefined {
  const wanted = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  return COMMANDS.find((command) => command.name === wanted);
}

function numberIn(text: string, least: number, most: number, whole: boolean): number {
  const value = Number(text);
  if (text !== "" && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new UsageError(`"${text}" does not fit`, `Expected a ${whole ? "whole " : ""}number from ${least} to ${most}.`);
}
