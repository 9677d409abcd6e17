/** The compiled programs of a sampler and the caches they write to; of many shapes only those used last are kept. */
import type { Engine, Program, RowCopy } from "../../graph/index.js";
import type { TransformerConfig } from "../files/config.js";
import { cacheShape, decodeGraph, prefillGraph, type DecodeOptions } from "./decode.js";
import { declareLora, type LoraOptions } from "./lora.js";
import { steer, steeringKey, type Steering } from "./steering.js";

/** Compiled graphs that are kept; each costs a fraction of a second to make again. */
const PROGRAMS = 64;
/** Sizes of cache that are kept: of the organism at 64 rows and 512 positions one has 64 MiB. */
const CACHES = 4;
/** Largest [B, V] whose memory a program keeps: many programs with much memory each would fill the machine. */
const KEPT = 2 ** 18;

let samplers = 0;

/** Of one batch: rows, cache positions, and whether it samples at a temperature that is neither 0 nor 1. */
export interface BatchShape {
  readonly rows: number;
  readonly cache: number;
  readonly warm: boolean;
}

export class SamplerPrograms {
  readonly #programs = new Map<string, Program>();
  /** Positions → rows of that cache; smaller batches use its first rows. */
  readonly #caches = new Map<number, number>();
  /** Caches are a sampler's own. */
  readonly #number = samplers++;

  constructor(
    private readonly engine: Engine,
    private readonly config: TransformerConfig,
    private readonly scope: string,
    private readonly lora: LoraOptions | undefined,
  ) {}

  /** The program for prompts (of one padded length) or for single tokens, over one size of cache. */
  async program(
    kind: "prefill" | "decode",
    length: number,
    shape: BatchShape,
    steering: readonly Steering[],
  ): Promise<Program> {
    const { rows, cache, warm } = shape;
    const key = `${kind} ${length} ${rows}x${cache} ${warm} ${steeringKey(steering)}`;
    let program = this.#programs.get(key);
    if (!program) {
      const { engine, config, scope, lora } = this;
      const name = (parameter: string): string => `${scope}.${parameter}`;
      const options: DecodeOptions = {
        name,
        ...(lora && { adapt: (graph) => declareLora(graph, config, lora, name).adapt }),
        caches: (layer) => this.#layerNames(cache, layer),
        afterLayer: (graph) => steer(graph, steering, config.width, rows),
        warm,
      };
      program = await engine.load(
        kind === "prefill"
          ? prefillGraph(config, rows, length, cache, options)
          : decodeGraph(config, rows, cache, options),
        { keepMemory: kind === "decode" && rows * config.vocabSize <= KEPT },
      );
    }
    const surplus = usedLast(this.#programs, key, program, PROGRAMS);
    if (surplus) await this.engine.release(surplus.value);
    return program;
  }

  /** Makes caches of so many rows at least, where there are none. */
  async reserve({ rows, cache }: BatchShape): Promise<void> {
    const found = this.#caches.get(cache) ?? 0;
    if (found < rows) {
      const size = rows * this.#rowSize(cache);
      await this.engine.setState(new Map(this.#cacheNames(cache).map((name) => [name, new Float32Array(size)])));
    }
    const surplus = usedLast(this.#caches, cache, Math.max(found, rows), CACHES);
    if (surplus) await this.engine.dropState(this.#cacheNames(surplus.key));
  }

  /** Copies what was read of texts from one row of a cache to another. */
  async copyRows(cache: number, copies: readonly RowCopy[]): Promise<void> {
    await this.engine.copyRows(this.#cacheNames(cache), this.#rowSize(cache), copies);
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await this.engine.release(program);
    await this.engine.dropState([...this.#caches.keys()].flatMap((cache) => this.#cacheNames(cache)));
    this.#programs.clear();
    this.#caches.clear();
  }

  /** Elements of a cache that belong to one row. */
  #rowSize(cache: number): number {
    return cacheShape(this.config, 1, cache).reduce((product, n) => product * n, 1);
  }

  #cacheNames(cache: number): string[] {
    return Array.from({ length: this.config.layers }, (_, layer) => this.#layerNames(cache, layer)).flat();
  }

  #layerNames(cache: number, layer: number): [string, string] {
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
