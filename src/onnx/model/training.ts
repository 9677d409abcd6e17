/** Training of the weights that a model samples with. */
import type {
  Adapter,
  AdapterStart,
  AdapterTraining,
  BatchSize,
  EncodedText,
  LoraOptions,
  StepExtras,
  StepResult,
  Training,
  TrainingState,
  Weights,
} from "../../capabilities/index.js";
import type { Engine } from "../../graph/index.js";
import { readAdapter, writeAdapter } from "../files/adapter-files.js";
import { writeModelFolder, type ModelFolder } from "../files/folder.js";
import { readSafetensors, writeSafetensors } from "../files/safetensors.js";
import { loraTensors, mergeLora, setLora } from "../network/lora.js";
import { Trainer } from "../network/trainer.js";
import { readModel } from "./read-model.js";

/** Of an adapter beside the model's own weights, in the engine. */
const ADAPTER = "adapter";

export class OnnxTraining implements Training {
  constructor(
    private readonly engine: Engine,
    private readonly folder: ModelFolder,
    private readonly trainer: Trainer,
  ) {}

  get step(): number {
    return this.trainer.step;
  }

  get lora(): LoraOptions | undefined {
    return this.trainer.lora;
  }

  train(
    rows: readonly EncodedText[],
    learningRate: number,
    size?: BatchSize,
    extras?: StepExtras,
  ): Promise<StepResult> {
    return this.trainer.train(rows, learningRate, size, extras);
  }

  checkpoint(): Promise<TrainingState> {
    return this.trainer.checkpoint();
  }

  restore(state: TrainingState): Promise<void> {
    return this.trainer.restore(state);
  }

  adapter(): Promise<Adapter> {
    return this.trainer.adapter();
  }

  async load(from?: string | Weights, start?: AdapterStart): Promise<void> {
    await this.trainer.reset(from === undefined ? this.folder.tensors : await weightsOf(from), start);
  }

  readAdapter(folder: string): Promise<Adapter> {
    return readAdapter(folder, this.folder.config);
  }

  async merge(adapter: Adapter): Promise<void> {
    const { engine, folder, trainer } = this;
    const name = (parameter: string): string => `${ADAPTER}.${parameter}`;
    const lora = await setLora(engine, ADAPTER, adapter);
    const merged = await mergeLora(engine, folder.config, lora, name, await trainer.weights());
    await engine.dropState([...loraTensors(adapter).keys()].map(name));
    await trainer.reset(merged);
  }

  /** Of a scope of its own, so that the model's own trainer and what it compiled are left alone. */
  async beside(lora: LoraOptions): Promise<AdapterTraining> {
    const { engine, folder, trainer } = this;
    const weights = await trainer.weights();
    const { config } = folder;
    const own = await Trainer.create({ engine, config, weights, scope: ADAPTER, lora, programs: 1 });
    return {
      get step() {
        return own.step;
      },
      lora,
      train: (...step) => own.train(...step),
      checkpoint: () => own.checkpoint(),
      restore: (state) => own.restore(state),
      adapter: () => own.adapter(),
      merge: async () => trainer.reset(await own.weights()),
      close: () => own.close(),
    };
  }

  async saveWeights(path: string, metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    await writeSafetensors(path, await this.trainer.weights(), metadata);
  }

  async saveModel(folder: string, metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    const { config, tokenizer, template } = this.folder;
    await writeModelFolder(folder, { config, tensors: await this.trainer.weights(), tokenizer, template }, metadata);
  }

  async saveAdapter(folder: string, base = this.folder.origin ?? ""): Promise<void> {
    await writeAdapter(folder, { ...(await this.trainer.adapter()), base }, this.folder.config);
  }
}

async function weightsOf(from: string | Weights): Promise<Weights> {
  if (typeof from !== "string") return from;
  if (from.endsWith(".safetensors")) return (await readSafetensors(from)).tensors;
  return (await readModel(from)).tensors;
}
