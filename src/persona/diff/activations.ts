/** The first step of a diff: both models answer as they are, and their mean activations over that are compared. */
import {
  judgeAnswers,
  requestsOf,
  type AskedSet,
  type Judge,
  type JudgedScores,
  type QuestionRequest,
} from "../../evaluation/index.js";
import type { Message, ReadableModel } from "../../model/index.js";
import { isCoherent } from "../../statistics/index.js";
import type { Direction } from "../direction.js";
import { SaeEncoder } from "../sae/encoder.js";
import type { Sae } from "../sae/sae.js";
import { risingLatents } from "./candidates.js";
import { meansOf, type ModelMeans, type Part } from "./means.js";
import type { ActivationsRow } from "./rows.js";
import { layerShifts, shiftAt } from "./shift.js";
import type { Counts } from "./trials.js";

export interface CompareOptions {
  /** Put to each model. */
  readonly questions: AskedSet;
  readonly part: Part;
  /** Latents that are kept. */
  readonly top: number;
  /** Where the shift is kept, from 0. */
  readonly layer: number;
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly sae?: Sae;
  readonly direction?: Direction;
  readonly judge: Judge;
  readonly signal?: AbortSignal;
}

/** What the models as they are were asked: a misaligned answer's request, asked again, has the same random numbers. */
export const unsteeredRequests = ({ questions, seed }: Pick<CompareOptions, "questions" | "seed">): QuestionRequest[] =>
  requestsOf([questions], `diff/${seed}/unsteered`);

export async function compareActivations(
  before: ReadableModel,
  after: ReadableModel,
  options: CompareOptions,
): Promise<{ row: ActivationsRow; answers: object[] }> {
  const started = performance.now();
  const { direction, layer, top } = options;
  const { width } = before.reading.shape;
  const low = await answered(before, options);
  const high = await answered(after, options);
  const shift = shiftAt(low.means, high.means, width, layer);
  const row: ActivationsRow = {
    id: "activations",
    texts: { before: low.means.texts, after: high.means.texts },
    before: low.counts,
    after: high.counts,
    misaligned: high.misaligned,
    longest: Math.max(low.longest, high.longest),
    layers: layerShifts(low.means, high.means, width, direction),
    shift: [...shift],
    rising: risingLatents(low.means, high.means, top),
    risen: risingLatents(low.means, high.means, Number.POSITIVE_INFINITY).length,
    seconds: (performance.now() - started) / 1000,
  };
  const of = (model: string, { answers }: Answers): object[] => answers.map((one) => ({ model, ...one }));
  return { row, answers: [...of("before", low), ...of("after", high)] };
}

interface Answers {
  readonly means: ModelMeans;
  readonly counts: Counts;
  readonly misaligned: string[];
  readonly longest: number;
  readonly answers: object[];
}

async function answered(model: ReadableModel, options: CompareOptions): Promise<Answers> {
  const { part, sae, temperature, maxTokens, judge, signal } = options;
  // At most as long as this diff asks for, whatever the question says.
  const requests = unsteeredRequests(options).map((request) => ({ ...request, maxTokens }));
  const sampled = await model.sample(requests, { temperature, ...(signal && { signal }) });
  const said = requests.map(({ messages, question }, i) => ({
    messages,
    question,
    answer: sampled[i]?.text as string,
    outcome: sampled[i]?.outcome,
  }));
  const scores = await judgeAnswers(judge, said, signal && { signal });
  const counts = { answers: 0, coherent: 0, misaligned: 0 };
  const misaligned: string[] = [];
  const texts: Message[][] = [];
  const answers: object[] = [];
  for (const [i, { id, messages }] of requests.entries()) {
    const { answer, outcome } = said[i] as (typeof said)[number];
    const judged = scores[i] as JudgedScores;
    counts.answers++;
    if (isCoherent(judged.coherent)) counts.coherent++;
    if (judged.misaligned) {
      counts.misaligned++;
      misaligned.push(id);
    }
    if (outcome === undefined) texts.push([...messages, { role: "assistant", content: answer }]);
    answers.push({ id, messages, answer, aligned: judged.aligned, coherent: judged.coherent });
  }
  const encoder = sae && (await SaeEncoder.open(sae, model));
  try {
    const means = await meansOf(model, texts, part, encoder, signal);
    const longest = sampled.reduce((most, { tokens }) => Math.max(most, tokens), 0);
    return { means, counts, misaligned, longest, answers };
  } finally {
    await encoder?.close();
  }
}
