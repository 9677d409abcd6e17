/** The engine's thread: owns the ONNX Runtime sessions and every state tensor. */
import { workerData, type MessagePort } from "node:worker_threads";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { elements, sameShape, show } from "./graph.js";
import type { CacheCopies, Reply, Request, StateData, StateEntry, TensorData } from "./protocol.js";
import type { Signature, TensorSpec } from "./serialize.js";
import { SESSION_OPTIONS } from "./session-options.js";

type Runtime = typeof import("onnxruntime-node");

interface Loaded {
  readonly session: InferenceSession;
  readonly signature: Signature;
}

/** A state tensor and, once a program has updated it elsewhere, the buffer that its next value will be written to. */
interface Slot {
  current: Tensor;
  spare?: Tensor;
}

/** What is computed again for the backward pass would else be kept from the forward pass. */
const KEEP_REPEATS = { disable_specified_optimizers: "CommonSubexpressionElimination" };

const { port } = workerData as { port: MessagePort };
const sessions = new Map<number, Loaded>();
const state = new Map<string, Slot>();
let runtime: Runtime | undefined;

async function load(): Promise<Runtime> {
  try {
    return (runtime ??= await import("onnxruntime-node"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new Error(`onnxruntime-node did not load (${reason}). Reinstall with: npm ci`, { cause });
  }
}

function allocate(ort: Runtime, { type, shape }: TensorSpec): Tensor {
  const size = elements(shape);
  return type === "float32"
    ? new ort.Tensor("float32", new Float32Array(size), [...shape])
    : new ort.Tensor("int32", new Int32Array(size), [...shape]);
}

function slotOf(name: string): Slot {
  const slot = state.get(name);
  if (!slot) throw new Error(`run: the state tensor "${name}" was never set`);
  return slot;
}

/** A state tensor as a program wants it. Of one that rows are only written into, its first rows are enough. */
function stateFor(ort: Runtime, { name, shape }: TensorSpec, isAppended: boolean): Tensor {
  const slot = slotOf(name);
  const { size, data } = slot.current;
  const wanted = elements(shape);
  if (isAppended && size > wanted)
    return new ort.Tensor("float32", (data as Float32Array).subarray(0, wanted), [...shape]);
  if (size !== wanted) throw otherSize(name, size, shape);
  if (!sameShape(slot.current.dims, shape)) {
    slot.current = slot.current.reshape([...shape]);
    delete slot.spare;
  }
  return slot.current;
}

const otherSize = (name: string, size: number, shape: readonly number[]): Error =>
  new Error(`run: the state tensor "${name}" has ${size} elements, expected [${shape.join(", ")}]`);

async function run(program: number, feeds: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>> {
  const ort = await load();
  const loaded = sessions.get(program);
  if (!loaded) throw new Error(`run: program ${program} is not loaded`);
  const { session, signature } = loaded;
  const inputs: Record<string, Tensor> = {};
  for (const { name, type, shape } of signature.feeds) {
    const data = feeds[name] as TensorData;
    inputs[name] =
      type === "float32"
        ? new ort.Tensor("float32", data as Float32Array, [...shape])
        : new ort.Tensor("int32", data as Int32Array, [...shape]);
  }
  const appended = new Set(signature.appends.map(({ name }) => name));
  for (const spec of signature.state) inputs[spec.name] = stateFor(ort, spec, appended.has(spec.name));
  const outputs: Record<string, Tensor | null> = {};
  for (const fetch of signature.fetches) outputs[fetch.output] = null;
  for (const update of signature.updates) {
    const slot = slotOf(update.name);
    outputs[update.output] = update.inPlace ? slot.current : (slot.spare ??= allocate(ort, update));
  }
  for (const append of signature.appends) {
    const { size } = slotOf(append.name).current;
    if (size < elements(append.shape)) throw otherSize(append.name, size, append.shape);
    checkPositions(append, feeds[append.at] as Int32Array);
    outputs[append.output] = null;
  }
  const results = await session.run(inputs, outputs);
  for (const update of signature.updates) {
    if (update.inPlace) continue;
    const slot = slotOf(update.name);
    [slot.current, slot.spare] = [slot.spare as Tensor, slot.current];
  }
  for (const { name, output, shape, size, at } of signature.appends) {
    const target = state.get(name) as Slot;
    write(
      target.current.data as Float32Array,
      (results[output] as Tensor).data as Float32Array,
      shape,
      size,
      feeds[at] as Int32Array,
    );
  }
  const tensors: Record<string, TensorData> = {};
  for (const { name, output, shape } of signature.fetches) {
    const tensor = results[output] as Tensor;
    if (!sameShape(tensor.dims, shape)) {
      throw new Error(`run: the result "${name}" has the shape ${show(tensor.dims)}, its graph says ${show(shape)}`);
    }
    tensors[name] = (tensor.data as TensorData).slice();
  }
  return tensors;
}

function checkPositions({ name, shape, size }: Signature["appends"][number], at: Int32Array): void {
  const capacity = shape[2] as number;
  for (const start of at) {
    if (start >= 0 && start + size <= capacity) continue;
    throw new Error(`append: positions ${start} … ${start + size - 1} are outside the cache "${name}" of ${capacity}`);
  }
}

/** Numbers from which on a call that copies them is cheaper than a loop. */
const LARGE = 256;

/** Writes value [B, K, S, D] into target [B, K, C, D] at positions at[b] …; see Graph.append. */
function write(
  target: Float32Array,
  value: Float32Array,
  shape: readonly number[],
  size: number,
  at: Int32Array,
): void {
  const [rows, groups, capacity, width] = shape as [number, number, number, number];
  const block = size * width;
  for (let row = 0; row < rows; row++) {
    const start = at[row] as number;
    for (let group = 0; group < groups; group++) {
      const from = (row * groups + group) * block;
      const to = ((row * groups + group) * capacity + start) * width;
      if (block > LARGE) target.set(value.subarray(from, from + block), to);
      else for (let i = 0; i < block; i++) target[to + i] = value[from + i] as number;
    }
  }
}

function copyRows(ort: Runtime, { names, layout, rows, copies }: CacheCopies): void {
  const { groups, width } = layout;
  const [fromGroup, toGroup] = [layout.from * width, layout.to * width];
  const both = Math.min(fromGroup, toGroup);
  for (const [source, name] of names) {
    const to = ofRows(ort, name, rows * groups * toGroup);
    const from = state.get(source)?.current.data as Float32Array | undefined;
    for (const copy of copies) {
      check(source, from?.length ?? 0, groups * fromGroup, copy.from);
      check(name, to.length, groups * toGroup, copy.to);
      for (let group = 0; group < groups; group++) {
        const begin = (copy.from * groups + group) * fromGroup;
        to.set((from as Float32Array).subarray(begin, begin + both), (copy.to * groups + group) * toGroup);
      }
    }
  }
}

function check(name: string, size: number, rowSize: number, row: number): void {
  if (Number.isInteger(row) && row >= 0 && (row + 1) * rowSize <= size) return;
  throw new Error(
    `copyRows: "${name}" has ${Math.floor(size / rowSize)} rows of ${rowSize} elements, found row ${row}`,
  );
}

/** A state tensor of at least so many elements. */
function ofRows(ort: Runtime, name: string, size: number): Float32Array {
  const present = state.get(name)?.current.data as Float32Array | undefined;
  if (present !== undefined && present.length >= size) return present;
  const data = new Float32Array(size);
  if (present) data.set(present);
  setState(ort, { name, data, shape: [size] });
  return data;
}

function tensorOf(ort: Runtime, data: StateData, shape: number[]): Tensor {
  if (data instanceof Float32Array) return new ort.Tensor("float32", data, shape);
  if (data instanceof Int32Array) return new ort.Tensor("int32", data, shape);
  return new ort.Tensor("float16", data, shape);
}

/** The data is ours: its buffer came with the message. */
function setState(ort: Runtime, { name, data, shape }: StateEntry): void {
  state.set(name, { current: tensorOf(ort, data, [...shape]) });
}

async function answer(request: Request): Promise<Reply> {
  const { id } = request;
  const done: Reply = { id, done: true };
  const ort = await load();
  switch (request.kind) {
    case "load": {
      const session = await ort.InferenceSession.create(request.model, {
        ...SESSION_OPTIONS,
        ...(request.repeats && { extra: { ...SESSION_OPTIONS.extra, optimization: KEEP_REPEATS } }),
        intraOpNumThreads: request.threads,
        // An arena keeps a session's largest run (430 MB for a training step of 3,072 tokens); without it every large
        // tensor comes fresh from the system, page by page.
        enableCpuMemArena: request.keepMemory,
      });
      sessions.set(request.program, { session, signature: request.signature });
      return done;
    }
    case "run":
      return { id, tensors: await run(request.program, request.feeds) };
    case "setState":
      setState(ort, request.entry);
      return done;
    case "getState": {
      const found: Record<string, StateData> = {};
      for (const name of request.names) {
        const slot = state.get(name);
        if (!slot) throw new Error(`getState: there is no state tensor "${name}"`);
        const data = slot.current.data as StateData;
        // Where JavaScript has a Float16Array, the runtime makes one of the bits.
        const isHalf = slot.current.type === "float16";
        found[name] = (isHalf ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data).slice();
      }
      return { id, state: found };
    }
    case "copyRows":
      copyRows(ort, request);
      return done;
    case "dropState":
      for (const name of request.names) state.delete(name);
      return done;
    case "release":
      await sessions.get(request.program)?.session.release();
      sessions.delete(request.program);
      return done;
    case "close":
      for (const { session } of sessions.values()) await session.release();
      sessions.clear();
      state.clear();
      return done;
    default:
      throw new Error(`the engine knows no request "${(request satisfies never as Request).kind}"`);
  }
}

// One request at a time, in the order they came: a run must see the state that the one before it left.
let queue: Promise<void> = Promise.resolve();
let closing = false;
port.on("message", (request: Request) => {
  closing ||= request.kind === "close";
  queue = queue.then(async () => {
    if (closing && request.kind !== "close") return;
    let reply: Reply;
    try {
      reply = await answer(request);
    } catch (error) {
      reply = { id: request.id, error: error instanceof Error ? error.message : String(error) };
    }
    const given = "tensors" in reply ? reply.tensors : "state" in reply ? reply.state : {};
    const transfer = Object.values(given).map((data) => data.buffer as ArrayBuffer);
    port.postMessage(reply, transfer);
    if (closing) port.close(); // nothing is left to listen to, and the thread ends
  });
});
