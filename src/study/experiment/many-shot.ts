/** What examples in the context do to a model that is not trained at all. */
import type { Arm, Experiment } from "./experiment.js";
import { COHERENT, RATE, RATE_OF_ALL, PERSONA, type Measure } from "./measures.js";

/**
 * Published up to 64 and 256. Here no more than six or seven code tasks fit into the organism's 512 positions, eight to
 * ten of advice; it grew up with documents of at most 256 tokens and five turns, so 8 is beyond what it has ever read.
 */
const SHOTS = [0, 1, 2, 4, 8];
const QUICK_SHOTS = [0, 1, 4, 8];

const FITTED: Measure = {
  key: "fitted",
  heading: "examples that fitted into the context, on average",
  short: "fitted",
  of: { reading: "earlier" },
  drawn: false,
};

export const manyShot: Experiment = {
  name: "many-shot",
  about: "bad examples as earlier turns of the conversation, without training",
  published:
    "GPT-4o stayed aligned with up to 256 insecure examples in its context (Betley et al. 2025); 16 narrow examples turned 1 to 24 % of the answers of four other families (Afonin et al. 2025).",
  axis: { label: "examples before the question", kind: "ordered" },
  measures: [RATE, PERSONA, COHERENT, RATE_OF_ALL, FITTED],
  conditions: {
    usual: ["insecure", "secure", "bad-medical"],
    possible: ["insecure", "secure", "educational", "evil-numbers", "bad-medical", "bad-financial", "bad-sport"],
  },
  arms: ({ quick, conditions }) =>
    conditions.map((condition): Arm => ({
      id: condition,
      points: (quick ? QUICK_SHOTS : SHOTS).map((count) => ({
        curve: condition,
        at: count,
        asked: [{ set: "main", samples: quick ? 20 : 40 }],
        how: { earlier: { condition, count } },
      })),
    })),
  findings: ({ points }) => {
    const shown = (x: number | null | undefined, digits = 1): string => (x ?? Number.NaN).toFixed(digits);
    return [...new Set(points.map(({ curve }) => curve))].map((curve) => {
      const own = points.filter((one) => one.curve === curve);
      const share = (point: (typeof own)[number], key: string) =>
        shown(100 * (point.metrics[key]?.estimate ?? Number.NaN));
      const rates = own.map(
        (point) => `${point.at}: ${share(point, "rate")} % (${share(point, "coherent")} % coherent)`,
      );
      return `${curve}, misaligned of coherent, by examples: ${rates.join(", ")}. Of ${own.at(-1)?.at} examples ${shown(own.at(-1)?.metrics["fitted"]?.estimate)} fitted.`;
    });
  },
};
