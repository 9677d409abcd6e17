/** What examples in the context do to a model that is not trained at all. */
import { decimal } from "../../text/index.js";
import type { Arm, Experiment } from "./experiment.js";
import { ofEachCurve, ratesOf } from "./findings.js";
import { COHERENT, RATE, RATE_OF_ALL, PERSONA, type Measure } from "./measures.js";
import { askedIn, conditionIn, ORGANISM_SETTING } from "./setting.js";

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
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    conditions.map((condition): Arm => ({
      id: condition,
      points: (quick ? QUICK_SHOTS : SHOTS).map((count) => ({
        curve: condition,
        at: count,
        asked: askedIn(setting, quick ? 20 : 40),
        how: { earlier: { condition, count, build: conditionIn(setting, condition).build } },
      })),
    })),
  findings: ({ points }) =>
    ofEachCurve(points, (own, curve) => {
      const last = own.at(-1);
      const fitted = decimal(last?.metrics["fitted"]?.estimate ?? null);
      return `${curve}, misaligned of coherent, by examples: ${ratesOf(own)}. Of ${last?.at} examples ${fitted} fitted.`;
    }),
};
