/** Lines from a person at a terminal, with history and completion; what is typed during an answer waits for its end. */
import { createInterface, type Completer, type Interface } from "node:readline";
import { Writable } from "node:stream";

/** `interrupt` is Ctrl-C on an empty line, `end` Ctrl-D. */
export type Typed = { readonly line: string } | "interrupt" | "end";

export class Keyboard {
  readonly #echo: Echo;
  readonly #reader: Interface;
  readonly #waiting: string[] = [];
  #settle: ((typed: Typed) => void) | undefined;
  #interrupt: (() => void) | undefined;
  #closed = false;

  constructor(prompt: string, completer: Completer) {
    this.#echo = new Echo(process.stdout);
    this.#reader = createInterface({ input: process.stdin, output: this.#echo, terminal: true, prompt, completer });
    this.#reader.on("line", (line) => {
      if (this.#settle === undefined) {
        this.#waiting.push(line);
        return;
      }
      this.#echo.muted = true; // at once: what is pasted or typed fast comes in the same breath
      this.#settle({ line });
      this.#settle = undefined;
    });
    this.#reader.on("SIGINT", () => this.#stop());
    this.#reader.on("close", () => {
      this.#closed = true;
      this.#settle?.("end");
    });
  }

  /** Asks for a line, with `begun` typed already. */
  async next(begun = ""): Promise<Typed> {
    if (this.#closed) return "end";
    const ahead = this.#waiting.shift();
    if (ahead !== undefined) {
      process.stdout.write(`${this.#reader.getPrompt()}${ahead}\n`);
      return { line: ahead };
    }
    this.#echo.muted = false;
    this.#reader.prompt(true);
    if (begun !== "") this.#reader.write(begun);
    const typed = await new Promise<Typed>((resolve) => {
      this.#settle = resolve;
    });
    if (typeof typed === "string") process.stdout.write("\n");
    return typed;
  }

  /** Nothing that is typed shows until `work` is done; Ctrl-C calls `interrupt`. */
  async during(work: () => Promise<void>, interrupt: () => void): Promise<void> {
    this.#echo.muted = true;
    this.#interrupt = interrupt;
    try {
      await work();
    } finally {
      this.#interrupt = undefined;
      this.#echo.muted = false;
    }
  }

  close(): void {
    this.#reader.close();
  }

  #stop(): void {
    if (this.#interrupt !== undefined) {
      this.#waiting.length = 0;
      this.#interrupt();
    } else if (this.#reader.line === "") {
      this.#settle?.("interrupt");
    } else {
      this.#reader.write(null, { ctrl: true, name: "e" });
      this.#reader.write(null, { ctrl: true, name: "u" });
    }
  }
}

/** Readline's output, unless it is muted; it looks like the terminal behind it. */
class Echo extends Writable {
  muted = false;

  constructor(private readonly terminal: NodeJS.WriteStream) {
    super();
    terminal.on("resize", () => this.emit("resize"));
  }

  get columns(): number {
    return this.terminal.columns;
  }

  /** Never waits, so that nothing written before it was muted is left behind. */
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.muted) this.terminal.write(chunk);
    done();
  }
}
