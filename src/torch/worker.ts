/** A worker process: started, greeted, called, and ended. It answers calls in the order in which they come. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { workerSource, type WorkerCommand } from "./command.js";
import { TorchError } from "./error.js";
import { FrameReader, frameStart, type Frame, type Header } from "./frames.js";
import { payloadOf, Received, type SentTensors } from "./payload.js";
import { greetingFault } from "./greeting.js";
import { SharedMemory, sharing } from "./shared.js";
import { asFault, linesOf, LONGEST_LINE, noStart, refusalOf, shownText } from "./said.js";

export interface WorkerOptions {
  /** Milliseconds without any sign of life after which a worker counts as hung; default 60,000. */
  readonly silence?: number;
  /** Milliseconds that starting may take, imports included; default 300,000. */
  readonly start?: number;
  /** Hears of each line that the worker, or a library of its, writes on stderr. */
  readonly onLine?: (line: string) => void;
  /** Hears what the user should know, one line each. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}

export interface CallOptions {
  readonly onEvent?: (event: Header, tensors: Received) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A call under way: more can be said to it. */
export interface OpenCall {
  readonly done: Promise<Header>;
  /** Rows of a sampling call that need no more tokens. */
  endRows(rows: readonly number[]): void;
}

const errorSchema = z.looseObject({ kind: z.string().max(40), message: z.string().max(20_000) });

interface Waiting {
  readonly options: CallOptions;
  resolve(done: Header): void;
  reject(error: unknown): void;
  release(): void;
}

const LAST_LINES = 20;
/** Milliseconds that a cancelled call or a worker that is asked to end may take. */
const PATIENCE = 10_000;

export class Worker {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #shared: SharedMemory | undefined;
  readonly #reader = new FrameReader();
  readonly #calls = new Map<number, Waiting>();
  readonly #lines: string[] = [];
  readonly #exited: Promise<void>;
  readonly #options: WorkerOptions;
  #greeted: { resolve(): void; reject(error: unknown): void } | undefined;
  #watch: NodeJS.Timeout | undefined;
  #heard = performance.now();
  #doubted = false;
  #writing: Promise<void> = Promise.resolve();
  #end: TorchError | undefined;
  #closing = false;
  #last = 0;

  private constructor(
    private readonly command: WorkerCommand,
    options: WorkerOptions,
  ) {
    this.#options = options;
    this.#shared = command.isOwnChild === true ? SharedMemory.open() : undefined;
    this.#child = spawn(command.file, command.arguments, {
      stdio: ["pipe", "pipe", "pipe", ...(this.#shared ? [this.#shared.file] : [])],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", TOKENIZERS_PARALLELISM: "false", ...sharing(this.#shared) },
    }) as ChildProcessByStdio<Writable, Readable, Readable>;
    const { stdin, stdout, stderr } = this.#child;
    stdin.on("error", () => undefined); // its end says more
    stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    stderr.on(
      "data",
      linesOf((line) => this.#note(line)),
    );
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error: NodeJS.ErrnoException) => {
        this.#shared?.close();
        this.#fail(noStart(command, error));
        resolve();
      });
      this.#child.once("close", (code, signal) => {
        this.#shared?.close();
        this.#fail(this.#died(code, signal));
        resolve();
      });
    });
  }

  /** @throws {TorchError} where there is no Python, or none with what the worker needs */
  static async start(command: WorkerCommand, options: WorkerOptions = {}): Promise<Worker> {
    const source = await workerSource();
    const worker = new Worker(command, options);
    const limit = options.start ?? 300_000;
    const timer = setTimeout(() => {
      worker.#stop(new TorchError("hung", `${command.title}: no greeting in ${limit / 1000} s${worker.#said()}`));
    }, limit);
    try {
      await new Promise<void>((resolve, reject) => {
        worker.#greeted = { resolve, reject };
        worker.#child.stdin.write(source);
      });
    } finally {
      clearTimeout(timer);
    }
    worker.#watchOver();
    return worker;
  }

  /** @returns what the worker says at its end; what comes before goes to `onEvent` */
  call(name: string, header: Header = {}, tensors: SentTensors = {}, options: CallOptions = {}): Promise<Header> {
    return this.open(name, header, tensors, options).done;
  }

  open(name: string, header: Header, tensors: SentTensors, options: CallOptions = {}): OpenCall {
    const id = ++this.#last;
    const { signal } = options;
    const done = new Promise<Header>((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#end) throw this.#end;
      let patience: NodeJS.Timeout | undefined;
      const cancel = (): void => {
        this.#send({ cancel: id });
        patience = setTimeout(
          () =>
            this.#stop(new TorchError("hung", `${this.command.title}: a call was cancelled, and the worker went on`)),
          PATIENCE,
        );
        patience.unref();
      };
      signal?.addEventListener("abort", cancel, { once: true });
      const release = (): void => {
        clearTimeout(patience);
        signal?.removeEventListener("abort", cancel);
      };
      this.#calls.set(id, { options, resolve, reject, release });
      this.#send({ ...header, id, call: name }, tensors);
    });
    return { done, endRows: (rows) => this.#send({ end: id, rows }) };
  }

  /** Ends the process, which stops what it is at. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#watch);
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE);
    await this.#exited;
    clearTimeout(timer);
  }

  #send(header: Header, tensors: SentTensors = {}): void {
    // One frame after the other, each no faster than the worker reads: large tensors wait in their own memory.
    this.#writing = this.#writing.then(async () => {
      if (this.#end) return;
      const { pieces, bytes } = payloadOf(tensors);
      for (const piece of [frameStart(header, bytes), ...pieces]) await this.#write(piece);
    });
    this.#writing = this.#writing.catch((error: unknown) => this.#stop(asFault(error)));
  }

  #write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#child;
    if (stdin.write(bytes)) return Promise.resolve();
    return Promise.race([new Promise<void>((resolve) => stdin.once("drain", resolve)), this.#exited]);
  }

  #take(chunk: Buffer): void {
    this.#heard = performance.now();
    this.#doubted = false;
    if (this.#end) return;
    try {
      for (const frame of this.#reader.push(chunk)) {
        if ("piece" in frame.header) this.#takePiece(frame.header);
        else this.#hear({ ...frame, payload: this.#shared?.taken() ?? frame.payload });
      }
    } catch (error) {
      this.#stop(asFault(error));
    }
  }

  #takePiece(header: Header): void {
    if (!this.#shared) throw new TorchError("protocol", "the worker shares no memory with this machine");
    this.#shared.take(header);
    this.#send({ taken: true });
  }

  #hear({ header, payload }: Frame): void {
    if (this.#greeted !== undefined) {
      this.#greet(header);
      return;
    }
    const waiting = this.#calls.get(header["id"] as number);
    if (waiting === undefined) return; // a beat, or a call that has ended
    const { id } = header as { readonly id: number };
    if (typeof header["notice"] === "string") {
      this.#options.onNotice?.(header["notice"].slice(0, LONGEST_LINE));
    } else if (isObject(header["event"])) {
      waiting.options.onEvent?.(header["event"], new Received(payload));
    } else if (isObject(header["done"])) {
      this.#settle(id, () => waiting.resolve(header["done"] as Header));
    } else if ("error" in header) {
      const error = this.#errorOf(errorSchema.safeParse(header["error"]).data, waiting.options.signal);
      this.#settle(id, () => waiting.reject(error));
    }
  }

  #settle(id: number, settle: () => void): void {
    this.#calls.get(id)?.release();
    this.#calls.delete(id);
    settle();
  }

  #greet(header: Header): void {
    const greeted = this.#greeted;
    this.#greeted = undefined;
    const fault = greetingFault(header["hello"], this.command.title);
    if (fault === undefined) return greeted?.resolve();
    this.#stop(fault);
    greeted?.reject(fault);
  }

  #errorOf(found: z.infer<typeof errorSchema> | undefined, signal: AbortSignal | undefined): unknown {
    if (found === undefined) return new TorchError("protocol", `${this.command.title}: an error without a message`);
    if (found.kind === "cancelled" && signal?.aborted) return signal.reason;
    return (
      refusalOf(found) ??
      new TorchError("fault", `the PyTorch worker failed: ${shownText(found.message)}${this.#said()}`)
    );
  }

  /** A process that beats no more does nothing: it is stopped, swapped out for good, or its machine is gone. */
  #watchOver(): void {
    const silence = this.#options.silence ?? 60_000;
    this.#watch = setInterval(
      () => {
        if (performance.now() - this.#heard < silence) return;
        // Where this process was busy, what came meanwhile is heard first.
        if (!this.#doubted) {
          this.#doubted = true;
          return;
        }
        this.#stop(
          new TorchError("hung", `${this.command.title}: no sign of life for ${silence / 1000} s${this.#said()}`),
        );
      },
      Math.max(50, silence / 4),
    );
    this.#watch.unref();
  }

  #stop(error: TorchError): void {
    this.#fail(error);
    this.#child.kill("SIGKILL");
  }

  /** Whoever waits hears of the end; the first reason counts. */
  #fail(error: TorchError): void {
    this.#end ??= error;
    clearInterval(this.#watch);
    this.#greeted?.reject(this.#end);
    this.#greeted = undefined;
    for (const id of this.#calls.keys()) {
      const waiting = this.#calls.get(id);
      const { signal } = waiting?.options ?? {};
      this.#settle(id, () => waiting?.reject(signal?.aborted ? signal.reason : this.#end));
    }
  }

  #died(code: number | null, signal: NodeJS.Signals | null): TorchError {
    if (this.#closing) return new TorchError("dead", "the model was closed");
    const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
    const why = signal === "SIGKILL" ? " (as a machine does that is out of memory)" : "";
    return new TorchError("dead", `${this.command.title}: the PyTorch worker ${how}${why}${this.#said()}`);
  }

  #note(line: string): void {
    const text = shownText(line.slice(0, LONGEST_LINE));
    this.#lines.push(text);
    if (this.#lines.length > LAST_LINES) this.#lines.shift();
    this.#options.onLine?.(text);
  }

  #said(): string {
    return this.#lines.length === 0 ? "" : `. It said last:\n${this.#lines.map((line) => `  ${line}`).join("\n")}`;
  }
}

const isObject = (value: unknown): value is Header =>
  typeof value === "object" && value !== null && !Array.isArray(value);
