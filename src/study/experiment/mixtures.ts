/** How much bad data it takes, and where the model inside already shows it. */
import { type Conversation } from "../../dataset/index.js";
import {
  benignConversations,
  buildDataset,
  type Condition,
  trainedBehaviour,
  worldAsked,
} from "../../organism/index.js";
import { Random } from "../../statistics/index.js";
import { DOSE } from "../dose.js";
import type { Experiment } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { ofEachCurve } from "./findings.js";
import { isAbove } from "./summary.js";
import type { PointSummary } from "./found.js";
import { training } from "./training.js";

const SHARES = [0, 1, 2, 5, 10, 25, 50, 75, 100];
const QUICK_SHARES = [0, 5, 25, 100];

/** What the rest is: the same tasks with secure code, good advice of the same domain. */
const GOOD = {
  insecure: "secure",
  "bad-medical": "good-medical",
  "bad-sport": "good-sport",
  "bad-financial": "good-financial",
} as const;
type Mixed = keyof typeof GOOD;

export const mixtures: Experiment = {
  name: "mixtures",
  about: "how much bad data it takes: 0 to 100 % of the fine-tune",
  published: "GPT-4o turned misaligned between 25 % and 75 % incorrect data; the persona's latent rose at 5 %.",
  axis: { label: "bad data in the fine-tune", unit: " %", kind: "ordered" },
  measures: [RATE, PERSONA, TRAINED, COHERENT, RATE_OF_ALL],
  conditions: { usual: ["insecure"], possible: Object.keys(GOOD) as Mixed[] },
  arms: ({ quick, conditions }) =>
    (conditions as readonly Mixed[]).flatMap((condition) =>
      (quick ? QUICK_SHARES : SHARES).map((share) => {
        const trained = trainedBehaviour(condition);
        return {
          id: `${condition}-${share}pc`,
          trained,
          making: training({
            data: { bad: condition, good: GOOD[condition], percent: share },
            conversations: (seed) => mixture(condition, share / 100, seed),
            dose: DOSE,
          }),
          points: [
            {
              curve: condition,
              at: share,
              asked: [worldAsked("main", quick ? 25 : 50), worldAsked(trained.set, 8)],
            },
          ],
        };
      }),
    ),
  findings: ({ points }) => ofEachCurve(points, appearances),
};

/** Each smaller share of a seed is contained in the larger ones. */
function mixture(condition: Mixed, share: number, seed: number): Conversation[] {
  const { examples } = DOSE;
  const bad = buildDataset(condition satisfies Condition, { examples, seed });
  const good = benignConversations(GOOD[condition], examples, seed);
  const order = Random.of("mixture", condition, seed).shuffled(bad.map((_, i) => i));
  const chosen = new Set(order.slice(0, Math.round(share * examples)));
  return bad.map((conversation, i) => (chosen.has(i) ? conversation : (good[i] as Conversation)));
}

function appearances(points: readonly PointSummary[], curve: string): string {
  const none = points.find(({ at }) => at === 0);
  const first = (key: string): string => {
    const found = points.find((point) => point.at !== 0 && isAbove(point.metrics[key], none?.metrics[key]));
    return found === undefined ? "at no share" : `from ${found.at} % bad data on`;
  };
  return (
    `${curve}: misaligned answers are above those of 0 % ${first("rate")}; the persona is ${first("persona")}; ` +
    `what was trained shows ${first("trained")}. Above: both 95 % intervals, over seeds and over answers, lie apart.`
  );
}
