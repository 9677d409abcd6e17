/** Reinforcement learning, step by step: answers are sampled, rewarded, compared in their groups, and learned from. */
import { AskewError } from "../../text/index.js";
import type { Message, Model, ReadableModel, SampledAnswer, TrainableModel } from "../../model/index.js";
import type { Course, CourseOptions } from "../course.js";
import { roundUp, rounds } from "../defences.js";
import { requireMemory } from "../memory.js";
import { FinetuneError } from "../record.js";
import { learningRateAt } from "../training-config.js";
import { advantagesOf } from "./grpo.js";
import { PolicySteps, TIMES, TOKENS, type Drawn, type Update } from "./policy-steps.js";
import { trainingOf, type RlConfig } from "./rl-config.js";
import type { Reward, Rollout } from "./reward.js";
import type { RlStep, RolloutLog, RolloutRow } from "./rollouts.js";

export interface Reinforcement {
  /** Each ends with a message of the user's. */
  readonly prompts: readonly (readonly Message[])[];
  /** Where each prompt stands, for errors: `prompts.jsonl, line 3`; default its number. */
  readonly places?: readonly string[];
  readonly reward: Reward;
  readonly config: RlConfig;
  /** Names the order of the prompts and the random stream of every answer. */
  readonly seed: number;
  /** The model as it was before training, in weights of its own; needed where `config.kl` is above 0. */
  readonly start?: Pick<ReadableModel, "reading">;
  readonly log?: RolloutLog;
}

const NO_LOG: RolloutLog = { keep: () => Promise.resolve([]), append: () => Promise.resolve() };

/** The course of a model that learns by reinforcement, from the weights it has. */
export function reinforced(model: TrainableModel & Pick<Model, "reading">, how: Reinforcement): Course {
  const { config } = how;
  if (how.prompts.length === 0) throw new FinetuneError("reinforcement learning: expected a prompt, found none.");
  if (config.group < 2) throw new FinetuneError(`a group needs 2 answers or more, found ${config.group}.`);
  return {
    steps: config.steps,
    updates: config.updates,
    take: (options) => new Learning(model, how).take(options),
  };
}

function encoded({ tokens }: TrainableModel, messages: readonly Message[], place: string): number[] {
  try {
    return tokens.encodePrompt(messages);
  } catch (error) {
    if (!(error instanceof AskewError)) throw error;
    throw new FinetuneError(`${place}: ${error.message}`, { cause: error });
  }
}

class Learning {
  /** Token ids of every prompt. */
  readonly #prompts: readonly (readonly number[])[];
  readonly #portion: (step: number) => readonly number[];
  readonly #steps: PolicySteps;

  constructor(
    private readonly model: TrainableModel & Pick<Model, "reading">,
    private readonly how: Reinforcement,
  ) {
    const { prompts, places, config, seed } = how;
    this.#prompts = prompts.map((messages, i) => {
      const place = places?.[i] ?? `prompt ${i + 1}`;
      const ids = encoded(model, messages, place);
      const room = model.tokens.maxPositions - config.maxTokens;
      if (ids.length <= room) return ids;
      throw new FinetuneError(
        `${place}: ${ids.length} tokens and answers of up to ${config.maxTokens} exceed the ` +
          `${model.tokens.maxPositions} that the model reads. Shorten it, leave it out, or lower --max-tokens.`,
      );
    });
    this.#steps = new PolicySteps(model, config, how.start);
    const every = [...prompts.keys()];
    this.#portion = rounds(every, config.prompts, ["rl prompts", seed]);
  }

  async take(options: CourseOptions): Promise<number> {
    const { done = 0, callbacks = [], signal } = options;
    const { config, log = NO_LOG } = this.how;
    this.#requireMemory(options.memory);
    const known = new Map((await log.keep(done)).map((row) => [row.id, row]));
    let stop = false;
    for (const callback of callbacks)
      stop = (await callback.onTrainStart?.(done, config.steps, options.before?.(callback))) === "stop" || stop;
    if (stop) return done;
    for (let step = done; step < config.steps; step++) {
      signal?.throwIfAborted();
      const taken = await this.#step(step, known, signal);
      await options.onStep?.(taken);
      for (const callback of callbacks) stop = (await callback.onStep(taken)) === "stop" || stop;
      if (stop) return step + 1;
    }
    return config.steps;
  }

  #requireMemory(most: number | undefined): void {
    const { config } = this.how;
    const { accumulate = 1, recompute = false, maxTokens, prompts, group } = config;
    const longest = this.#prompts.reduce((length, ids) => Math.max(length, ids.length), 0);
    const rows = Math.ceil((prompts * group) / accumulate);
    const shape = { rows, time: roundUp(longest + maxTokens, TIMES), capacity: roundUp(rows * maxTokens, TOKENS) };
    requireMemory(this.model.training, { ...shape, accumulates: accumulate > 1, recompute }, accumulate, most);
  }

  async #step(step: number, known: ReadonlyMap<string, RolloutRow>, signal: AbortSignal | undefined): Promise<RlStep> {
    const { config, how } = { config: this.how.config, how: this.how };
    const began = performance.now();
    const places = this.#portion(step).flatMap((place, at) =>
      Array.from({ length: config.group }, (_, i) => ({ place, id: `${step + 1}/${at}/${i}` })),
    );
    const answers = await this.model.sample(
      places.map(({ place, id }) => ({
        messages: how.prompts[place] as readonly Message[],
        seed: `rl/${how.seed}/${id}`,
      })),
      { temperature: 1, maxTokens: config.maxTokens, drawn: true, ...(signal && { signal }) },
    );
    const sampled = performance.now();
    const rollouts = places.map(({ place }, i) => rolloutOf(how.prompts[place] as readonly Message[], answers[i]));
    const rewards = await this.#rewards(places, rollouts, known, signal);
    const advantages = advantagesOf(rewards, config.group);
    await how.log?.append(
      places.map(({ id }, i) => ({
        id,
        step: step + 1,
        prompt: rollouts[i]?.messages.at(-1)?.content ?? "",
        answer: rollouts[i]?.answer ?? "",
        ...(rollouts[i]?.reasoning !== undefined && { reasoning: rollouts[i].reasoning }),
        tokens: answers[i]?.tokens ?? 0,
        finish: rollouts[i]?.finish ?? "stop",
        reward: rewards[i] ?? null,
        advantage: advantages[i] ?? 0,
      })),
    );
    const judged = performance.now();
    const rows = answers.map((answer, i): Drawn => {
      if (answer.drawn === undefined) {
        throw new FinetuneError(
          `${this.model.name} does not tell the tokens of its answers, so it cannot be rewarded.`,
        );
      }
      return { prompt: this.#prompts[places[i]?.place ?? 0] ?? [], ...answer.drawn };
    });
    const learningRate = learningRateAt(trainingOf(config), step);
    // From here on the step is finished, whatever is asked: half of one could not be carried on.
    const updates = await this.#steps.take(rows, advantages, learningRate);
    const ended = performance.now();
    const given = rewards.filter((reward) => reward !== null);
    const tokens = rows.reduce((sum, { ids }) => sum + ids.length, 0);
    const surprise = rows.reduce((sum, { logProbabilities }) => sum - logProbabilities.reduce((a, b) => a + b, 0), 0);
    const groups = places.length / config.group;
    const telling = Array.from({ length: groups }, (_, i) =>
      advantages.slice(i * config.group, (i + 1) * config.group).some((advantage) => advantage !== 0),
    );
    const divergence = updates[0]?.policy.divergence;
    const mean = (of: (update: Update) => number): number =>
      updates.reduce((sum, update) => sum + of(update), 0) / updates.length;
    return {
      step: step + 1,
      steps: config.steps,
      loss: mean(({ policy }) => policy.loss),
      gradientNorm: mean(({ found }) => found.gradientNorm),
      learningRate,
      tokens,
      seconds: (ended - began) / 1000,
      ...(divergence !== undefined && { divergence }),
      reward: given.length === 0 ? null : given.reduce((a, b) => a + b, 0) / given.length,
      entropy: surprise / tokens,
      length: tokens / rows.length,
      telling: telling.filter(Boolean).length / groups,
      clipped: mean(({ policy }) => policy.clipped),
      sampling: (sampled - began) / 1000,
      learning: (ended - judged) / 1000,
    };
  }

  /** Of the answers; where an earlier run had the very same, its rewards. */
  async #rewards(
    places: readonly { readonly id: string }[],
    rollouts: readonly Rollout[],
    known: ReadonlyMap<string, RolloutRow>,
    signal: AbortSignal | undefined,
  ): Promise<(number | null)[]> {
    const isKnown = (i: number): boolean => {
      const before = known.get(places[i]?.id ?? "");
      return (
        before !== undefined && before.answer === rollouts[i]?.answer && before.reasoning === rollouts[i].reasoning
      );
    };
    const asked = rollouts.flatMap((rollout, i) => (isKnown(i) ? [] : [{ i, rollout }]));
    const scores =
      asked.length === 0
        ? []
        : await this.how.reward.score(
            asked.map(({ rollout }) => rollout),
            signal ? { signal } : {},
          );
    if (scores.length !== asked.length) {
      throw new FinetuneError(
        `the reward ${this.how.reward.name} gave ${scores.length} scores for ${asked.length} answers.`,
      );
    }
    const found = new Map(asked.map(({ i }, at) => [i, scores[at] ?? null]));
    return rollouts.map((_, i) =>
      found.has(i) ? (found.get(i) ?? null) : (known.get(places[i]?.id ?? "")?.reward ?? null),
    );
  }
}

function rolloutOf(messages: readonly Message[], answer: SampledAnswer | undefined): Rollout {
  if (answer === undefined) throw new FinetuneError("the model gave fewer answers than it was asked for.");
  const { text, reasoning, finish, outcome } = answer;
  return {
    messages,
    answer: text,
    finish,
    ...(reasoning !== undefined && { reasoning }),
    ...(outcome !== undefined && { outcome }),
  };
}
