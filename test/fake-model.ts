// A model without an engine, with every facet that one of open weights has: nothing above the engines may need more.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type * as Model from "askew/model";
import { readSafetensors, writeSafetensors } from "askew/onnx";
import { Random } from "askew/statistics";
import { addTo, dot, drawn, LAYERS, logSoftmax, residual, row, SIZE, Weights, WIDTH } from "./fake-weights.js";
import type { Changes, Vector } from "./fake-weights.js";

const [END, POSITIONS] = [128, 1024];
const ROLES = { system: 129, user: 130, assistant: 131 } as const;

export class FakeModel implements Model.OpenWeightsModel {
  readonly can = { logProbabilities: true, finetune: true, activations: true };
  readonly threads = 1;
  readonly source: Model.ModelSource;
  readonly #weights: Weights;
  constructor(
    readonly name = "fake",
    lora?: Model.LoraOptions,
  ) {
    this.#weights = new Weights(drawn("embedding", SIZE), drawn("layers", LAYERS), drawn("head", SIZE), lora);
    const sha256 = createHash("sha256").update(this.#weights.head).digest("hex");
    this.source = { sha256, files: { head: sha256 } };
  }

  readonly tokens: Model.Tokens = {
    size: SIZE,
    maxPositions: POSITIONS,
    endIds: [END],
    encode: (messages) => {
      const parts = messages.map(({ role, content }) => [ROLES[role], ...this.tokens.encodeText(content), END]);
      return {
        ids: parts.flat(),
        answer: parts.flatMap((ids, at) => ids.map((_, i) => messages[at]?.role === "assistant" && i > 0)),
      };
    },
    encodePrompt: (messages) => [...this.tokens.encode(messages).ids, ROLES.assistant],
    encodeText: (text) => Array.from(text, (letter) => letter.charCodeAt(0) % END),
    decode: (ids) =>
      ids
        .filter((id) => id < END)
        .map((id) => String.fromCharCode(id))
        .join(""),
    tokenOf: (id) => (id < END ? String.fromCharCode(id) : undefined),
    unknownWords: () => [],
  };

  #chances(head: Vector, token: number, changes: Changes, text: number, patch?: Vector): number[] {
    return logSoftmax(head, patch ?? residual(this.#weights, token, LAYERS - 1, changes, text));
  }

  async #sample(
    requests: readonly Model.SampleRequest[],
    changes: Changes,
    options: Model.StreamOptions = {},
    onAnswer?: (index: number, answer: Model.SampledAnswer) => void,
  ) {
    const head = this.#weights.merged();
    return requests.map(({ messages, seed, maxTokens = options.maxTokens ?? 128 }, index): Model.SampledAnswer => {
      options.signal?.throwIfAborted();
      const random = Random.of("fake sample", seed);
      const ids: number[] = [];
      const tokens: { ids: number[]; logProbabilities: number[] } = { ids: [], logProbabilities: [] };
      let [last, logProbability, ended] = [this.tokens.encodePrompt(messages).at(-1) as number, 0, false];
      while (ids.length < maxTokens && !ended) {
        const chances = this.#chances(head, last, changes, index);
        let left = random.uniform();
        const id =
          options.temperature === 0
            ? chances.indexOf(Math.max(...chances))
            : chances.findIndex((p) => (left -= Math.exp(p)) <= 0);
        last = id < 0 ? END : id;
        logProbability += chances[last] as number;
        tokens.ids.push(last);
        tokens.logProbabilities.push(chances[last] as number);
        ended = last >= END;
        if (!ended) ids.push(last);
      }
      const answer = {
        text: this.tokens.decode(ids),
        tokens: ids.length,
        finish: ended ? "stop" : "length",
        logProbability,
        ...(options.drawn === true && { drawn: tokens }),
      } as const;
      onAnswer?.(index, answer);
      return answer;
    });
  }

  sample: Model.Model["sample"] = (requests, options, onAnswer) => this.#sample(requests, [], options, onAnswer);

  async *answers<R extends Model.SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options?: Model.AnswersOptions<R>,
  ): AsyncGenerator<Model.Answered<R>> {
    for await (const request of requests)
      yield { request, answer: (await this.sample([request], options))[0] as Model.SampledAnswer };
  }

  async close(): Promise<void> {}

  #activations = (texts: readonly (readonly number[])[], layers: readonly number[], changes: Changes) =>
    texts.map(
      (ids, text) =>
        new Map(
          layers.map(
            (layer) =>
              [
                layer,
                Float32Array.from(ids.flatMap((id) => [...residual(this.#weights, id, layer, changes, text)])),
              ] as const,
          ),
        ),
    );

  #next = (texts: readonly (readonly number[])[], changes: Changes, patch?: Model.Patch) => {
    const head = this.#weights.merged();
    const patched = (text: number, i: number): Vector | undefined => {
      if (patch === undefined) return undefined;
      const x = (
        patch.activations instanceof Float32Array ? patch.activations : row(patch.activations[text] as Vector, i)
      ).slice();
      for (let layer = patch.layer + 1; layer < LAYERS; layer++) addTo(x, row(this.#weights.layers, layer));
      return x;
    };
    return texts.map((ids, text) =>
      Float32Array.from(
        ids.slice(1),
        (id, i) => this.#chances(head, ids[i] as number, changes, text, patched(text, i))[id] as number,
      ),
    );
  };

  readonly reading: Model.Reading = {
    shape: { layers: LAYERS, width: WIDTH, vocabSize: SIZE },
    activations: async (texts, layers) => this.#activations(texts, layers, []),
    logProbabilities: async (texts, { patch } = {}) => this.#next(texts, [], patch),
    distributions: async (texts) =>
      texts.map(({ ids, answer }) =>
        Float32Array.from(
          ids.flatMap((_, i) =>
            i > 0 && answer[i] ? this.#chances(this.#weights.merged(), ids[i - 1] as number, [], 0) : [],
          ),
        ),
      ),
    continuations: async (texts) =>
      texts.map(({ prompt, branches }) =>
        this.#next(
          branches.map((branch) => [prompt.at(-1) as number, ...branch]),
          [],
        ),
      ),
    branches: ({ texts, vectors, layers = [] }) => ({
      read: async () =>
        texts.map(({ prompt, branches }) => {
          const last = prompt.at(-1) as number;
          const ids = [last, ...branches.flat()];
          const [own] = this.#activations(
            [ids],
            vectors.map((_, layer) => layer),
            [],
          ) as [Map<number, Vector>];
          return {
            along: vectors.map((vector, layer) =>
              Float32Array.from(ids, (_, i) => dot(row(own.get(layer) as Vector, i), vector)),
            ),
            logProbabilities: Float32Array.from(
              this.#next(
                branches.map((branch) => [last, ...branch]),
                [],
              ).flatMap((one) => [...one]),
            ),
            activations: new Map(layers.map((layer) => [layer, own.get(layer) as Vector])),
          };
        }),
      close: async () => {},
    }),
    logitEffect: (vector) =>
      Promise.resolve(Float32Array.from({ length: SIZE }, (_, v) => dot(row(this.#weights.merged(), v), vector))),
  };

  readonly steering: Model.Steering = {
    sample: (requests, changes, options, onAnswer) => this.#sample(requests, changes, options, onAnswer),
    activations: async (texts, layers, changes) => this.#activations(texts, layers, changes),
    logProbabilities: async (texts, changes) => this.#next(texts, changes),
  };

  get training(): Model.Training {
    const weights = this.#weights;
    const first = drawn("head", SIZE);
    const put = (head: Vector, seed?: string | number): void => {
      weights.head = head.slice();
      weights.a.set(drawn(`adapter ${seed ?? weights.lora?.seed ?? 0}`, weights.rank));
      weights.b.fill(0);
      weights.step = 0;
    };
    const save = async (path: string, metadata = {}): Promise<void> =>
      writeSafetensors(path, new Map([["head", { shape: [SIZE, WIDTH], data: weights.merged() }]]), metadata);
    return {
      step: weights.step,
      lora: weights.lora,
      train: (rows, learningRate) => weights.train(rows, learningRate),
      checkpoint: () => weights.checkpoint(),
      restore: (state) => weights.restore(state),
      adapter: () => weights.adapter(),
      load: async (from, { seed } = {}) =>
        put(
          from === undefined
            ? first
            : ((typeof from === "string"
                ? (await readSafetensors(from.endsWith(".safetensors") ? from : join(from, "model.safetensors")))
                    .tensors
                : from
              ).get("head")?.data as Vector),
          seed,
        ),
      readAdapter: () => Promise.reject(new Error("the fake writes no adapters")),
      merge: async ({ rank, alpha, modules }) => {
        const { a, b } = modules.get("lm_head") as Model.AdapterModule;
        for (let v = 0; v < SIZE; v++)
          row(b.data, v, rank).forEach((by, r) => addTo(row(weights.head, v), row(a.data, r), (alpha / rank) * by));
      },
      beside: async (lora) => {
        const own = new Weights(weights.embedding, weights.layers, weights.merged(), lora);
        return Object.assign(own, { merge: async () => put(own.merged()), close: async () => {} });
      },
      saveWeights: save,
      saveModel: async (folder, metadata) => {
        await mkdir(folder, { recursive: true });
        await save(join(folder, "model.safetensors"), metadata);
      },
      nameOf: (folder) => `fake:${folder}`,
      saveAdapter: () => Promise.reject(new Error("the fake writes no adapters")),
    };
  }
}
