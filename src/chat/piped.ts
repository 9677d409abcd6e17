/** The chat behind a pipe: every line of stdin is a question or a command; stdout gets the answers alone. */
import { createInterface } from "node:readline/promises";
import { colorsOf } from "../terminal/index.js";
import { Chat } from "./chat.js";
import type { ChatConversation } from "./conversation.js";
import { printable } from "../text/index.js";
import { verdict } from "./verdict.js";
import type { Voice } from "./voice.js";

/** Returns whether every line could be followed. */
export async function pipedChat(conversation: ChatConversation, json: boolean, signal: AbortSignal): Promise<boolean> {
  const voice: Voice = {
    answer: ({ user, text, reasoning, finish, judgment }, { judged }) => {
      const found = judged ? `\n  [${verdict(judgment, colorsOf(process.stdout))}]` : "";
      const shown = process.stdout.isTTY ? printable(text) : text;
      const thoughts = reasoning === undefined ? {} : { reasoning };
      const line = json ? JSON.stringify({ user, ...thoughts, answer: text, finish, judgment }) : shown + found;
      if (!json && reasoning !== undefined) process.stderr.write(`thoughts: ${printable(reasoning)}\n`);
      process.stdout.write(`${line}\n`);
    },
    echo: (question) => void process.stderr.write(`${question}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    list: (rows) => void process.stderr.write(rows.map(([name, about]) => `${name}  ${about}\n`).join("")),
    problem: (text) => void process.stderr.write(`line ${number}: ${text}\n`),
  };
  const chat = new Chat(conversation, voice);
  let number = 0;
  let followed = true;
  for await (const line of createInterface({ input: process.stdin, signal })) {
    number++;
    followed = (await chat.hear(line, signal)) && followed;
    if (chat.ended) break;
  }
  signal.throwIfAborted();
  return followed;
}
