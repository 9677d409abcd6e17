/**
 * A trained autoencoder over given activations: their latents and their reconstruction. It computes in an engine of its
 * own, whatever engine the model runs in.
 */
import {
  add,
  divide,
  Engine,
  Graph,
  matmul,
  mean,
  multiply,
  reshape,
  rowDot,
  squareRoot,
  subtract,
  type Program,
  type Value,
} from "../../graph/index.js";
import type { ReadableModel } from "../../model/index.js";
import { declareSae, latents, preActivations } from "./graphs.js";
import type { Sae, SaeNorm } from "./sae.js";

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
    const { threshold, magnitude, ...weights } = sae.weights;
    const tensors = {
      ...weights,
      ...(threshold !== undefined && { threshold: Float32Array.of(threshold) }),
      ...(magnitude && { magnitudeScale: magnitude.scale, magnitudeBias: magnitude.bias }),
    };
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
    const { width, norm = "none" } = this.sae;
    const graph = new Graph();
    const x = graph.feed("x", "float32", [ROWS, width]);
    const { inner, outer } = normalized(x, norm);
    const { active, decoder, decoderBias } = this.#active(graph, inner);
    const decoded = outer(add(matmul(active, decoder), decoderBias));
    const missed = subtract(x, decoded);
    graph.fetch("latents", active);
    graph.fetch("decoded", decoded);
    graph.fetch("errors", reshape(rowDot(missed, missed), [ROWS]));
    return graph;
  }

  #active(graph: Graph, x: Value): { readonly active: Value; readonly decoder: Value; readonly decoderBias: Value } {
    const { width, recipe, weights } = this.sae;
    const { kind, size } = recipe;
    const { encoder, encoderBias, decoder, decoderBias } = declareSae(graph, { size, width }, SCOPE);
    const state = (name: string, shape: readonly number[]): Value =>
      graph.stateTensor(`${SCOPE}.${name}`, "float32", shape);
    const inputBias = weights.inputBias === undefined ? decoderBias : state("inputBias", [1, width]);
    const read = { encoder, encoderBias, decoder, decoderBias: inputBias };
    const active = latents(preActivations(x, read), kind, {
      k: recipe.k,
      ...(weights.threshold !== undefined && { threshold: state("threshold", [1]) }),
      ...(weights.thresholds && { thresholds: state("thresholds", [1, size]) }),
      ...(weights.magnitude && {
        magnitude: add(
          multiply(
            preActivations(x, { ...read, encoderBias: graph.constant(new Float32Array(size), [1, size]) }),
            state("magnitudeScale", [1, size]),
          ),
          state("magnitudeBias", [1, size]),
        ),
      }),
    });
    return { active, decoder, decoderBias };
  }
}

/** As SAELens does it, its deviation with n − 1 and its ε. */
function normalized(x: Value, norm: SaeNorm): { readonly inner: Value; readonly outer: (x: Value) => Value } {
  const [, width] = x.shape as [number, number];
  const scalar = (value: number): Value => x.graph.scalar(value);
  if (norm === "none") return { inner: x, outer: (decoded) => decoded };
  if (norm === "length") {
    const share = divide(scalar(Math.sqrt(width)), squareRoot(rowDot(x, x)));
    return { inner: multiply(x, share), outer: (decoded) => divide(decoded, share) };
  }
  const centre = mean(x, [1], true);
  const centred = subtract(x, centre);
  const deviation = squareRoot(divide(rowDot(centred, centred), scalar(width - 1)));
  return {
    inner: divide(centred, add(deviation, scalar(1e-5))),
    outer: (decoded) => add(multiply(decoded, deviation), centre),
  };
}
