/** How well an autoencoder does on documents that it was not trained on. */
import { add, multiply } from "../../graph/index.js";
import type { Random } from "../../statistics/index.js";
import type { Replacement } from "../../transformer/index.js";
import { drawDocument, type EncodedDocument } from "./activations.js";
import type { SaeEncoder } from "./encoder.js";
import { LatentTable } from "./latent-table.js";

export interface SaeMetrics {
  readonly documents: number;
  readonly tokens: number;
  /** 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖² over all tokens. */
  readonly explainedVariance: number;
  /** Active latents a token. */
  readonly l0: number;
  /** Share of latents that no token has. */
  readonly deadShare: number;
  /** Shortest and longest decoder row. */
  readonly decoderNorms: readonly [number, number];
  /** Nats for the next token, with the residual stream as it is and with something else in its place. */
  readonly loss: {
    readonly original: number;
    readonly spliced: number;
    readonly zero: number;
    readonly mean: number;
  };
  /** (zero − spliced) / (zero − original), and the same from the mean, which is stricter. */
  readonly lossRecovered: number;
  readonly lossRecoveredFromMean: number;
}

export interface SaeEvaluation {
  readonly metrics: SaeMetrics;
  readonly table: LatentTable;
}

const PORTION = 64; // documents

/** @param random draws the documents; a stream that training does not use */
export async function evaluateSae(
  encoder: SaeEncoder,
  random: Random,
  documents: number,
  signal?: AbortSignal,
): Promise<SaeEvaluation> {
  const { sae, model } = encoder;
  const { width, weights, recipe } = sae;
  const { layer, size } = recipe;
  const drawn = Array.from({ length: documents }, () => drawDocument(model, random));
  const table = new LatentTable(size);
  const sums = new Float64Array(width);
  let [squares, errors, active, tokens] = [0, 0, 0, 0];
  for (let at = 0; at < drawn.length; at += PORTION) {
    const part = drawn.slice(at, at + PORTION);
    const taps = await model.reader.activations(
      part.map(({ ids }) => ids),
      [layer],
      signal && { signal },
    );
    for (const [i, tap] of taps.entries()) {
      const x = tap.get(layer) as Float32Array;
      const found = await encoder.encode(x);
      const count = x.length / width;
      table.add(part[i] as EncodedDocument, found);
      for (let token = 0; token < count; token++) {
        const row = found.subarray(token * size, (token + 1) * size);
        const error = Float64Array.from({ length: width }, (_, j) => {
          const value = x[token * width + j] as number;
          sums[j] = (sums[j] as number) + value;
          squares += value * value;
          return value - (weights.decoderBias[j] as number);
        });
        row.forEach((strength, latent) => {
          if (strength === 0) return;
          active++;
          for (let j = 0; j < width; j++) {
            error[j] = (error[j] as number) - strength * (weights.decoder[latent * width + j] as number);
          }
        });
        errors += error.reduce((total, e) => total + e * e, 0);
      }
      tokens += count;
    }
  }
  const mean = Float32Array.from(sums, (total) => total / tokens);
  const total = squares - sums.reduce((t, s) => t + (s * s) / tokens, 0);
  const texts = drawn.map(({ ids }) => ids);
  const lossWith = async (replacement?: Replacement): Promise<number> => {
    const read = await model.reader.logProbabilities(texts, {
      ...(replacement && { replacement }),
      ...(signal && { signal }),
    });
    let [sum, count] = [0, 0];
    for (const text of read) {
      for (const p of text) sum -= p;
      count += text.length;
    }
    return sum / count;
  };
  const constant = (key: string, vector: Float32Array): Replacement => ({
    layer,
    key,
    build: (graph, residual) => add(multiply(residual, graph.scalar(0)), graph.constant(vector, [1, width])),
  });
  const loss = {
    original: await lossWith(),
    spliced: await lossWith(encoder.replacement),
    zero: await lossWith(constant("sae zero", new Float32Array(width))),
    mean: await lossWith(constant(`sae mean ${mean.join()}`, mean)),
  };
  const norms = Array.from({ length: size }, (_, i) =>
    Math.hypot(...weights.decoder.subarray(i * width, (i + 1) * width)),
  );
  return {
    table,
    metrics: {
      documents,
      tokens,
      explainedVariance: 1 - errors / total,
      l0: active / tokens,
      deadShare: table.deadShare,
      decoderNorms: [Math.min(...norms), Math.max(...norms)],
      loss,
      lossRecovered: (loss.zero - loss.spliced) / (loss.zero - loss.original),
      lossRecoveredFromMean: (loss.mean - loss.spliced) / (loss.mean - loss.original),
    },
  };
}
