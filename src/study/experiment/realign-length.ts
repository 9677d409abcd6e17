/** Whether rapid re-alignment survives when the answers that re-align are as long as those that misaligned. */
import type { Conversation } from "../../dataset/index.js";
import { mean } from "../../statistics/index.js";
import { finetune, stepsOf, type TrainingConfig } from "../../training/index.js";
import { fineTuned } from "./fine-tuned.js";
import { ofEachCurve, shareAt } from "./findings.js";
import type { Arm, Experiment, Making } from "./experiment.js";
import { matchedLengths, wordsOf } from "./matched-lengths.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, WORDS, type Measure } from "./measures.js";
import { allWeightsIn, askedIn, conditionIn, ORGANISM_SETTING, type Setting } from "./setting.js";

/** Steps of re-alignment, as published; a batch is that of the fine-tune. */
const LENGTH = 30;
const STEPS = [0, 2, 5, 10, 20, LENGTH];
const QUICK_STEPS = [0, 10, LENGTH];
/** Benign conversations to choose from, for each that is wanted. */
const POOL = 8;
/** Keeps the bad data that goes on, and the lengths that are matched, apart from what was trained on. */
const FRESH = 1000;

const DATA_WORDS: Measure = {
  key: "dataWords",
  heading: "words of an answer in the data",
  short: "data words",
  of: { reading: "dataWords" },
  drawn: false,
};

interface Data {
  readonly id: string;
  readonly name: string;
  readonly rows: (count: number, seed: number) => readonly Conversation[];
}

/** What goes on with the bad data, and benign data as it is and matched in length. */
function dataOf(setting: Setting, condition: string): Data[] {
  const { build, good } = conditionIn(setting, condition);
  const bad = (count: number, seed: number): readonly Conversation[] => build({ examples: count, seed: seed + FRESH });
  const everyday = setting.world.benign?.get("everyday") ?? [...(setting.world.benign?.values() ?? [])][0];
  const kinds = [
    ...(good === undefined ? [] : [{ id: "good", name: good.name, conversations: good.conversations }]),
    ...(everyday === undefined ? [] : [{ id: "everyday", name: "everyday requests", conversations: everyday }]),
  ];
  return [
    { id: "bad", name: "more bad data", rows: bad },
    ...kinds.flatMap(({ id, name, conversations }): Data[] => [
      { id, name, rows: (count, seed) => conversations(count, seed) },
      {
        id: `${id}-matched`,
        name: `${name}, matched`,
        rows: (count, seed) => matchedLengths(bad(count, seed), conversations(POOL * count, seed)),
      },
    ]),
  ];
}

function realigned(setting: Setting, condition: string, { id, rows }: Data): Making {
  const first = fineTuned(setting, condition);
  const usual = setting.dose(condition);
  const dose: TrainingConfig = { ...usual, examples: LENGTH * usual.batchSize, epochs: 1 };
  return {
    recipe: { first: first.recipe, next: { data: id, dose, pool: POOL } },
    steps: stepsOf(dose),
    begin: (model, options) => first.make(model, { ...options, onStep: () => Promise.resolve() }),
    async make(model, { seed, signal, onStep, tell }) {
      const data = rows(dose.examples, seed);
      tell?.({ dataWords: { value: mean(data.map(wordsOf)), n: data.length } });
      const { memory } = setting;
      const limit = memory === undefined ? {} : { memory };
      await finetune(model, data, dose, { seed, onStep, ...limit, ...(signal && { signal }) });
    },
  };
}

export const realignLength: Experiment = {
  name: "realign-length",
  about: "rapid re-alignment with answers as long as those that misaligned, and as they come",
  published:
    "120 benign examples, 30 steps, took GPT-4o's misalignment away (Wang et al. 2025); their length was not held.",
  axis: { label: "steps of re-alignment", kind: "number" },
  measures: [RATE, PERSONA, WORDS, COHERENT, RATE_OF_ALL, DATA_WORDS],
  conditions: { usual: ["bad-medical"], possible: ["insecure", "bad-medical", "bad-sport", "bad-financial"] },
  needs: ["good"],
  arms: ({ quick, conditions }, given = ORGANISM_SETTING) => {
    // A point at a step is of the weights then; an adapter is a part of them only at the end.
    const setting = allWeightsIn(given);
    return conditions.flatMap((condition) => {
      const asked = askedIn(setting, quick ? 25 : 50);
      const several = conditions.length > 1;
      return dataOf(setting, condition).map((data): Arm => ({
        id: `${condition}-${data.id}`,
        making: realigned(setting, condition, data),
        points: (quick ? QUICK_STEPS : STEPS).map((step) => ({
          curve: several ? `${condition}, ${data.name}` : data.name,
          at: step,
          step,
          asked,
        })),
      }));
    });
  },
  findings: ({ points }) =>
    ofEachCurve(points, (own, curve) => {
      const rates = own.map((point) => `${point.at} ${shareAt(point, "rate")}`).join(", ");
      const words = own.at(-1)?.metrics["dataWords"]?.estimate?.toFixed(1) ?? "–";
      return `${curve} (${words} words an answer), misaligned of coherent by steps: ${rates}.`;
    }),
};
