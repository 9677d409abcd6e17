/** How well an autoencoder does on documents that it was not trained on. */
import type { Patch } from "../../model/index.js";
import type { Random } from "../../statistics/index.js";
import { drawDocument, type DocumentSource, type EncodedDocument } from "./documents.js";
import type { SaeEncoder } from "./encoder.js";
import { LatentTable } from "./latent-table.js";
import { joined } from "./joined.js";
import { AnswerProbe } from "./probe.js";

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
  /**
   * Nats for each token of the answers, with the residual stream as it is and with something else in its place. What users
   * say is not counted: a model that was trained on answers alone predicts it worse than chance.
   */
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
  /** Of the same activations. */
  readonly probe: AnswerProbe;
}

/** Latents in memory at a time: 2²⁵ float32 are 128 MiB. */
const MOST_NUMBERS = 2 ** 25;
/** Documents that are read between two looks at the signal, at most. */
const MOST_DOCUMENTS = 256;

/** @param random draws the documents; a stream that training does not use */
export async function evaluateSae(
  encoder: SaeEncoder,
  source: DocumentSource,
  random: Random,
  documents: number,
  signal?: AbortSignal,
): Promise<SaeEvaluation> {
  const { sae, model } = encoder;
  const { width, weights, recipe } = sae;
  const { layer, size } = recipe;
  const drawn = Array.from({ length: documents }, () => drawDocument(model, source, random));
  const table = new LatentTable(size, source.labels);
  const probe = new AnswerProbe(width, source.labels);
  const sums = new Float64Array(width);
  const decoded: Float32Array[] = [];
  let [squares, errors, tokens] = [0, 0, 0];
  for (const part of portions(drawn, size)) {
    const taps = await model.reading.activations(
      part.map(({ ids }) => ids),
      [layer],
      signal && { signal },
    );
    const x = joined(taps.map((tap) => tap.get(layer) as Float32Array));
    const found = await encoder.reconstruct(x);
    let from = 0;
    for (const document of part) {
      const to = from + document.ids.length;
      table.add(document, found.latents.subarray(from * size, to * size));
      decoded.push(found.decoded.subarray(from * width, to * width));
      probe.add(document, x.subarray(from * width, to * width));
      from = to;
    }
    for (let i = 0; i < x.length; i++) {
      const value = x[i] as number;
      sums[i % width] = (sums[i % width] as number) + value;
      squares += value * value;
    }
    for (const error of found.errors) errors += error;
    tokens += found.errors.length;
  }
  const mean = Float32Array.from(sums, (total) => total / tokens);
  const total = squares - sums.reduce((t, s) => t + (s * s) / tokens, 0);
  const texts = drawn.map(({ ids }) => ids);
  const lossWith = async (activations?: Patch["activations"]): Promise<number> => {
    const read = await model.reading.logProbabilities(texts, {
      ...(activations && { patch: { layer, activations } }),
      ...(signal && { signal }),
    });
    let [sum, count] = [0, 0];
    for (const [i, text] of read.entries()) {
      const { answer } = drawn[i] as EncodedDocument;
      text.forEach((p, before) => {
        if (!answer[before + 1]) return;
        sum -= p;
        count++;
      });
    }
    return sum / count;
  };
  const loss = {
    original: await lossWith(),
    spliced: await lossWith(decoded),
    zero: await lossWith(new Float32Array(width)),
    mean: await lossWith(mean),
  };
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < size; i++) {
    const norm = Math.hypot(...weights.decoder.subarray(i * width, (i + 1) * width));
    [shortest, longest] = [Math.min(shortest, norm), Math.max(longest, norm)];
  }
  return {
    table,
    probe,
    metrics: {
      documents,
      tokens,
      explainedVariance: 1 - errors / total,
      l0: table.active / tokens,
      deadShare: table.deadShare,
      decoderNorms: [shortest, longest],
      loss,
      lossRecovered: (loss.zero - loss.spliced) / (loss.zero - loss.original),
      lossRecoveredFromMean: (loss.mean - loss.spliced) / (loss.mean - loss.original),
    },
  };
}

/** As many documents at a time as leave their latents within {@link MOST_NUMBERS}, one at least. */
function* portions(documents: readonly EncodedDocument[], size: number): Generator<EncodedDocument[]> {
  let part: EncodedDocument[] = [];
  let numbers = 0;
  for (const document of documents) {
    const more = document.ids.length * size;
    if (part.length > 0 && (numbers + more > MOST_NUMBERS || part.length === MOST_DOCUMENTS)) {
      yield part;
      [part, numbers] = [[], 0];
    }
    part.push(document);
    numbers += more;
  }
  if (part.length > 0) yield part;
}
