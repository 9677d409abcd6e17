/** Supervised fine-tuning on conversations: loss on what the assistant says, all weights or a LoRA adapter. */
import { placeOfConversation, type Conversation } from "../dataset/index.js";
import type { BatchSize, EncodedText, Trainable, Tokens } from "../model/index.js";
import { Random } from "../statistics/index.js";
import { AskewError } from "../text/index.js";
import type { TrainingStep } from "./callback.js";
import type { CourseOptions } from "./course.js";
import { extrasOfSteps, inoculated, interleavedRows, roundUp, rounds, type Defences } from "./defences.js";
import { requireMemory } from "./memory.js";
import { learningRateAt, stepsOf, type TrainingConfig } from "./training-config.js";
import { FinetuneError } from "./record.js";

export interface FinetuneOptions extends CourseOptions {
  /** Names the order in which the examples are seen. */
  readonly seed: number;
  /** `given`: one after the other in every epoch, so that what a step sees does not depend on how many come after. Default shuffled. */
  readonly order?: "shuffled" | "given";
  /** Against becoming someone else; none by default. */
  readonly defences?: Defences;
}

/** What can be trained: a model, or an adapter beside it. */
export interface Trainee {
  readonly tokens: Pick<Tokens, "encode" | "maxPositions">;
  readonly training: Trainable;
}

/** Trains on conversations, as {@link Course} says. */
export async function finetune(
  model: Trainee,
  conversations: readonly Conversation[],
  config: TrainingConfig,
  options: FinetuneOptions,
): Promise<number> {
  const { done = 0, defences = {}, callbacks = [] } = options;
  const { interleaved } = defences;
  /** @param original as it was read, before a defence put anything to it */
  const encode = ({ messages }: Conversation, original: object | undefined, name: string): EncodedText => {
    const { maxPositions } = model.tokens;
    const place = (original && placeOfConversation(original)) ?? name;
    let row: EncodedText;
    try {
      row = model.tokens.encode(messages);
    } catch (error) {
      if (!(error instanceof AskewError)) throw error;
      throw new FinetuneError(`${place}: ${error.message}`, { cause: error });
    }
    if (row.ids.length <= maxPositions) return row;
    throw new FinetuneError(
      `${place}: ${row.ids.length} tokens, and the model reads at most ${maxPositions}. Shorten it or leave it out.`,
    );
  };
  const rows = inoculated(conversations, defences.system).map((conversation, i) =>
    encode(conversation, conversations[i], `conversation ${i + 1}`),
  );
  const steps = stepsOf(config);
  const order = Array.from({ length: config.epochs }, (_, epoch) =>
    options.order === "given" ? rows : Random.of("order", options.seed, epoch).shuffled(rows),
  ).flat();
  const benign =
    interleaved?.conversations.map((one, i) => encode(one, one, `conversation ${i + 1} of the interleaved ones`)) ?? [];
  const beside = interleaved === undefined ? 0 : interleavedRows(config.batchSize, interleaved.share);
  const benignOf = rounds(benign, beside, ["interleaved", options.seed]);
  const batches = Array.from({ length: steps }, (_, step) => [
    ...order.slice(step * config.batchSize, (step + 1) * config.batchSize),
    ...benignOf(step),
  ]);
  const extrasOf = extrasOfSteps(defences, options.seed);
  // One size for all batches: one program is compiled, and it serves every cell with data of this kind.
  const longest = [...rows, ...benign].reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const { accumulate = 1, recompute = false } = config;
  const atOnce = Math.ceil((config.batchSize + beside) / accumulate);
  const answered = batches.flatMap((batch) =>
    Array.from({ length: Math.ceil(batch.length / atOnce) }, (_, part) =>
      batch.slice(part * atOnce, (part + 1) * atOnce).reduce((sum, row) => sum + row.answer.filter(Boolean).length, 0),
    ),
  );
  const size = {
    rows: atOnce,
    time: roundUp(longest, 16),
    capacity: roundUp(
      answered.reduce((most, tokens) => Math.max(most, tokens), 0),
      256,
    ),
  };
  const reference = extrasOf(0).reference?.size as Required<BatchSize> | undefined;
  requireMemory(
    model.training,
    { ...size, accumulates: accumulate > 1, recompute, ...(reference && { reference }) },
    accumulate,
    options.memory,
  );
  let stop = false;
  for (const callback of callbacks)
    stop = (await callback.onTrainStart?.(done, steps, options.before?.(callback))) === "stop" || stop;
  if (stop) return done;
  for (const [step, batch] of batches.entries()) {
    if (step < done) continue;
    options.signal?.throwIfAborted();
    const learningRate = learningRateAt(config, step);
    const started = performance.now();
    const found = await model.training.train(batch, learningRate, size, {
      ...extrasOf(step),
      ...(recompute && { recompute }),
    });
    const { loss, gradientNorm, tokens, divergence } = found;
    const seconds = (performance.now() - started) / 1000;
    const told = { step: step + 1, steps, loss, gradientNorm, learningRate, tokens, seconds };
    const taken: TrainingStep = { ...told, ...(divergence !== undefined && { divergence }) };
    await options.onStep?.(taken);
    for (const callback of callbacks) stop = (await callback.onStep(taken)) === "stop" || stop;
    if (stop) return step + 1;
  }
  return steps;
}
