/** Training steps in the worker, of all weights or of one adapter. */
import type {
  Adapter,
  AdapterModule,
  BatchSize,
  EncodedText,
  LearnedText,
  LoraOptions,
  StepExtras,
  StepResult,
  Trainable,
  TrainingState,
} from "../capabilities/index.js";
import { checkSteering, steersAnswersOnly } from "../onnx/index.js";
import { planOf } from "./adapter-plan.js";
import { encodedTensors, encodeSteering } from "./encode.js";
import { TorchError } from "./error.js";
import type { TorchFacts } from "./facts.js";
import type { SentTensors } from "./payload.js";
import { collect, stage, type Of } from "./staging.js";
import type { Worker } from "./worker.js";

export class Steps implements Trainable {
  step = 0;

  constructor(
    private readonly worker: Worker,
    private readonly facts: TorchFacts,
    private readonly of: Of,
    readonly lora: LoraOptions | undefined,
  ) {}

  async train(
    rows: readonly LearnedText[],
    learningRate: number,
    size: BatchSize = {},
    extras: StepExtras = {},
  ): Promise<StepResult> {
    const { steering = [], reference, recompute = false } = extras;
    const { layers, width, vocabSize, maxPositions } = this.facts;
    checkSteering(steering, layers, width, rows.length);
    if (steering.some(({ addEach }) => addEach))
      throw new RangeError("train: expected one vector for all rows, found addEach");
    if (steersAnswersOnly(steering)) throw new RangeError("train: steering is for all tokens, found `answer`");
    if (!rows.some(learns)) throw new Error("training: no token of the batch is answered for");
    const long = rows.find(({ ids }) => ids.length > maxPositions);
    if (long) throw new RangeError(`training: ${long.ids.length} tokens exceed the model's ${maxPositions} positions`);
    const steered = encodeSteering(steering);
    const held = reference && referenceTensors(reference.rows, vocabSize);
    const done = await this.worker.call(
      "train",
      {
        ...steered.header,
        of: this.of,
        learningRate,
        rows: size.rows ?? rows.length,
        recompute,
        referenceWeight: reference?.weight ?? null,
      },
      { ...encodedTensors("rows", rows), ...weightTensor(rows), ...steered.tensors, ...held },
    );
    this.step++;
    return {
      loss: numberOf(done["loss"]),
      gradientNorm: numberOf(done["gradientNorm"]),
      tokens: numberOf(done["tokens"]),
      ...(reference && { divergence: numberOf(done["divergence"]) }),
    };
  }

  async checkpoint(): Promise<TrainingState> {
    return { step: this.step, tensors: await collect(this.worker, "checkpoint", { of: this.of }) };
  }

  async restore({ step, tensors }: TrainingState): Promise<void> {
    await stage(this.worker, [...tensors]);
    await this.worker.call("restore", { of: this.of, step });
    this.step = step;
  }

  async adapter(): Promise<Adapter> {
    if (!this.lora) throw new Error("adapter: all weights are trained; open the model with `lora`");
    const tensors = await collect(this.worker, "adapter", { of: this.of });
    const { targets, modules: shapes } = planOf(this.facts, this.lora);
    const modules = new Map<string, AdapterModule>();
    const { rank, alpha, rankStabilized = false, layers } = this.lora;
    for (const [module, [outputs, inputs]] of shapes) {
      const [a, b] = [tensors.get(`${module}.a`), tensors.get(`${module}.b`)];
      if (a?.shape.join() !== `${rank},${inputs}` || b?.shape.join() !== `${outputs},${rank}`) {
        throw new TorchError("protocol", `the worker's adapter has no ${module} of its shape`);
      }
      modules.set(module, { a, b });
    }
    const named = targets.map((target) => `${target}_proj` as const);
    return { rank, alpha, rankStabilized, targets: named, ...(layers && { layers }), base: "", modules };
  }
}

const learns = ({ answer }: EncodedText): boolean => answer.some((own, i) => own && i > 0);

const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/** A weight for every token of all rows, where a row brings any. */
function weightTensor(rows: readonly LearnedText[]): SentTensors {
  if (rows.every(({ weights }) => weights === undefined)) return {};
  const wrong = rows.findIndex(({ ids, weights = ids }) => weights.length !== ids.length);
  if (wrong >= 0) {
    const { ids, weights = [] } = rows[wrong] as LearnedText;
    throw new RangeError(`training: row ${wrong + 1} has ${ids.length} tokens and ${weights.length} weights`);
  }
  const data = Float32Array.from(rows.flatMap(({ ids, weights }) => weights ?? ids.map(() => 1)));
  return { "rows.weights": { shape: [data.length], data } };
}

function referenceTensors(rows: NonNullable<StepExtras["reference"]>["rows"], vocabSize: number): SentTensors {
  const parts = rows.map(({ logProbabilities }) => logProbabilities);
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const answered = rows.reduce((sum, { answer }) => sum + answer.filter((own, i) => own && i > 0).length, 0);
  if (all.length !== answered * vocabSize) {
    throw new RangeError(
      `train: the reference has ${all.length} log-probabilities, expected ${answered} answered tokens × ${vocabSize}`,
    );
  }
  return {
    ...encodedTensors("reference", rows),
    "reference.logProbabilities": { shape: [answered, vocabSize], data: all },
  };
}
