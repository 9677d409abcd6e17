/** The page of a model that learned by reward: reward, divergence, entropy and length, step by step. */
import { join } from "node:path";
import type { ChartPoint, ChartReport } from "../../report/index.js";
import { readRows, writeFileAtomically } from "../../store/index.js";
import { typedCommand } from "../../terminal/index.js";
import { VERSION } from "../../text/index.js";
import type { FinetuneRecord, RlStep } from "../../training/index.js";

/** So called because a watched one has `report.html` of its own. */
const PAGE = "rewards.html";

const PANELS: readonly (ChartReport["panels"][number] & {
  readonly of: (step: RlStep) => number | null | undefined;
})[] = [
  { key: "reward", heading: "mean reward of the step's answers", unit: "number", of: ({ reward }) => reward },
  { key: "kl", heading: "divergence from the start, nats a token", unit: "number", of: ({ divergence }) => divergence },
  { key: "entropy", heading: "entropy, nats a token", unit: "number", of: ({ entropy }) => entropy },
  { key: "length", heading: "length of an answer, tokens", unit: "number", of: ({ length }) => length },
  { key: "telling", heading: "groups with different rewards", unit: "share", of: ({ telling }) => telling },
  { key: "clipped", heading: "tokens that the clip stops", unit: "share", of: ({ clipped }) => clipped },
];

/** Steps at either end that the summary averages over. */
const END = 5;

export interface RewardsTold {
  readonly page: string;
  readonly steps: number;
  /** Mean over the first and the last {@link END} steps. */
  readonly first: number | null;
  readonly last: number | null;
  readonly divergence: number | null;
  /** Share of groups whose rewards differed, over all steps: without any, nothing was learned. */
  readonly telling: number;
}

/** Writes the page of a fine-tune by reward, and says what it came to. */
export async function writeRewardsPage(folder: string, record: FinetuneRecord): Promise<RewardsTold> {
  const steps = await readRows<RlStep>(join(folder, "training.jsonl"));
  const page = join(folder, PAGE);
  const told = {
    page,
    steps: steps.length,
    first: meanReward(steps.slice(0, END)),
    last: meanReward(steps.slice(-END)),
    divergence: steps.at(-1)?.divergence ?? null,
    telling: steps.reduce((sum, { telling }) => sum + telling, 0) / Math.max(1, steps.length),
  };
  const { renderChart } = await import("../../report/index.js");
  const { rl = {}, data, model } = record.plan;
  const html = renderChart({
    title: `${model}, rewarded for ${String(rl["reward"])}`,
    sentences: [`Reward ${endsOf(told)}.`, ...(told.telling === 0 ? [NOTHING] : [])],
    ...rewardsChart(steps),
    facts: [
      ["prompts", data.name],
      ["answers", "rollouts.jsonl"],
      ["folder", folder],
    ],
    commands: [`npx askew ${typedCommand()}`],
    askew: VERSION,
  });
  await writeFileAtomically(page, (file) => file.writeFile(html));
  return told;
}

/** The chart of rewards and their kin, from the steps in training.jsonl. */
export const rewardsChart = (
  steps: readonly RlStep[],
): Pick<ChartReport, "heading" | "caption" | "axis" | "panels" | "points"> => ({
  heading: "What was sampled",
  caption: CAPTION,
  axis: { label: "training steps", kind: "number" },
  panels: PANELS,
  points: steps.map((step): ChartPoint => ({
    curve: "sampled",
    at: step.step,
    metrics: Object.fromEntries(
      PANELS.flatMap(({ key, of }) => {
        const estimate = of(step);
        return typeof estimate === "number" ? [[key, { estimate, low: null, high: null, n: 1 }]] : [];
      }),
    ),
  })),
});

const NOTHING = "In no group of answers did rewards differ, so nothing was learned.";

const endsOf = ({ first, last, steps }: RewardsTold): string => {
  const many = Math.min(END, steps);
  return `${shown(first)} over the first ${many} steps, ${shown(last)} over the last ${many}`;
};

const CAPTION =
  "Of the answers that each step sampled, before it learned from them. Divergence is the mean over their tokens of an estimate of " +
  "KL(now ‖ start); entropy the mean of −log-probability. Only groups whose rewards differ teach anything.";

function meanReward(steps: readonly RlStep[]): number | null {
  const given = steps.flatMap(({ reward }) => (reward === null ? [] : [reward]));
  return given.length === 0 ? null : given.reduce((sum, one) => sum + one, 0) / given.length;
}

const shown = (value: number | null): string => (value === null ? "–" : value.toFixed(3));

export const rewardsLines = (told: RewardsTold): string =>
  `reward ${endsOf(told)}` +
  `${told.divergence === null ? "" : `; ${told.divergence.toFixed(3)} nats a token from the start`}\n` +
  `${told.telling === 0 ? `${NOTHING}\n` : ""}page   ${told.page}\n`;

/** One step, for a terminal. */
export function rewardLine({ step, steps, reward, divergence, entropy, length }: RlStep): string {
  const kl = divergence === undefined ? "" : `, divergence ${divergence.toFixed(3)}`;
  return `step ${step}/${steps}: reward ${shown(reward)}${kl}, entropy ${entropy.toFixed(3)}, length ${length.toFixed(1)}`;
}
