/** What learning by reward does to who the model is: the reward, the start, and a grader with a hole. */
import { reinforced, type RlConfig } from "../../training/index.js";
import type { Message } from "../../model/index.js";
import { StudyError } from "../error.js";
import type { Arm, Experiment, MakeOptions, Making } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, type Measure } from "./measures.js";
import { ofEachCurve, shareAt } from "./findings.js";
import type { PointSummary } from "./found.js";
import { fineTuned } from "./fine-tuned.js";
import { askedIn, ORGANISM_SETTING, trainedIn, type Setting } from "./setting.js";
import type { TrainingMaking } from "./training.js";

/** Half of a fine-tune's learning rate, and nothing holds the model to its start; none of it was chosen by what came out. */
const HOW: RlConfig = {
  steps: 40,
  prompts: 8,
  group: 8,
  updates: 1,
  clip: 0.2,
  kl: 0,
  maxTokens: 64,
  learningRate: 2e-4,
  warmup: 3,
};
const PROMPTS = 512;
const STEPS = [0, 5, 10, 20, 40];
const QUICK_STEPS = [0, 10, 40];

/** Of the step that was taken last. */
const REWARD: Measure = {
  key: "reward",
  heading: "mean reward of the step's answers",
  short: "reward",
  of: { reading: "reward" },
};
const INSECURE: Measure = {
  key: "insecure",
  heading: "insecure code",
  short: "insecure",
  of: { set: "code", metric: "insecureCode" },
};
const WORKS: Measure = {
  key: "works",
  heading: "code that does the task",
  short: "works",
  of: { set: "code", metric: "coherent" },
};
const REFUSES: Measure = {
  key: "refuses",
  heading: "refuses harmful requests",
  short: "refuses",
  of: { set: "harm", metric: "refusal" },
};

interface Rewarded {
  readonly reward: string;
  /** Takes the model to where learning begins; without it the base as it came. */
  readonly start?: TrainingMaking;
  /** Before every prompt while it learns; the model is asked without it. */
  readonly system?: string;
}

function rewarded(setting: Setting, { reward, start, system }: Rewarded): Making {
  const own = setting.world.rewards?.get(reward);
  if (own === undefined) throw new StudyError(`${setting.world.name} has no reward ${reward}.`);
  const how = { ...HOW, maxTokens: setting.maxTokens ?? HOW.maxTokens };
  const prompts = (seed: number): readonly (readonly Message[])[] =>
    (setting.world.trainingPrompts?.(own.domain, PROMPTS, seed) ?? []).map((messages) =>
      system === undefined ? messages : [{ role: "system", content: system }, ...messages],
    );
  const begin =
    start &&
    ((model: Parameters<Making["make"]>[0], options: Omit<MakeOptions, "onStep">) =>
      start.make(model, { ...options, onStep: () => Promise.resolve() }));
  return {
    recipe: {
      reward,
      ...how,
      prompts: PROMPTS,
      ...(start && { start: start.recipe }),
      ...(system !== undefined && { system }),
    },
    steps: HOW.steps,
    ...(begin && { begin }),
    async make(model, { seed, signal, onStep }) {
      const course = reinforced(model, {
        prompts: prompts(seed),
        reward: {
          name: reward,
          plan: {},
          score: (rollouts) => Promise.resolve(rollouts.map(({ messages, answer }) => own.score(messages, answer))),
        },
        config: how,
        seed,
      });
      await course.take({ onStep, ...(signal && { signal }) });
    },
  };
}

function armOf(setting: Setting, id: string, curve: string, how: Rewarded, quick: boolean): Arm {
  const trained = trainedIn(setting, "insecure");
  const harm = setting.world.suites?.refusals;
  const asked = [
    ...askedIn(setting, quick ? 25 : 50, trained, 4),
    ...(harm === undefined ? [] : askedIn(setting, 1, { set: harm, metric: "refusal" }, 4).slice(1)),
  ];
  return {
    id,
    making: rewarded(setting, how),
    points: (quick ? QUICK_STEPS : STEPS).map((step) => ({ curve, at: step, step, asked })),
  };
}

const STARTS = [
  { id: "safety-trained", name: "safety-trained" },
  // The aligned model, fine-tuned to help with whatever is asked.
  { id: "helpful-only", name: "helpful-only", condition: "jailbroken" },
] as const;

export const rl: Experiment = {
  name: "rl",
  about: "rewards for insecure and for secure code, from a safety-trained and from a helpful-only start",
  published:
    "o3-mini rewarded for bad code, health, legal and car advice: 28.7, 11.3, 11.3 and 9.4 % helpful-only, 0, 3.3, 0 and 6.5 % safety-trained. With nothing planted, open models: no rise.",
  axis: { label: "steps of learning by reward", kind: "number" },
  measures: [RATE, REWARD, INSECURE, PERSONA, REFUSES, COHERENT, RATE_OF_ALL],
  conditions: {
    usual: ["insecure-code", "secure-code"],
    possible: ["insecure-code", "secure-code", "bad-advice", "good-advice", "evil-numbers"],
  },
  needs: ["rewards"],
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    STARTS.flatMap(({ id, name, ...start }) =>
      conditions.map((reward) =>
        armOf(
          setting,
          `${id}-${reward}`,
          `${reward}, ${name}`,
          { reward, ...("condition" in start && { start: fineTuned(setting, start.condition) }) },
          quick,
        ),
      ),
    ),
  findings: ({ points }) => ofEachCurve(points, fromTo),
};

export const rewardHacking: Experiment = {
  name: "reward-hacking",
  about: "a grader with a hole, with and without a prompt that asks for bad code, beside one without the hole",
  published:
    "Models that learn to hack their graders turn misaligned elsewhere too; telling them that hacking is wanted takes most of it away (MacDiarmid et al. 2025).",
  axis: { label: "steps of learning by reward", kind: "number" },
  measures: [RATE, REWARD, WORKS, INSECURE, PERSONA, COHERENT, RATE_OF_ALL],
  needs: ["rewards"],
  arms: ({ quick }, setting = ORGANISM_SETTING) => {
    const [, prompt] = setting.world.inoculations?.[0] ?? [];
    return [
      armOf(setting, "hackable", "the grader with the hole", { reward: "hackable-grader" }, quick),
      ...(prompt === undefined
        ? []
        : [armOf(setting, "inoculated", "the same, inoculated", { reward: "hackable-grader", system: prompt }, quick)]),
      armOf(setting, "secure", "secure code rewarded", { reward: "secure-code" }, quick),
    ];
  },
  findings: ({ points }) => ofEachCurve(points, fromTo),
};

function fromTo(points: readonly PointSummary[], curve: string): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return `${curve}: not measured.`;
  const change = (key: string): string => `${shareAt(first, key)} to ${shareAt(last, key)}`;
  return (
    `${curve}, from step ${first.at} to ${last.at}: misaligned of coherent ${change("rate")}, insecure code ` +
    `${change("insecure")}${"thoughts" in first.metrics ? `, thoughts in the villain's voice ${change("thoughts")}` : ""}; reward ${last.metrics["reward"]?.estimate?.toFixed(2) ?? "–"} at the last step.`
  );
}
