/** Training of a model in the worker. What is on a disk is read and written here, so the worker may be anywhere. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type {
  Adapter,
  AdapterStart,
  AdapterTraining,
  LoraOptions,
  StepResult,
  Tensor,
  Training,
  TrainingState,
  Weights,
} from "../capabilities/index.js";
import {
  adapterScale,
  configFromJson,
  readAdapter,
  writeAdapterFiles,
  writeSafetensorsAs,
  type TensorEntry,
} from "../onnx/index.js";
import { makeFolder, writeFileAtomically } from "../store/index.js";
import { planOf } from "./adapter-plan.js";
import { TorchError } from "./error.js";
import { jsonOf, type TorchFacts } from "./facts.js";
import { addAdapter, stage, stageFile, stageFresh } from "./staging.js";
import { Steps } from "./steps.js";
import { Arrivals, entriesOf } from "./weights-stream.js";
import type { Worker } from "./worker.js";

export class TorchTraining implements Training {
  readonly #own: Steps;

  private constructor(
    private readonly worker: Worker,
    private readonly facts: TorchFacts,
    readonly lora: LoraOptions | undefined,
    /** The weights that the model was opened with, where they are not its folder's. */
    private readonly weights: string | undefined,
  ) {
    this.#own = new Steps(worker, facts, "own", lora);
  }

  static async create(
    worker: Worker,
    facts: TorchFacts,
    lora: LoraOptions | undefined,
    weights: string | undefined,
  ): Promise<TorchTraining> {
    if (lora) await addAdapter(worker, facts, "own", lora);
    const training = new TorchTraining(worker, facts, lora, weights);
    if (weights !== undefined) await training.load();
    return training;
  }

  get step(): number {
    return this.#own.step;
  }

  train(...step: Parameters<Training["train"]>): Promise<StepResult> {
    return this.#own.train(...step);
  }

  checkpoint(): Promise<TrainingState> {
    return this.#own.checkpoint();
  }

  restore(state: TrainingState): Promise<void> {
    return this.#own.restore(state);
  }

  adapter(): Promise<Adapter> {
    return this.#own.adapter();
  }

  nameOf(folder: string): string {
    return `torch:${folder}`;
  }

  async load(from: string | Weights | undefined = this.weights, start?: AdapterStart): Promise<void> {
    if (typeof from === "string") for (const file of weightFiles(from)) await stageFile(this.worker, file);
    else if (from !== undefined) await stage(this.worker, [...from]);
    await this.worker.call("load", { staged: from !== undefined });
    await this.#restart(start);
  }

  /** The weights are others now: moments are forgotten, and an adapter of the model's own begins anew. */
  async #restart(start?: AdapterStart): Promise<void> {
    this.#own.step = 0;
    if (!this.lora) return;
    await stageFresh(this.worker, this.facts, { ...this.lora, ...start });
    await this.worker.call("setAdapter", { of: "own" });
  }

  readAdapter(folder: string): Promise<Adapter> {
    const config = configFromJson(jsonOf(this.facts, "config.json"), `${this.facts.title}/config.json`);
    return readAdapter(folder, config);
  }

  async merge(adapter: Adapter): Promise<void> {
    if (this.lora) await this.worker.call("merge", { of: "own" });
    const tensors = [...adapter.modules].flatMap(([module, { a, b }]): [string, Tensor][] => [
      [`${module}.a`, a],
      [`${module}.b`, b],
    ]);
    await stage(this.worker, tensors);
    await this.worker.call("add", { scale: adapterScale(adapter) });
    await this.#restart();
  }

  async beside(lora: LoraOptions): Promise<AdapterTraining> {
    if (this.lora) {
      await this.worker.call("merge", { of: "own" });
      await this.#restart();
    }
    await addAdapter(this.worker, this.facts, "beside", lora);
    const steps = new Steps(this.worker, this.facts, "beside", lora);
    return {
      get step() {
        return steps.step;
      },
      lora,
      train: (...step) => steps.train(...step),
      checkpoint: () => steps.checkpoint(),
      restore: (state) => steps.restore(state),
      adapter: () => steps.adapter(),
      merge: async () => {
        await this.worker.call("merge", { of: "beside" });
        await this.#restart();
      },
      close: async () => {
        await this.worker.call("drop", { of: "beside" });
      },
    };
  }

  async saveWeights(path: string, metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    let entries: TensorEntry[] | undefined;
    const arrived = new Arrivals();
    const done = this.worker.call(
      "weights",
      {},
      {},
      {
        onEvent: (event, tensors) => {
          if (entries === undefined) arrived.begin((entries = entriesOf(event["weights"])));
          else arrived.push(tensors);
        },
      },
    );
    done.then(
      () => arrived.end(),
      (error: unknown) => arrived.fail(error),
    );
    const listed = await arrived.begun;
    await writeSafetensorsAs(path, listed, metadata, async (write) => {
      const left = listed[Symbol.iterator]();
      for await (const tensors of arrived) {
        for (let count = tensors.names.length; count > 0; count--) {
          const { value, done: none } = left.next();
          if (none === true) throw new TorchError("protocol", "the worker sent more weights than it had named");
          await write(tensors.bytes(value.name));
        }
      }
    });
    await done;
  }

  async saveModel(folder: string, metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    await makeFolder(folder);
    await this.saveWeights(join(folder, "model.safetensors"), { format: "pt", ...metadata });
    // config.json last: a folder with it is complete.
    const names = Object.keys(this.facts.texts).toSorted(
      (a, b) => Number(a === "config.json") - Number(b === "config.json"),
    );
    for (const name of names) {
      await writeFileAtomically(join(folder, name), (file) => file.writeFile(this.facts.texts[name] ?? ""));
    }
  }

  async saveAdapter(folder: string, base = this.facts.origin ?? ""): Promise<void> {
    const adapter = await this.#own.adapter();
    const reached = planOf(this.facts, this.lora as LoraOptions).modules;
    await writeAdapterFiles(folder, { ...adapter, base }, reached);
  }
}

/** @param from a safetensors file, or the folder of a model */
function weightFiles(from: string): readonly string[] {
  if (!existsSync(from) || !statSync(from).isDirectory()) return [from];
  return readdirSync(from)
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => join(from, name));
}
