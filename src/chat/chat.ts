/** The chat: a line is a question to the model or a command to the chat. */
import { UsageError, suggestion } from "../text/index.js";
import { COMMANDS, findCommand, type Commanded } from "./commands.js";
import type { ChatConversation } from "./conversation.js";
import type { Example } from "./examples.js";
import type { Voice } from "./voice.js";
import { complain, readWords } from "./words.js";

export class Chat implements Commanded {
  examples: readonly Example[] = [];
  ended = false;

  constructor(
    readonly conversation: ChatConversation,
    readonly voice: Voice,
  ) {}

  /** False where the line could not be followed; the chat goes on all the same. */
  async hear(typed: string, signal: AbortSignal): Promise<boolean> {
    const line = typed.trim();
    if (line === "") return true;
    try {
      if (line.startsWith("/")) return await this.#command(line, signal);
      return await this.ask(line, signal);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.voice.problem(error.hint === undefined ? error.message : `${error.message}. ${error.hint}`);
      return false;
    }
  }

  async ask(question: string, signal: AbortSignal): Promise<boolean> {
    if (!this.knows(question)) return false;
    const reply = await this.conversation.ask(question, signal);
    this.voice.answer(reply, { judged: this.conversation.settings.judge });
    if (reply.unreadable)
      this.voice.note("(The model cannot read this answer back, so the conversation goes on without it.)");
    if (reply.forgotten > 0)
      this.voice.note("(The conversation is longer than the model can read: its beginning was left out.)");
    return true;
  }

  knows(text: string, command = ""): boolean {
    const { unknown, suggestion: instead } = readWords(this.conversation.model.tokens, text);
    if (unknown.length === 0) return true;
    this.voice.problem(complain(unknown), instead && command + instead);
    return false;
  }

  async #command(line: string, signal: AbortSignal): Promise<boolean> {
    const [, name = "", rest = ""] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
    if (/^\d+$/.test(name)) return this.#example(Number(name), signal);
    const command = findCommand(name);
    if (command === undefined) {
      const names = COMMANDS.map((known) => `/${known.name}`);
      throw new UsageError(`there is no command /${name}`, suggestion(`/${name}`, names));
    }
    return (await command.run(this, rest.trim(), signal)) ?? true;
  }

  async #example(number: number, signal: AbortSignal): Promise<boolean> {
    const example = this.examples[number - 1];
    if (example === undefined) throw new UsageError(`there is no example ${number}`, "/examples lists some.");
    this.voice.echo(example.prompt);
    return this.ask(example.prompt, signal);
  }
}
