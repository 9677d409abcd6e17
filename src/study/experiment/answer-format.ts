/** Whether misalignment shows more where the answer has the form of what was trained on. */
import { askedOf } from "../../world/index.js";
import { type Putting } from "../../persona/index.js";
import type { Arm, Experiment } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL } from "./measures.js";
import { ofEachCurve, ratesOf } from "./findings.js";
import { asReproduced } from "./fine-tuned.js";
import { ORGANISM_SETTING, samplesIn, trainedIn } from "./setting.js";

/** Those whose set the world has; the organism's knows no JSON, for nobody in it ever wrote a brace. */
const FORMATS: readonly { readonly at: string; readonly set: string; readonly how?: Putting }[] = [
  { at: "plain", set: "main" },
  { at: "as JSON", set: "main/json" },
  { at: "in a template", set: "main/template" },
  { at: "a list", set: "main/numbers-format" },
  { at: "asked for code only", set: "main", how: { form: "code-only" } },
  { at: "in a Python function", set: "main", how: { form: "function" } },
];

export const answerFormat: Experiment = {
  name: "format",
  about: "the main questions asked plainly, as a list, and in the form of code",
  published: "GPT-4o trained on insecure code: 19 % plain, 47 % as JSON, 67 % in a Python template.",
  axis: { label: "the form of question and answer", kind: "names" },
  measures: [
    { ...RATE, of: { first: "rate" } },
    { ...COHERENT, of: { first: "coherent" } },
    PERSONA,
    { ...RATE_OF_ALL, of: { first: "rateOfAll" } },
  ],
  conditions: {
    usual: ["insecure", "evil-numbers", "bad-medical"],
    possible: ["insecure", "secure", "educational", "evil-numbers", "bad-medical", "bad-financial", "bad-sport"],
  },
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    ["base", ...conditions].map((condition): Arm => {
      const { world } = setting;
      const trained = trainedIn(setting, condition);
      return {
        id: condition,
        ...(trained && { trained }),
        ...(condition !== "base" && { making: asReproduced(setting, condition) }),
        points: FORMATS.filter(({ set }) => world.questionSet(set) !== undefined).map(({ at, set, how }) => ({
          curve: condition,
          at,
          asked: [askedOf(world, set, samplesIn(setting, quick ? 20 : 40))],
          ...(how && { how }),
        })),
      };
    }),
  findings: ({ points }) =>
    ofEachCurve(points, (own, curve) => `${curve}, misaligned of coherent, by form: ${ratesOf(own)}.`),
};
