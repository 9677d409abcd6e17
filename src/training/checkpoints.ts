/** A fine-tune under way, kept now and then, so that a run that is stopped or killed does not begin it again. */
import { rm } from "node:fs/promises";
import type { Tensor, Trainable, TrainingState } from "../model/index.js";
import { ModelFileError, readSafetensors, writeSafetensors } from "../onnx/index.js";
import { sha256, storing } from "../store/index.js";

const EVERY = 5; // seconds
const SHARE = 0.02; // of the time, at most, goes into checkpoints of large models
const BESIDE = "beside.";

export class Checkpoints {
  readonly #fingerprint: string;
  #last = performance.now();
  #pause: number;
  #beside: ReadonlyMap<string, Tensor> = new Map();

  /**
   * @param of all that makes this fine-tune what it is: base, data, dose, seed; a checkpoint of another is not taken
   * @param every seconds from one to the next; by default 5, and longer where writing one takes more than 0.1 s
   */
  constructor(
    readonly path: string,
    of: object,
    readonly every?: number,
  ) {
    this.#fingerprint = sha256(JSON.stringify(of));
    this.#pause = every ?? EVERY;
  }

  /**
   * Puts the last checkpoint into `training` and returns its step; 0 and nothing where there is none of this fine-tune, or
   * only one of more than `most` steps.
   */
  async restore(training: Trainable, most = Infinity): Promise<number> {
    const found = await this.#read();
    if (found === undefined || found.step > most) return 0;
    const [own, beside] = [new Map<string, Tensor>(), new Map<string, Tensor>()];
    for (const [name, tensor] of found.tensors) {
      if (name.startsWith(BESIDE)) beside.set(name.slice(BESIDE.length), tensor);
      else own.set(name, tensor);
    }
    await training.restore({ step: found.step, tensors: own });
    this.#beside = beside;
    return found.step;
  }

  /** What was saved beside the training in the checkpoint that was restored. */
  get beside(): ReadonlyMap<string, Tensor> {
    return this.#beside;
  }

  async #read(): Promise<TrainingState | undefined> {
    try {
      const { metadata, tensors } = await readSafetensors(this.path);
      const step = Number(metadata["step"]);
      if (metadata["of"] !== this.#fingerprint || !Number.isSafeInteger(step) || step < 1) return undefined;
      return { step, tensors };
    } catch (error) {
      // A damaged one costs time, not the fine-tune.
      if (error instanceof ModelFileError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Is it time for another one? */
  get due(): boolean {
    return (performance.now() - this.#last) / 1000 >= this.#pause;
  }

  /** Everything of the steps so far must be on the disk before. */
  async save(training: Trainable, beside: ReadonlyMap<string, Tensor> = new Map()): Promise<void> {
    const began = performance.now();
    const { step, tensors } = await training.checkpoint();
    const others = [...beside].map(([name, tensor]) => [BESIDE + name, tensor] as const);
    const about = { step: String(step), of: this.#fingerprint };
    await storing(this.path, () => writeSafetensors(this.path, new Map([...tensors, ...others]), about));
    this.#last = performance.now();
    this.#pause = this.every ?? Math.max(EVERY, (this.#last - began) / 1000 / SHARE);
  }

  /** Trained: it has served. */
  async remove(): Promise<void> {
    await storing(this.path, () => rm(this.path, { force: true }));
  }
}
