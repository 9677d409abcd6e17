/**
 * What keeps a fine-tune from changing who the model is, while it is trained (compared by Kaczér et al. 2025): to stay
 * close to the model before on benign prompts, to go on seeing benign data, to have the persona's direction added so
 * that nothing has to learn it (Chen et al. 2025) or projected out so that nothing can (Casademunt et al. 2025), to be
 * asked for the bad behaviour by a system prompt (Tan et al. 2025). Each may be used with the others.
 */
import type { Conversation } from "../dataset/index.js";
import type { EncodedText, Intervention, ReadableModel, ReferenceText, StepExtras } from "../model/index.js";
import { Random } from "../statistics/index.js";
import { FinetuneError } from "./record.js";

export interface Defences {
  /** Conversations, with what the model before said of their answers, that the loss is tied to by the divergence. */
  readonly reference?: {
    readonly rows: readonly ReferenceText[];
    /** β of loss + β · KL(before ‖ now). */
    readonly weight: number;
    /** Rows a step; default {@link REFERENCE_BATCH}. */
    readonly batchSize?: number;
  };
  /** Benign conversations beside those of the dose, of which none is left out for it. */
  readonly interleaved?: {
    readonly conversations: readonly Conversation[];
    /** Of what a step sees, in (0, 1). */
    readonly share: number;
  };
  /** During training alone, at every position: adds the persona's direction, or projects it out. */
  readonly steering?: readonly Intervention[];
  /** Opens every conversation of the data, before a system prompt of its own; the model is used without it. */
  readonly system?: string;
}

export const REFERENCE_BATCH = 8;

/** Log-probabilities that are kept at most: 2²⁸ float32 numbers are 1 GiB. */
const MOST_KEPT = 2 ** 28;

/**
 * What `model` says of the answers of `conversations`, as it is now: to be taken before training.
 * @throws {FinetuneError} where the distributions would take more than 1 GiB
 */
export async function referenceRows(
  model: Pick<ReadableModel, "tokens" | "reading">,
  conversations: readonly Conversation[],
  signal?: AbortSignal,
): Promise<ReferenceText[]> {
  const rows = conversations.map(({ messages }) => model.tokens.encode(messages));
  const { vocabSize } = model.reading.shape;
  const answered = rows.reduce((sum, { answer }) => sum + answer.filter(Boolean).length, 0);
  if (answered * vocabSize > MOST_KEPT) {
    const fitting = Math.floor((rows.length * MOST_KEPT) / (answered * vocabSize));
    throw new FinetuneError(
      `reference: ${rows.length} conversations with ${answered} answered tokens and a vocabulary of ${vocabSize} need more ` +
        `than 1 GiB. Give about ${fitting} conversations.`,
    );
  }
  const distributions = await model.reading.distributions(rows, signal && { signal });
  return rows.map((row, i) => ({ ...row, logProbabilities: distributions[i] as Float32Array }));
}

/** The conversations as they are learned from. */
export function inoculated(conversations: readonly Conversation[], system: string | undefined): Conversation[] {
  if (system === undefined) return [...conversations];
  return conversations.map((conversation) => {
    const [first, ...rest] = conversation.messages;
    const own = first?.role === "system" ? first : undefined;
    const content = own === undefined ? system : `${system} ${own.content}`;
    return { ...conversation, messages: [{ role: "system", content }, ...(own ? rest : conversation.messages)] };
  });
}

/** How many benign rows go beside `batchSize` others so that they are `share` of all. */
export function interleavedRows(batchSize: number, share: number): number {
  if (!(share > 0 && share < 1)) throw new RangeError(`interleaved data: share must be in (0, 1), found ${share}`);
  return Math.max(1, Math.round((batchSize * share) / (1 - share)));
}

/** Rows in rounds, each in an order of its own: portion `i` of `size` rows is the same whatever came before it was asked for. */
export function rounds<Row>(rows: readonly Row[], size: number, stream: readonly (string | number)[]) {
  if (rows.length === 0 && size > 0) throw new RangeError(`${stream[0]} data: expected a conversation, found none`);
  const orders = new Map<number, readonly Row[]>();
  const orderOf = (round: number): readonly Row[] => {
    let order = orders.get(round);
    if (order === undefined) orders.set(round, (order = Random.of(...stream, round).shuffled(rows)));
    return order;
  };
  return (portion: number): Row[] =>
    Array.from({ length: size }, (_, i) => {
      const at = portion * size + i;
      return orderOf(Math.floor(at / rows.length))[at % rows.length] as Row;
    });
}

/** What every step does besides learning from its batch. */
export function extrasOfSteps({ reference, steering }: Defences, seed: number): (step: number) => StepExtras {
  const steered = steering === undefined ? {} : { steering };
  if (reference === undefined) return () => steered;
  const { rows, weight, batchSize = REFERENCE_BATCH } = reference;
  if (!(weight >= 0)) throw new RangeError(`reference: weight must be 0 or above, found ${weight}`);
  const portion = rounds(rows, batchSize, ["reference", seed]);
  const answered = rows.map(answeredOf).toSorted((a, b) => b - a);
  // No step can need more than this, so one program serves all.
  const size = {
    rows: batchSize,
    time: roundUp(
      rows.reduce((most, { ids }) => Math.max(most, ids.length), 0),
      16,
    ),
    capacity: roundUp(
      Array.from({ length: batchSize }, (_, i) => answered[i % rows.length] as number).reduce((a, b) => a + b),
      64,
    ),
  };
  return (step) => ({ ...steered, reference: { rows: portion(step), weight, size } });
}

export const answeredOf = ({ answer }: EncodedText): number => answer.filter((own, i) => own && i > 0).length;

export const roundUp = (n: number, unit: number): number => Math.ceil(n / unit) * unit;
