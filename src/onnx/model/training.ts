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
  StepShape,
  Training,
  TrainingState,
  Weights,
} from "../../capabilities/index.js";
import type { Engine } from "../../graph/index.js";
import { readAdapter, writeAdapter } from "../files/adapter-files.js";
import { writeModelFolder } from "../files/folder.js";
import { writeSafetensors } from "../files/safetensors.js";
import { loraTensors, mergeLora, setLora } from "../network/lora.js";
import { trainingMemory } from "../network/memory.js";
import { Trainer } from "../network/trainer.js";
import { SCOPE, weightsOf, type OpenedFolder, type OwnWeights } from "./opened-weights.js";

/** Names an adapter beside them. */
const ADAPTER = "adapter";

export class OnnxTraining implements Training {
  /** Whether the engine's weights, an adapter aside, are still those that the model was opened with. */
  #isAsOpened = true;

  constructor(
    private readonly engine: Engine,
    private readonly folder: OpenedFolder,
    private readonly trainer: Trainer,
    /** The weights that the model was opened with. */
    private readonly opened: () => Promise<OwnWeights>,
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
    this.#isAsOpened &&= this.lora !== undefined;
    return this.trainer.train(rows, learningRate, size, extras);
  }

  memoryOf(step: StepShape): number {
    return trainingMemory(this.folder.config, { lora: this.lora, ...step });
  }

  checkpoint(): Promise<TrainingState> {
    return this.trainer.checkpoint();
  }

  restore(state: TrainingState): Promise<void> {
    this.#isAsOpened &&= this.lora !== undefined;
    return this.trainer.restore(state);
  }

  adapter(): Promise<Adapter> {
    return this.trainer.adapter();
  }

  async load(from?: string | Weights, start?: AdapterStart): Promise<void> {
    if (from === undefined && this.#isAsOpened) return this.trainer.reset(undefined, start);
    const { weights, take } = from === undefined ? await this.opened() : await weightsOf(from);
    await this.#replace({ weights, take }, start);
    this.#isAsOpened = from === undefined;
  }

  async #replace({ weights, take }: OwnWeights, start?: AdapterStart): Promise<void> {
    this.#isAsOpened = false;
    await this.trainer.reset(weights, { ...start, take });
  }

  readAdapter(folder: string): Promise<Adapter> {
    return readAdapter(folder, this.folder.config);
  }

  async merge(adapter: Adapter): Promise<void> {
    const { engine, folder, trainer } = this;
    const lora = await setLora(engine, ADAPTER, adapter);
    const weights = await trainer.weights();
    await mergeLora(engine, folder.config, lora, (parameter) => `${ADAPTER}.${parameter}`, weights);
    await engine.dropState([...loraTensors(adapter).keys()].map((parameter) => `${ADAPTER}.${parameter}`));
    await this.#replace({ weights, take: true });
  }

  /** Of a scope of its own, so that the model's own trainer and what it compiled are left alone; the weights are shared. */
  async beside(wanted: LoraOptions): Promise<AdapterTraining> {
    const { engine, folder, trainer } = this;
    const frozen = trainer.lora?.frozen;
    if (wanted.frozen && !frozen) {
      throw new RangeError(`lora: the model was opened with float32 weights, found frozen "${wanted.frozen}"`);
    }
    const lora: LoraOptions = frozen ? { ...wanted, frozen } : wanted;
    // A model's own adapter becomes a part of the weights first.
    if (trainer.lora) await this.#replace({ weights: await trainer.weights(), take: true });
    const { config } = folder;
    const own = await Trainer.create({ engine, config, scope: ADAPTER, base: SCOPE, lora, programs: 1 });
    return {
      get step() {
        return own.step;
      },
      lora,
      train: (...step) => own.train(...step),
      memoryOf: (step) => trainingMemory(config, { lora, ...step }),
      checkpoint: () => own.checkpoint(),
      restore: (state) => own.restore(state),
      adapter: () => own.adapter(),
      merge: async () => this.#replace({ weights: await own.weights(), take: true }),
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

  nameOf(folder: string): string {
    return `local:${folder}`;
  }

  async saveAdapter(folder: string, base = this.folder.origin ?? ""): Promise<void> {
    await writeAdapter(folder, { ...(await this.trainer.adapter()), base }, this.folder.config);
  }
}
