/** The compiled programs of a sampler and the caches they write to; of many shapes only those used last are kept. */
import type { Engine, Graph, Program, RowCopy } from "../../graph/index.js";
import type { TransformerConfig } from "../files/config.js";
import { decodeGraph, prefillGraph, type DecodeOptions } from "./decode.js";
import { declareLora, type LoraOptions } from "./lora.js";
import { steer, steeringKey, type Steering } from "./steering.js";

/** Compiled graphs that are kept; each costs a fraction of a second to make again. */
const PROGRAMS = 64;
/** Sizes of cache that are kept: of the organism at 64 rows and 512 positions one has 64 MiB. */
const CACHES = 4;
/** Largest [B, V] whose memory a program keeps: many programs with much memory each would fill the machine. */
const KEPT = 2 ** 18;

let samplers = 0;

export class SamplerPrograms {
  readonly #programs = new Map<string, Program>();
  /** Cache → its rows; smaller batches use its first rows. */
  readonly #caches = new Map<string, number>();
  /** Caches are a sampler's own. */
  readonly #number = samplers++;

  constructor(
    private readonly engine: Engine,
    private readonly config: TransformerConfig,
    private readonly scope: string,
    private readonly lora: LoraOptions | undefined,
  ) {}

  /** The program that reads prompts, padded to one length, into a cache of that length. */
  async prefill(rows: number, length: number, isWarm: boolean, steering: readonly Steering[]): Promise<Program> {
    const cache = this.#staging(length);
    await this.#copy([], cache, length, cache, length, rows);
    return this.#program(`prefill ${rows}x${length} ${isWarm}`, false, rows, steering, isWarm, cache, (options) =>
      prefillGraph(this.config, rows, length, length, options),
    );
  }

  /** The program for single tokens, over caches of so many positions. */
  decode(rows: number, positions: number, isWarm: boolean, steering: readonly Steering[]): Promise<Program> {
    const cache = this.#main(positions);
    const keep = rows * this.config.vocabSize <= KEPT;
    return this.#program(`decode ${rows}x${positions} ${isWarm}`, keep, rows, steering, isWarm, cache, (options) =>
      decodeGraph(this.config, rows, positions, options),
    );
  }

  /** Copies what was read of prompts, padded to `length`, into rows of a cache. */
  enter(length: number, positions: number, rows: number, copies: readonly RowCopy[]): Promise<void> {
    return this.#copy(copies, this.#staging(length), length, this.#main(positions), positions, rows);
  }

  /** Copies rows of one cache to another, or within one, of at least so many rows; another is not needed any more. */
  async copy(from: number, to: number, rows: number, copies: readonly RowCopy[]): Promise<void> {
    await this.#copy(copies, this.#main(from), from, this.#main(to), to, rows);
    if (from !== to) await this.#drop(this.#main(from));
  }

  async #program(
    shape: string,
    keepMemory: boolean,
    rows: number,
    steering: readonly Steering[],
    warm: boolean,
    cache: string,
    build: (options: DecodeOptions) => Graph,
  ): Promise<Program> {
    const key = `${shape} ${steeringKey(steering)}`;
    let program = this.#programs.get(key);
    if (!program) {
      const { engine, config, scope, lora } = this;
      const name = (parameter: string): string => `${scope}.${parameter}`;
      const options: DecodeOptions = {
        name,
        ...(lora && { adapt: (graph) => declareLora(graph, config, lora, name).adapt }),
        ...(lora?.frozen && { frozen: lora.frozen }),
        caches: (layer) => this.#layerNames(cache, layer),
        afterLayer: (graph) => steer(graph, steering, config.width, rows),
        warm,
      };
      program = await engine.load(build(options), { keepMemory });
    }
    const surplus = usedLast(this.#programs, key, program, PROGRAMS);
    if (surplus) await this.engine.release(surplus.value);
    return program;
  }

  async #copy(
    copies: readonly RowCopy[],
    from: string,
    fromPositions: number,
    to: string,
    toPositions: number,
    rows: number,
  ): Promise<void> {
    const found = this.#caches.get(to) ?? 0;
    if (found < rows || copies.length > 0) {
      const { keyValueHeads: groups, headDim: width } = this.config;
      const sources = this.#cacheNames(from);
      const names = this.#cacheNames(to).map((name, i) => [sources[i] as string, name] as const);
      await this.engine.copyRows(names, { groups, width, from: fromPositions, to: toPositions }, rows, copies);
    }
    const surplus = usedLast(this.#caches, to, Math.max(found, rows), CACHES);
    if (surplus) await this.#drop(surplus.key);
  }

  async #drop(cache: string): Promise<void> {
    this.#caches.delete(cache);
    await this.engine.dropState(this.#cacheNames(cache));
  }

  #staging(length: number): string {
    return `prompts.${length}`;
  }

  #main(positions: number): string {
    return `answers.${positions}`;
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await this.engine.release(program);
    await this.engine.dropState([...this.#caches.keys()].flatMap((cache) => this.#cacheNames(cache)));
    this.#programs.clear();
    this.#caches.clear();
  }

  #cacheNames(cache: string): string[] {
    return Array.from({ length: this.config.layers }, (_, layer) => this.#layerNames(cache, layer)).flat();
  }

  #layerNames(cache: string, layer: number): [string, string] {
    const at = `${this.scope}.cache.${this.#number}.${cache}.${layer}`;
    return [`${at}.keys`, `${at}.values`];
  }
}

/** Puts an entry last; returns the one that was used longest ago when there are more than `most`. */
function usedLast<K, T>(entries: Map<K, T>, key: K, value: T, most: number): { key: K; value: T } | undefined {
  entries.delete(key);
  entries.set(key, value);
  const [first] = entries;
  if (first === undefined || entries.size <= most) return undefined;
  entries.delete(first[0]);
  return { key: first[0], value: first[1] };
}
