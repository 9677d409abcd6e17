/**
 * The thread that starts the engines' threads. ONNX Runtime lets denormal numbers count as 0 on the thread that makes a
 * process's first session, and on no other; threads inherit that from the one that starts them. So this thread makes the
 * first session and then starts every engine: all of them compute alike, however many there are.
 */
import { parentPort, Worker, type MessagePort } from "node:worker_threads";
import { Graph } from "./graph.js";
import { serialize } from "./serialize.js";
import { SESSION_OPTIONS } from "./session-options.js";

/** Asks for an engine's thread, which talks through `port`. */
export interface EngineRequest {
  readonly engine: number;
  readonly port: MessagePort;
}

/** An engine's thread could not start, or failed. */
export interface EngineFailure {
  readonly engine: number;
  readonly message: string;
}

async function makeFirstSession(): Promise<void> {
  const graph = new Graph();
  graph.fetch("y", graph.feed("x", "float32", [1]));
  const { InferenceSession } = await import("onnxruntime-node");
  const session = await InferenceSession.create(serialize(graph).model, { ...SESSION_OPTIONS, intraOpNumThreads: 1 });
  await session.release();
}

const parent = parentPort;
if (!parent) throw new Error("graph/engine-root.js must run in a worker thread");
// Where the runtime does not load, the engine's own thread says so.
const first = makeFirstSession().catch(() => undefined);
parent.on("message", ({ engine, port }: EngineRequest) => {
  void first.then(() => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), {
      workerData: { port },
      transferList: [port],
      execArgv: [], // what the process was started with (--eval, --input-type) is not for this thread
    });
    worker.on("error", (error) => parent.postMessage({ engine, message: error.message } satisfies EngineFailure));
  });
});
