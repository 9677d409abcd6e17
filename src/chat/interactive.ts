/** The chat with a person at a terminal. */
import { colorsOf, widthOf } from "../terminal/index.js";
import { wrap, padEnd, textWidth } from "../layout/index.js";
import { Chat } from "./chat.js";
import { COMMANDS } from "./commands.js";
import type { ChatConversation } from "./conversation.js";
import { Keyboard } from "./keyboard.js";
import { layAnswer } from "./layout.js";
import { verdict } from "./verdict.js";
import type { Voice } from "./voice.js";

/** Resolves when the person has left; false if it was with Ctrl-C. */
export async function interactiveChat(conversation: ChatConversation): Promise<boolean> {
  const { bold, cyan } = colorsOf(process.stdout);
  const keyboard = new Keyboard(bold(cyan("› ")), completer(conversation));
  const voice = new TerminalVoice();
  const chat = new Chat(conversation, voice);
  try {
    while (!chat.ended) {
      const typed = await keyboard.next(voice.instead);
      voice.instead = "";
      if (typeof typed === "string") return typed === "end";
      if (typed.line.trim() === "") continue;
      const stop = new AbortController();
      await keyboard.during(
        () => answer(chat, typed.line, stop.signal),
        () => stop.abort(),
      );
    }
    return true;
  } finally {
    keyboard.close();
  }
}

/** Ctrl-C while an answer is on its way drops that answer. */
async function answer(chat: Chat, line: string, signal: AbortSignal): Promise<void> {
  const { voice } = chat;
  if (voice instanceof TerminalVoice && !line.startsWith("/")) voice.think();
  try {
    await chat.hear(line, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    voice.note("(stopped)");
  }
}

class TerminalVoice implements Voice {
  /** The beginning of the next line: the last one without its unknown words. */
  instead = "";
  readonly #colors = colorsOf(process.stdout);
  #thinking = false;

  /** Shows that an answer is on its way. */
  think(): void {
    this.#thinking = true;
    process.stdout.write(this.#colors.dim("  …"));
  }

  answer({ text, reasoning, finish, judgment }: Parameters<Voice["answer"]>[0], { judged }: { judged: boolean }): void {
    const cut = finish === "length" ? " …" : "";
    const found = judged ? [`  ${verdict(judgment, this.#colors)}`] : [];
    const thoughts =
      reasoning === undefined ? [] : [this.#colors.dim(layAnswer(`thoughts: ${reasoning}`, this.#width))];
    this.#write([...thoughts, layAnswer(text + cut, this.#width), ...found, ""]);
  }

  echo(question: string): void {
    this.#write(wrap(`› ${question}`, this.#width, 2).map((line) => this.#colors.dim(line)));
    this.think();
  }

  note(text: string): void {
    this.#write([...wrap(text, this.#width).map((line) => this.#colors.dim(line)), ""]);
  }

  list(rows: readonly (readonly [string, string])[]): void {
    const widest = Math.max(...rows.map(([name]) => textWidth(name)));
    const lines = rows.flatMap(([name, about]) => {
      const [first = "", ...rest] = wrap(`${padEnd(name, widest)}  ${about}`, this.#width, widest + 2);
      return [`${this.#colors.cyan(first.slice(0, widest))}${first.slice(widest)}`, ...rest];
    });
    this.#write([...lines, ""]);
  }

  problem(text: string, instead?: string): void {
    const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? "" : "."}`;
    const told = wrap(sentence, this.#width).map((line) => this.#colors.yellow(line));
    this.#write([...told, instead === undefined ? "" : this.#colors.dim("Press Enter to say it like this:")]);
    this.instead = instead ?? "";
  }

  get #width(): number {
    return Math.min(100, widthOf(process.stdout));
  }

  #write(lines: readonly string[]): void {
    const clear = this.#thinking ? "\r\u001B[K" : "";
    this.#thinking = false;
    process.stdout.write(`${clear}${lines.join("\n")}\n`);
  }
}

/** Tab completes commands, and words that the model knows. */
function completer({ model: { tokens } }: ChatConversation): (line: string) => [string[], string] {
  const words = Array.from({ length: tokens.size }, (_, id) => tokens.tokenOf(id) ?? "")
    .filter((token) => /^ ?[A-Za-z_]+$/.test(token))
    .toSorted();
  return (line) => {
    if (line.startsWith("/"))
      return [COMMANDS.map(({ name }) => `/${name} `).filter((name) => name.startsWith(line)), line];
    const begun = / ?[A-Za-z_]*$/.exec(line)?.[0] ?? "";
    return [begun.trim() === "" ? [] : words.filter((word) => word.startsWith(begun)), begun];
  };
}
