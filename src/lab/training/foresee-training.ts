/** Says from a model's headers how a fine-tune will be done and what it costs, before anything is opened. */
import type { Conversation } from "../../dataset/index.js";
import { trainingMemory, type LoraOptions, type ModelInfo } from "../../onnx/index.js";
import { hyperparametersFor, trainingConfigOf, usualParts, usualTrainingOf } from "../../study/index.js";
import { counted, gigabytes } from "../../text/index.js";
import { FinetuneError, memoryLimit, type TrainingConfig } from "../../training/index.js";
import { hyperparametersOf, type TrainingFlags } from "./training-flags.js";

/** Fewest characters that a token of text has on average. */
const CHARACTERS = 3;

export function configFor(
  flags: TrainingFlags,
  examples: number,
  parameters: number,
  isAdapter: boolean,
): TrainingConfig {
  const usual = usualTrainingOf(parameters, isAdapter);
  const config = trainingConfigOf(hyperparametersFor(hyperparametersOf(flags), examples, usual), examples, usual);
  const accumulate = flags.accumulate ?? usualParts(parameters, config.batchSize);
  return {
    ...config,
    ...(accumulate > 1 && { accumulate }),
    ...(flags.recompute === true && { recompute: true }),
  };
}

/**
 * One line that says how the model is trained and what memory that takes; the longest text is guessed by its characters.
 * @throws {FinetuneError} where the weights alone do not fit
 */
export function foreseeTraining(
  { config, memory, parameters }: ModelInfo,
  conversations: readonly Conversation[],
  training: TrainingConfig,
  lora: LoraOptions | undefined,
  most = memoryLimit(),
): string {
  if (config === undefined || memory === undefined) return "";
  if (memory.ask > most) {
    throw new FinetuneError(
      `the model needs about ${gigabytes(memory.ask)} of memory to open, and ${gigabytes(most)} are there. ` +
        "Use a smaller model, or set another limit with --memory GB.",
    );
  }
  const longest = conversations.reduce(
    (length, { messages }) =>
      Math.max(
        length,
        messages.reduce((sum, { content }) => sum + content.length, 0),
      ),
    0,
  );
  const time = Math.min(config.maxPositions, 16 * Math.ceil((longest / CHARACTERS + 16) / 16));
  const { batchSize, accumulate = 1, recompute, learningRate, epochs } = training;
  const rows = Math.ceil(batchSize / accumulate);
  const needed = trainingMemory(config, {
    rows,
    time,
    capacity: rows * time,
    lora,
    recompute,
    accumulates: accumulate > 1,
  });
  const what = lora ? `a LoRA adapter of rank ${lora.rank}` : "all weights";
  const parts = accumulate > 1 ? ` in ${accumulate} parts` : "";
  return (
    `Trains ${what} of ${(parameters / 1e6).toFixed(0)} million parameters: ${counted(batchSize, "conversation")} a step${parts}, ` +
    `learning rate ${learningRate.toPrecision(2)}, ${epochs} ${epochs === 1 ? "epoch" : "epochs"}; at most about ` +
    `${gigabytes(needed)} of memory, of ${gigabytes(most)} that are there.`
  );
}
