/** A trained autoencoder in a model's engine: latents of given activations, and the model with its reconstruction. */
import { add, Graph, matmul, reshape, rowDot, subtract, type Program, type Value } from "../../graph/index.js";
import type { LocalModel } from "../../model/index.js";
import type { Replacement } from "../../onnx/index.js";
import { declareSae, latents } from "./graphs.js";
import type { Sae } from "./sae.js";

/** Names an encoder's weights in the engine, so that several can be open at a time. */
let opened = 0;
/** Tokens encoded at a time. */
const ROWS = 1024;

export class SaeEncoder {
  #program: Program | undefined;

  private constructor(
    readonly sae: Sae,
    readonly model: LocalModel,
    private readonly scope: string,
  ) {}

  static async open(sae: Sae, model: LocalModel): Promise<SaeEncoder> {
    const { threshold, ...weights } = sae.weights;
    const scope = `sae.${opened++}`;
    const tensors = { ...weights, ...(threshold !== undefined && { threshold: Float32Array.of(threshold) }) };
    const entries = Object.entries(tensors).map(([name, data]) => [`${scope}.${name}`, data] as const);
    await model.engine.setState(new Map(entries));
    return new SaeEncoder(sae, model, scope);
  }

  /** Activations [N, W] → latents [N, S]; what is not active is 0. */
  async encode(activations: Float32Array): Promise<Float32Array> {
    return (await this.reconstruct(activations)).latents;
  }

  /**
   * Latents [N, S] of activations [N, W], and the squared length of what the reconstruction misses of each, [N]. Quickest
   * with many at a time: N is filled up to a multiple of 1,024.
   */
  async reconstruct(activations: Float32Array): Promise<{ latents: Float32Array; errors: Float32Array }> {
    const { width, recipe } = this.sae;
    const count = activations.length / width;
    const found = { latents: new Float32Array(count * recipe.size), errors: new Float32Array(count) };
    this.#program ??= await this.model.engine.load(this.#graph(), { keepMemory: true });
    for (let at = 0; at < count; at += ROWS) {
      const x = new Float32Array(ROWS * width);
      x.set(activations.subarray(at * width, (at + ROWS) * width));
      const outputs = await this.model.engine.run(this.#program, { x });
      const rows = Math.min(ROWS, count - at);
      found.latents.set((outputs["latents"] as Float32Array).subarray(0, rows * recipe.size), at * recipe.size);
      found.errors.set((outputs["errors"] as Float32Array).subarray(0, rows), at);
    }
    return found;
  }

  /** The reconstruction in place of the residual stream. */
  get replacement(): Replacement {
    return {
      layer: this.sae.recipe.layer,
      key: `${this.scope} reconstruction`,
      build: (graph, residual) => this.#decoded(graph, this.#latents(graph, residual)),
    };
  }

  async close(): Promise<void> {
    await this.model.reader.forget(this.replacement);
    if (this.#program) await this.model.engine.release(this.#program);
    this.#program = undefined;
    await this.model.engine.dropState(Object.keys(this.sae.weights).map((name) => `${this.scope}.${name}`));
  }

  #graph(): Graph {
    const graph = new Graph();
    const x = graph.feed("x", "float32", [ROWS, this.sae.width]);
    const active = this.#latents(graph, x);
    const missed = subtract(x, this.#decoded(graph, active));
    graph.fetch("latents", active);
    graph.fetch("errors", reshape(rowDot(missed, missed), [ROWS]));
    return graph;
  }

  #decoded(graph: Graph, active: Value): Value {
    const { decoder, decoderBias } = this.#parameters(graph);
    return add(matmul(active, decoder), decoderBias);
  }

  readonly #declared = new WeakMap<Graph, ReturnType<typeof declareSae>>();

  #parameters(graph: Graph): ReturnType<typeof declareSae> {
    let found = this.#declared.get(graph);
    if (!found) {
      const { width, recipe } = this.sae;
      this.#declared.set(graph, (found = declareSae(graph, { ...recipe, width }, this.scope)));
    }
    return found;
  }

  #latents(graph: Graph, x: Value): Value {
    const { width, recipe } = this.sae;
    const threshold =
      recipe.kind === "batchtopk" ? graph.stateTensor(`${this.scope}.threshold`, "float32", [1]) : undefined;
    return latents(x, this.#parameters(graph), { ...recipe, width }, threshold);
  }
}
