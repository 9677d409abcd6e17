/** Tensors to the worker and from it, in frames of bounded size. */
import type { LoraOptions, Tensor } from "../capabilities/index.js";
import { drawA, readSafetensors, readSafetensorsHeader, type TensorEntry } from "../onnx/index.js";
import { planOf } from "./adapter-plan.js";
import type { TorchFacts } from "./facts.js";
import type { Header } from "./frames.js";
import type { Worker } from "./worker.js";

/** Bytes of tensors that go into one frame. */
const PART = 64 * 2 ** 20;

/** Which of the worker's adapters a call is about. */
export type Of = "own" | "beside";

export async function addAdapter(worker: Worker, facts: TorchFacts, of: Of, lora: LoraOptions): Promise<void> {
  const { rank, alpha, rankStabilized = false } = lora;
  const modules = [...planOf(facts, lora).modules.keys()];
  await stageFresh(worker, facts, lora);
  await worker.call("addAdapter", { of, lora: { rank, alpha, rankStabilized, modules } });
}

export async function stageFresh(worker: Worker, facts: TorchFacts, lora: LoraOptions): Promise<void> {
  const { modules } = planOf(facts, lora);
  await stage(
    worker,
    [...modules].map(([module, [, inputs]]): [string, Tensor] => [
      `${module}.a`,
      { shape: [lora.rank, inputs], data: drawA(module, inputs, lora) },
    ]),
  );
}

/** Sends tensors in frames of bounded size, for the call that follows. */
export async function stage(worker: Worker, tensors: readonly (readonly [string, Tensor])[]): Promise<void> {
  for (let at = 0; at < tensors.length;) {
    const part: Record<string, Tensor> = {};
    let bytes = 0;
    for (; at < tensors.length; at++) {
      const [name, tensor] = tensors[at] as readonly [string, Tensor];
      if (bytes > 0 && bytes + tensor.data.byteLength > PART) break;
      part[name] = tensor;
      bytes += tensor.data.byteLength;
    }
    await worker.call("stage", {}, part);
  }
}

/** The same for a file, of which no more than a frame's part is in memory. */
export async function stageFile(worker: Worker, file: string): Promise<void> {
  const { entries } = await readSafetensorsHeader(file);
  for (let at = 0; at < entries.length;) {
    const names = new Set<string>();
    let bytes = 0;
    for (; at < entries.length; at++) {
      const { name, begin, end } = entries[at] as TensorEntry;
      if (bytes > 0 && bytes + (end - begin) > PART) break;
      names.add(name);
      bytes += end - begin;
    }
    const { tensors } = await readSafetensors(file, (name) => names.has(name));
    await stage(worker, [...tensors]);
  }
}

export async function collect(worker: Worker, call: string, header: Header): Promise<Map<string, Tensor>> {
  const found = new Map<string, Tensor>();
  await worker.call(
    call,
    header,
    {},
    {
      onEvent: (_event, tensors) => {
        for (const name of tensors.names) found.set(name, tensors.tensor(name));
      },
    },
  );
  return found;
}
