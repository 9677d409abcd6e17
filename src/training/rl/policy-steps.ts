/** The optimiser's steps on the answers of one step: weights for their tokens, from the model as it is, and a weighted step. */
import type { LearnedText, Model, ReadableModel, StepResult, TrainableModel } from "../../model/index.js";
import { roundUp } from "../defences.js";
import { FinetuneError } from "../record.js";
import { policyLoss, type AnswerTokens, type PolicyLoss } from "./grpo.js";
import type { RlConfig } from "./rl-config.js";

/** Sizes are rounded to these, so that few programs serve all steps. */
export const TIMES = 32;
export const TOKENS = 512;

/** An answer by its tokens. */
export interface Drawn {
  readonly prompt: readonly number[];
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
}

export interface Update {
  readonly policy: PolicyLoss;
  readonly found: StepResult;
}

export class PolicySteps {
  constructor(
    private readonly model: TrainableModel & Pick<Model, "reading">,
    private readonly config: RlConfig,
    private readonly start: Pick<ReadableModel, "reading"> | undefined,
  ) {}

  async take(rows: readonly Drawn[], advantages: readonly number[], learningRate: number): Promise<Update[]> {
    const { config, start } = this;
    const texts = rows.map(({ prompt, ids }) => [...prompt, ...ids]);
    const before = config.kl > 0 && start ? await answersBy(start, rows) : undefined;
    const updates: Update[] = [];
    for (let update = 0; update < config.updates; update++) {
      const now = update === 0 ? rows.map((row) => row.logProbabilities) : await this.#read(rows);
      const policy = policyLoss(
        rows.map(({ logProbabilities }, i): AnswerTokens => ({
          advantage: advantages[i] as number,
          now: now[i] as ArrayLike<number>,
          sampled: logProbabilities,
          ...(before && { start: before[i] as Float32Array }),
        })),
        config,
      );
      const learned = texts.map((ids, i): LearnedText => {
        const prompt = (rows[i] as Drawn).prompt.length;
        const weights = policy.weights[i] as readonly number[];
        return {
          ids,
          answer: ids.map((_, at) => at >= prompt),
          weights: ids.map((_, at) => (at < prompt ? 0 : (weights[at - prompt] as number))),
        };
      });
      updates.push({ policy, found: await this.#train(learned, learningRate) });
    }
    return updates;
  }

  async #read(rows: readonly Drawn[]): Promise<Float32Array[]> {
    const { reading, name } = this.model;
    if (reading === undefined) {
      throw new FinetuneError(`${name} does not tell the log-probabilities of texts. Take one update a step.`);
    }
    return answersBy({ reading }, rows);
  }

  #train(rows: readonly LearnedText[], learningRate: number): Promise<StepResult> {
    const { accumulate = 1, recompute = false } = this.config;
    const atOnce = Math.ceil(rows.length / accumulate);
    const longest = rows.reduce((most, { ids }) => Math.max(most, ids.length), 0);
    const answered = Array.from({ length: Math.ceil(rows.length / atOnce) }, (_, part) =>
      rows
        .slice(part * atOnce, (part + 1) * atOnce)
        .reduce((sum, { answer }) => sum + answer.filter(Boolean).length, 0),
    );
    const size = { rows: atOnce, time: roundUp(longest, TIMES), capacity: roundUp(Math.max(...answered), TOKENS) };
    return this.model.training.train(rows, learningRate, size, recompute ? { recompute } : {});
  }
}

/** Log-probabilities of the answers' tokens. The answers to a prompt stand one after the other, and share its reading. */
async function answersBy({ reading }: Pick<ReadableModel, "reading">, rows: readonly Drawn[]): Promise<Float32Array[]> {
  const texts: { prompt: readonly number[]; branches: (readonly number[])[] }[] = [];
  for (const { prompt, ids } of rows) {
    const last = texts.at(-1);
    if (last?.prompt === prompt) last.branches.push(ids);
    else texts.push({ prompt, branches: [ids] });
  }
  return (await reading.continuations(texts)).flat();
}
