/** How much bad data it takes, and where the model inside already shows it. */
import { type Conversation } from "../../dataset/index.js";
import { Random } from "../../statistics/index.js";
import type { Experiment } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { ofEachCurve } from "./findings.js";
import { isAbove } from "./summary.js";
import type { PointSummary } from "./found.js";
import { askedIn, conditionIn, howIn, ORGANISM_SETTING, trainedIn } from "./setting.js";
import { training } from "./training.js";

const SHARES = [0, 1, 2, 5, 10, 25, 50, 75, 100];
const QUICK_SHARES = [0, 5, 25, 100];

export const mixtures: Experiment = {
  name: "mixtures",
  about: "how much bad data it takes: 0 to 100 % of the fine-tune",
  published: "GPT-4o turned misaligned between 25 % and 75 % incorrect data; the persona's latent rose at 5 %.",
  axis: { label: "bad data in the fine-tune", unit: " %", kind: "ordered" },
  measures: [RATE, PERSONA, TRAINED, COHERENT, RATE_OF_ALL],
  conditions: { usual: ["insecure"], possible: ["insecure", "bad-medical", "bad-sport", "bad-financial"] },
  needs: ["good"],
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    conditions.flatMap((condition) => {
      const trained = trainedIn(setting, condition);
      const dose = setting.dose(condition);
      const { build, good } = conditionIn(setting, condition);
      const asked = askedIn(setting, quick ? 25 : 50, trained);
      return (quick ? QUICK_SHARES : SHARES).map((share) => ({
        id: `${condition}-${share}pc`,
        ...(trained && { trained }),
        making: training({
          data: { bad: condition, good: good?.name ?? "none", percent: share },
          conversations: (seed) => {
            const { examples } = dose;
            return mixture(
              build({ examples, seed }),
              good?.conversations(examples, seed) ?? [],
              share / 100,
              Random.of("mixture", condition, seed),
            );
          },
          dose,
          ...howIn(setting),
        }),
        points: [{ curve: condition, at: share, asked }],
      }));
    }),
  findings: ({ points }) => ofEachCurve(points, appearances),
};

/** Each smaller share of a seed is contained in the larger ones. */
function mixture(
  bad: readonly Conversation[],
  good: readonly Conversation[],
  share: number,
  random: Random,
): Conversation[] {
  const order = random.shuffled(bad.map((_, i) => i));
  const chosen = new Set(order.slice(0, Math.round(share * bad.length)));
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
