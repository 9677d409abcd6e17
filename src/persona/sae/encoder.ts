/**
 * A trained autoencoder over given activations: their latents and their reconstruction. It computes in an engine of its
 * own, whatever engine the model runs in.
 */
import { add, Engine, Graph, matmul, reshape, rowDot, subtract, type Program } from "../../graph/index.js";
import type { ReadableModel } from "../../model/index.js";
import { declareSae, latents } from "./graphs.js";
import type { Sae } from "./sae.js";

const SCOPE = "sae";
/** Tokens encoded at a time. */
const ROWS = 1024;

export interface Reconstruction {
  /** [N, S]; what is not active is 0. */
  readonly latents: Float32Array;
  /** [N, W] */
  readonly decoded: Float32Array;
  /** [N]: the squared length of what the reconstruction misses. */
  readonly errors: Float32Array;
}

export class SaeEncoder {
  #program: Program | undefined;

  private constructor(
    readonly sae: Sae,
    readonly model: ReadableModel,
    private readonly engine: Engine,
  ) {}

  /** @param model whose activations they are; as many threads as it has compute them */
  static async open(sae: Sae, model: ReadableModel): Promise<SaeEncoder> {
    const { threshold, ...weights } = sae.weights;
    const tensors = { ...weights, ...(threshold !== undefined && { threshold: Float32Array.of(threshold) }) };
    const entries = Object.entries(tensors).map(([name, data]) => [`${SCOPE}.${name}`, data] as const);
    const engine = Engine.start(model.threads === undefined ? {} : { threads: model.threads });
    await engine.setState(entries);
    return new SaeEncoder(sae, model, engine);
  }

  /** Activations [N, W] → latents [N, S]; what is not active is 0. */
  async encode(activations: Float32Array): Promise<Float32Array> {
    return (await this.reconstruct(activations)).latents;
  }

  /** Of activations [N, W]. Quickest with many at a time: N is filled up to a multiple of 1,024. */
  async reconstruct(activations: Float32Array): Promise<Reconstruction> {
    const { width, recipe } = this.sae;
    const count = activations.length / width;
    const found = {
      latents: new Float32Array(count * recipe.size),
      decoded: new Float32Array(count * width),
      errors: new Float32Array(count),
    };
    this.#program ??= await this.engine.load(this.#graph(), { keepMemory: true });
    for (let at = 0; at < count; at += ROWS) {
      const x = new Float32Array(ROWS * width);
      x.set(activations.subarray(at * width, (at + ROWS) * width));
      const outputs = await this.engine.run(this.#program, { x });
      const rows = Math.min(ROWS, count - at);
      const take = (name: keyof Reconstruction, size: number): void =>
        found[name].set((outputs[name] as Float32Array).subarray(0, rows * size), at * size);
      take("latents", recipe.size);
      take("decoded", width);
      take("errors", 1);
    }
    return found;
  }

  async close(): Promise<void> {
    await this.engine.close();
  }

  #graph(): Graph {
    const { width, recipe } = this.sae;
    const graph = new Graph();
    const x = graph.feed("x", "float32", [ROWS, width]);
    const parameters = declareSae(graph, { ...recipe, width }, SCOPE);
    const threshold = recipe.kind === "batchtopk" ? graph.stateTensor(`${SCOPE}.threshold`, "float32", [1]) : undefined;
    const active = latents(x, parameters, { ...recipe, width }, threshold);
    const decoded = add(matmul(active, parameters.decoder), parameters.decoderBias);
    const missed = subtract(x, decoded);
    graph.fetch("latents", active);
    graph.fetch("decoded", decoded);
    graph.fetch("errors", reshape(rowDot(missed, missed), [ROWS]));
    return graph;
  }
}
