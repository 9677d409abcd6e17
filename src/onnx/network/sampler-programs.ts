/** The compiled programs of a sampler and the caches they write to; of many shapes only those used last are kept. */
import type { Engine, Program } from "../../graph/index.js";
import type { TransformerConfig } from "../files/config.js";
import { cacheShape, decodeGraph, prefillGraph, type DecodeOptions } from "./decode.js";
import { declareLora, type LoraOptions } from "./lora.js";
import { steer, steeringKey, type Steering } from "./steering.js";

/** Compiled graphs that are kept; each costs a fraction of a second to make again. */
const PROGRAMS = 32;
/** Sizes of cache that are kept: of the organism at 64 rows and 512 positions one has 64 MiB. */
const CACHES = 4;

let samplers = 0;

/** Of one batch: rows, cache positions, and whether it samples at a temperature that is neither 0 nor 1. */
export interface BatchShape {
  readonly rows: number;
  readonly cache: number;
  readonly warm: boolean;
}

export class SamplerPrograms {
  readonly #programs = new Map<string, Program>();
  /** Rows and positions → the names of its tensors. */
  readonly #caches = new Map<string, string[]>();
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
        caches: (layer) => this.#cacheNames(shape, layer),
        afterLayer: (graph) => steer(graph, steering, config.width, rows),
        warm,
      };
      program = await engine.load(
        kind === "prefill"
          ? prefillGraph(config, rows, length, cache, options)
          : decodeGraph(config, rows, cache, options),
      );
    }
    const surplus = usedLast(this.#programs, key, program, PROGRAMS);
    if (surplus) await this.engine.release(surplus);
    return program;
  }

  /** Makes the caches of this size, once. */
  async reserve(shape: BatchShape): Promise<void> {
    const key = `${shape.rows}x${shape.cache}`;
    const found = this.#caches.get(key);
    const names = found ?? Array.from({ length: this.config.layers }, (_, i) => this.#cacheNames(shape, i)).flat();
    if (!found) {
      const size = cacheShape(this.config, shape.rows, shape.cache).reduce((product, n) => product * n, 1);
      await this.engine.setState(new Map(names.map((name) => [name, new Float32Array(size)])));
    }
    const surplus = usedLast(this.#caches, key, names, CACHES);
    if (surplus) await this.engine.dropState(surplus);
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await this.engine.release(program);
    await this.engine.dropState([...this.#caches.values()].flat());
    this.#programs.clear();
    this.#caches.clear();
  }

  #cacheNames({ rows, cache }: BatchShape, layer: number): [string, string] {
    const at = `${this.scope}.cache.${this.#number}.${rows}x${cache}.${layer}`;
    return [`${at}.keys`, `${at}.values`];
  }
}

/** Puts an entry last; returns the one that was used longest ago when there are more than `most`. */
function usedLast<T>(entries: Map<string, T>, key: string, value: T, most: number): T | undefined {
  entries.delete(key);
  entries.set(key, value);
  const [first] = entries;
  if (first === undefined || entries.size <= most) return undefined;
  entries.delete(first[0]);
  return first[1];
}
