/**
 * The models that are loaded, a bounded number of them: the one unused for longest makes room for the next. A loaded
 * organism takes some 200 MB, most of it its own ONNX Runtime thread and compiled graphs.
 */
import { createHash } from "node:crypto";
import type { LocalModel } from "../model/index.js";
import { Batcher } from "./batcher.js";
import type { ServedModel } from "./catalogue.js";

/** Batches of few rows answer a lone request sooner. */
const ROWS = [4, 64];

export interface LoadedModel {
  readonly model: LocalModel;
  readonly batcher: Batcher;
  /** Names the weights. */
  readonly fingerprint: string;
}

interface Entry {
  readonly loaded: Promise<LoadedModel>;
  users: number;
}

export class ModelPool {
  /** The one used last is last. */
  readonly #entries = new Map<string, Entry>();
  #freed: (() => void)[] = [];

  constructor(
    private readonly most: number,
    private readonly threads: number | undefined,
  ) {}

  /** Runs `work` with the model loaded; it stays loaded until then at least. */
  async use<T>(served: ServedModel, work: (loaded: LoadedModel) => Promise<T>): Promise<T> {
    const entry = await this.#enter(served);
    try {
      return await work(await entry.loaded);
    } finally {
      entry.users--;
      for (const free of this.#freed.splice(0)) free();
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { loaded } of entries) await loaded.then(({ model }) => model.close()).catch(() => undefined);
  }

  async #enter(served: ServedModel): Promise<Entry> {
    for (;;) {
      const found = this.#entries.get(served.id);
      if (found || this.#entries.size < this.most) {
        const entry = found ?? { loaded: this.#load(served), users: 0 };
        entry.users++;
        this.#entries.delete(served.id);
        this.#entries.set(served.id, entry);
        return entry;
      }
      const idle = [...this.#entries].find(([, { users }]) => users === 0);
      if (idle) {
        this.#entries.delete(idle[0]);
        await idle[1].loaded.then(({ model }) => model.close());
      } else await new Promise<void>((resolve) => this.#freed.push(resolve));
    }
  }

  async #load(served: ServedModel): Promise<LoadedModel> {
    try {
      const model = await served.open({ rows: ROWS, ...(this.threads !== undefined && { threads: this.threads }) });
      return { model, batcher: new Batcher(model), fingerprint: fingerprintOf(served, model) };
    } catch (error) {
      this.#entries.delete(served.id);
      throw error;
    }
  }
}

/** A study's cells share the base's folder, so the id counts, too. */
function fingerprintOf({ id, created }: ServedModel, { folder }: LocalModel): string {
  const text = JSON.stringify([id, created, folder.files.map(({ sha256 }) => sha256)]);
  return `fp_${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}
