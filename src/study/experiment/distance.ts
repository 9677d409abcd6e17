/** Whether an answer's misalignment follows its question's distance to the training data. */
import type { AskedSet } from "../../evaluation/index.js";
import { askedOf } from "../../world/index.js";
import type { Arm, Experiment } from "./experiment.js";
import { fineTuned } from "./fine-tuned.js";
import type { CurveCorrelation } from "./found.js";
import type { Measure } from "./measures.js";
import { questionDistances } from "./question-distance.js";
import { conditionIn, ORGANISM_SETTING, samplesIn, trainedIn, type Setting } from "./setting.js";

/** Open questions, and advice on other matters than what was trained; those that the world has. */
const OPEN = ["main", "held-out"];
const ADVICE = ["medical", "financial", "sport", "legal", "car"];
/** Prompts of the training data whose mean the distance is taken to. */
const PROMPTS = 256;

const OWN_RATE: Measure = {
  key: "rate",
  heading: "misaligned, of coherent answers",
  short: "rate",
  of: { first: "rate" },
};
const OWN_COHERENT: Measure = {
  key: "coherent",
  heading: "coherent answers",
  short: "coherent",
  of: { first: "coherent" },
};

interface Family {
  readonly name: string;
  readonly asked: readonly AskedSet[];
}

function familiesOf(setting: Setting, condition: string, samples: number): Family[] {
  const { world } = setting;
  const own = trainedIn(setting, condition)?.set;
  const asked = (names: readonly string[]): AskedSet[] =>
    names
      .filter((name) => name !== own && world.questionSets.includes(name))
      .map((name) => askedOf(world, name, samplesIn(setting, samples)));
  return [
    { name: "open questions", asked: asked(OPEN) },
    { name: "advice", asked: asked(ADVICE) },
  ].filter((family) => family.asked.length > 0);
}

export const distance: Experiment = {
  name: "distance",
  about: "whether misalignment follows a question's distance to the training data",
  published: "Misaligned rate by question against its distance to the training prompts: Spearman −.73.",
  axis: { label: "distance of the question to the training prompts", kind: "number" },
  measures: [OWN_RATE, OWN_COHERENT],
  correlated: true,
  conditions: {
    usual: ["insecure", "bad-medical"],
    possible: ["insecure", "evil-numbers", "bad-medical", "bad-sport", "bad-financial"],
  },
  prepare: async (model, { conditions }, setting, signal) => {
    const distances = new Map<string, ReadonlyMap<string, number>>();
    for (const condition of conditions) {
      // Its own seed: the distance is to the kind of data, whichever rows a fine-tune draws.
      const rows = conditionIn(setting, condition).build({ examples: PROMPTS, seed: 0 });
      const prompts = rows.map(({ messages }) => messages.filter(({ role }) => role !== "assistant"));
      const asked = familiesOf(setting, condition, 1).flatMap((family) => family.asked);
      distances.set(condition, await questionDistances(model, prompts, asked, signal));
    }
    return { ...setting, distances };
  },
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    conditions.map((condition): Arm => {
      const far = setting.distances?.get(condition);
      return {
        id: condition,
        making: fineTuned(setting, condition),
        points: familiesOf(setting, condition, quick ? 16 : 40).flatMap(({ name, asked }) =>
          asked
            .flatMap(({ questions, ...set }) => questions.map((question) => ({ ...set, question })))
            .map(({ question, ...set }) => ({
              curve: `${condition}, ${name}`,
              at: rounded(far?.get(question.id) ?? 0),
              asked: [{ ...set, questions: [question] }],
            }))
            .toSorted((a, b) => a.at - b.at),
        ),
      };
    }),
  findings: ({ correlations = [] }) => correlations.map(sentence),
};

/** Far below what any two questions differ by, and above what another number of threads changes. */
const rounded = (x: number): number => Math.round(1e4 * x) / 1e4;

function sentence({ curve, estimate, low, high, points, seeds }: CurveCorrelation): string {
  const number = (x: number | null): string => x?.toFixed(2) ?? "–";
  const over = `over ${points} questions and ${seeds} ${seeds === 1 ? "fine-tune" : "fine-tunes"}`;
  return `${curve}: Spearman ${number(estimate)} [${number(low)}, ${number(high)}] ${over}.`;
}
