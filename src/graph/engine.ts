/**
 * Runs graphs on ONNX Runtime in a worker thread: `session.run` blocks its thread, and here that is never the one
 * that draws progress, answers Ctrl-C or serves requests. State tensors live in the worker under their names.
 */
import { availableParallelism } from "node:os";
import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import type { EngineFailure, EngineRequest } from "./engine-root.js";
import { elements, show, type Graph } from "./graph.js";
import type { CacheCopies, Reply, Request, RowCopy, StateData, TensorData } from "./protocol.js";
import type { Signature } from "./serialize.js";

/** A run, a load or the engine itself failed. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

/** A graph that the engine has compiled. */
export interface Program {
  readonly id: number;
  readonly signature: Signature;
  /** ONNX operators after everything unused was dropped. */
  readonly nodes: number;
}

export type Tensors = Readonly<Record<string, TensorData>>;

type RequestBody = Request extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;

/** The thread that starts the engines' threads; see engine-root.ts. It lives as long as the process. */
let root: Worker | undefined;
let engines = 0;
const failures = new Map<number, (error: Error) => void>();

function startThread(engine: number, port: MessagePort): void {
  if (root === undefined) {
    root = new Worker(new URL("./engine-root.js", import.meta.url), {
      execArgv: [], // what the process was started with (--eval, --input-type) is not for this thread
    });
    root.on("message", ({ engine: failed, message }: EngineFailure) => failures.get(failed)?.(new Error(message)));
    root.on("error", (error) => {
      root = undefined;
      for (const fail of failures.values()) fail(error);
    });
    root.unref();
  }
  root.postMessage({ engine, port } satisfies EngineRequest, [port]);
}

export class Engine {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #next = 0;
  #programs = 0;
  #ended: Error | undefined;
  readonly #exited: Promise<void>;

  /** `threads`: how many the programs compute with that are loaded from now on. */
  private constructor(public threads: number) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on("message", (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (this.#waiting.size === 0 && !this.#ended) this.#port.unref();
      if ("error" in reply) waiting?.reject(new EngineError(reply.error));
      else waiting?.resolve(reply);
    });
    this.#port.unref();
    const engine = engines++;
    failures.set(engine, (error) => this.#end(new EngineError(`the engine's thread failed: ${error.message}`)));
    this.#exited = new Promise((resolve) => {
      this.#port.on("close", () => {
        failures.delete(engine);
        this.#end(new EngineError("the engine is closed"));
        resolve();
      });
    });
    startThread(engine, port2);
  }

  /** `threads`: how many ONNX Runtime computes with; default all that the machine has. */
  static start({ threads = availableParallelism() } = {}): Engine {
    return new Engine(threads);
  }

  /**
   * Compiles a graph. With `keepMemory` a run's memory waits for the next run (until the program is released): faster
   * for a program that runs again and again, such as a training step, which else asks the system for every tensor.
   */
  async load(graph: Graph, { keepMemory = false } = {}): Promise<Program> {
    const { serialize } = await import("./serialize.js");
    const { model, signature, nodes } = serialize(graph);
    const program = this.#programs++;
    const { threads } = this;
    await this.#ask({ kind: "load", program, model, signature, keepMemory, repeats: graph.repeats, threads });
    return { id: program, signature, nodes };
  }

  /** Runs a program once; its state tensors must have been set. Errors name the tensor that does not fit. */
  async run(program: Program, feeds: Tensors = {}): Promise<Record<string, TensorData>> {
    for (const { name, shape, type } of program.signature.feeds) {
      const data = feeds[name];
      if (!data) throw new EngineError(`run: the feed "${name}" is missing`);
      if (data.length !== elements(shape)) {
        throw new EngineError(
          `run: the feed "${name}" has ${data.length} elements, expected ${elements(shape)} for ${show(shape)}`,
        );
      }
      const expected = type === "float32" ? Float32Array : Int32Array;
      if (!(data instanceof expected)) throw new EngineError(`run: the feed "${name}" must be a ${expected.name}`);
    }
    const reply = await this.#ask({ kind: "run", program: program.id, feeds });
    return "tensors" in reply ? reply.tensors : {};
  }

  /**
   * Sets state tensors, copied, one after the other: beside what is given there is only one more of each at a time. A
   * program that uses one may give it any shape of as many elements; one that appends to it may use its first rows alone.
   */
  async setState(
    tensors: Iterable<readonly [string, StateData]>,
    shapes?: ReadonlyMap<string, readonly number[]>,
  ): Promise<void> {
    for (const [name, data] of tensors) {
      const shape = shapes?.get(name) ?? [data.length];
      if (data.length !== elements(shape)) {
        throw new EngineError(
          `setState: "${name}" has ${data.length} elements, expected ${elements(shape)} for ${show(shape)}`,
        );
      }
      await this.#give(name, data.slice(), shape);
    }
  }

  /** Sets a state tensor without a copy: the memory goes to the engine, and `data` is empty from then on. */
  async giveState(name: string, data: Float32Array | Uint16Array): Promise<void> {
    const isWhole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
    await this.#give(name, isWhole ? data : data.slice(), [data.length]);
  }

  async #give(name: string, data: StateData, shape: readonly number[]): Promise<void> {
    await this.#ask({ kind: "setState", entry: { name, data, shape } }, [data.buffer as ArrayBuffer]);
  }

  /** Copies of state tensors; those of float16 as bits. */
  async getState(names: readonly string[]): Promise<Map<string, StateData>> {
    const reply = await this.#ask({ kind: "getState", names });
    return new Map("state" in reply ? Object.entries(reply.state) : []);
  }

  /**
   * Copies rows of caches to rows of others or of their own, with as many of their positions as both have, one after the
   * other. A cache that is not there, or has fewer rows, is made or grows first, and is zero where it is new.
   */
  async copyRows(
    names: CacheCopies["names"],
    layout: CacheCopies["layout"],
    rows: number,
    copies: readonly RowCopy[],
  ): Promise<void> {
    await this.#ask({ kind: "copyRows", names, layout, rows, copies });
  }

  async dropState(names: readonly string[]): Promise<void> {
    await this.#ask({ kind: "dropState", names });
  }

  async release(program: Program): Promise<void> {
    await this.#ask({ kind: "release", program: program.id });
  }

  /** Ends the thread. What still waits is refused at once; a run that has begun is first brought to its end. */
  async close(): Promise<void> {
    if (!this.#ended) {
      this.#end(new EngineError("the engine is closed"));
      // Not terminate(): a thread that is ended inside the runtime's native code takes the process with it.
      this.#port.postMessage({ kind: "close", id: this.#next++ } satisfies Request);
      this.#port.ref();
    }
    await this.#exited;
  }

  #ask(body: RequestBody, given: readonly ArrayBuffer[] = []): Promise<Reply> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#port.ref(); // a process lives as long as it waits for the engine, and no longer
      this.#port.postMessage({ ...body, id }, [...given]);
    });
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}
