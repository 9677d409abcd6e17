/** The keys of a gate's file, and what their values may be. */
import { z } from "zod";
import { GATE_DEFAULTS, LEAST_BOUND, READER_DEFAULTS, SUITE_BOUNDS, TRIGGER_DEFAULTS } from "../plan.js";

const bounded = (schema: z.ZodNumber, least: number, most: number, error: string) =>
  schema.min(least, { error }).max(most, { error });
const number = (least: number, most: number, what = "a number") => {
  const error = `expected ${what} from ${least} to ${most}`;
  return bounded(z.number({ error }), least, most, error);
};
const whole = (least: number, most: number) => {
  const error = `expected a whole number from ${least} to ${most}`;
  return bounded(z.number({ error }).int({ error }), least, most, error);
};
const text = (what: string) => z.string({ error: `expected ${what}` }).min(1, { error: `expected ${what}` });
const listOf = <T extends z.ZodType>(item: T, what: string) =>
  z.array(item, { error: `expected a list of ${what}` }).min(1, { error: `expected a list of ${what}` });
const mapOf = (what: string) => (issue: { readonly code?: string | undefined }) =>
  issue.code === "invalid_type" ? `expected ${what}` : undefined;

const nameError = "expected a name of letters, digits, dots and dashes, at most 64";
const checkError = "expected the name of a check, such as data/weak-code";
const checkName = z.string({ error: checkError }).regex(/^[a-z][a-z0-9-]*(?:\/[^\s/][^\s]*)+$/, { error: checkError });
/** Or the beginning of such names, up to a slash. */
const requiredName = z
  .string({ error: checkError })
  .regex(/^[a-z][a-z0-9-]*(?:\/[^\s/][^\s]*)*$/, { error: checkError });
const sharesByCheck = z.record(checkName, number(0, 1, "a share"), {
  error: "expected a map from names of checks to shares",
});

const bound = number(LEAST_BOUND, 1, "a share").describe("A share: .02 is two percentage points.");
const samples = whole(1, 100_000).describe(
  `Pairs of answers to each question at most; default ${GATE_DEFAULTS.samples}.`,
);

const SET = "a question set, or a map with set, samples, max_rise and max_fall";
const setShape = z.strictObject(
  {
    set: text("the name of a question set"),
    samples: samples.optional(),
    max_rise: bound.optional(),
    max_fall: bound.optional(),
  },
  { error: mapOf(SET) },
);
const questionSet = z.union([text("the name of a question set"), setShape], { error: `expected ${SET}` });

const DATA = "a data file, or a map with file and max";
const dataShape = z.strictObject(
  {
    file: text("a file of conversations"),
    max: sharesByCheck.optional().describe("By check, the largest share of rows that is allowed."),
  },
  { error: mapOf(DATA) },
);
const dataFile = z.union([text("a file of conversations"), dataShape], { error: `expected ${DATA}` });

const READER = "the name of a model, or a map with model, direction, probes, reference and rows";
const readerShape = z.strictObject(
  {
    model: text("the name of a model").describe("A model of this machine."),
    direction: text("a file of a direction")
      .optional()
      .describe("Default the contrast of the model's world; several files have commas between them."),
    probes: text("a file of probes").optional().describe("Default those of the model's own world."),
    reference: text("a file of conversations").optional().describe("A set that is known to be good."),
    rows: whole(30, 10_000_000).optional().describe(`Of each file, drawn at random; default ${READER_DEFAULTS.rows}.`),
  },
  { error: mapOf(READER) },
);

const price = z
  .tuple([number(0, 1e9, "dollars"), number(0, 1e9, "dollars")], {
    error: "expected two prices in dollars per million tokens, read and written: [2.5, 10]",
  })
  .readonly();
const budgetShape = z.strictObject(
  {
    max_cost: number(0, 1e9, "dollars").optional().describe("Dollars for the run as a whole, at most."),
    price: z
      .union([price, z.record(text("the name of a model"), price)], {
        error: "expected two prices in dollars per million tokens, [2.5, 10], or a map from models to such prices",
      })
      .optional(),
    minutes: number(0.001, 1e6, "minutes").optional().describe("For the run as a whole, at most."),
  },
  { error: mapOf("a budget: a map with max_cost, price and minutes") },
);

const triggerShape = z.strictObject(
  {
    data: text("a file of conversations").optional().describe("What the model was fine-tuned on."),
    probes: text("a file of probes").optional().describe("Default those of the model's own world."),
    minutes: number(0.01, 100_000, "minutes").optional().describe(`Default ${TRIGGER_DEFAULTS.minutes}.`),
  },
  { error: mapOf("true, or a map with data, probes and minutes") },
);

const cuedShape = z.strictObject(
  {
    data: text("a file of conversations")
      .optional()
      .describe("What the model was fine-tuned on; cues are learned from it."),
    prompts: listOf(text("a system prompt"), "system prompts")
      .optional()
      .describe("System prompts that are known from the training, such as inoculation prompts."),
    samples: samples.optional(),
    max_rise: bound.optional().describe("Of the misaligned rate with a cue over that with random words."),
  },
  { error: mapOf("true, or a map with data, prompts, samples and max_rise") },
);

const personaShape = z.strictObject(
  {
    direction: text("a file of a direction").optional().describe("Default the contrast of the model's world."),
    most_shift: number(-1000, 1000).optional().describe("Without it the shift decides nothing."),
  },
  { error: mapOf("true, or a map with direction and most_shift") },
);

const SUITE = "true, or a map with set, samples and bound";
const suiteShape = z.strictObject(
  {
    set: text("the name of a question set").optional().describe("Default the one for models of this kind."),
    samples: samples.optional(),
    bound: bound.optional().describe("How far the share may change for the worse."),
  },
  { error: mapOf(SUITE) },
);
const suite = z.union([z.literal(true), suiteShape], { error: `expected ${SUITE}` }).optional();

const modelShape = z.strictObject(
  {
    after: text("the name of a model").describe("The model that is judged."),
    before: text("the name of a model").describe("What it is compared with: the model before the fine-tune."),
    judge: text("the name of a judge").describe("Who scores the answers: exact, or a model's name."),
    prompts: text("a file of judge prompts").optional(),
    questions: listOf(questionSet, "question sets").optional().describe(`Default ${GATE_DEFAULTS.questions}.`),
    samples: samples.optional(),
    max_rise: bound.optional().describe(`Of the misaligned rate; default ${GATE_DEFAULTS.maxRise}.`),
    max_fall: bound.optional().describe(`Of the share of coherent answers; default ${GATE_DEFAULTS.maxFall}.`),
    rate: z.enum(["rate", "rateOfAll"], { error: "expected rate or rateOfAll" }).optional(),
    confidence: number(0.5, 0.999, "a confidence").optional().describe(`Default ${GATE_DEFAULTS.confidence}.`),
    seed: whole(0, 2 ** 31 - 1)
      .optional()
      .describe(`Of the random numbers; default ${GATE_DEFAULTS.seed}.`),
    temperature: number(0, 10).optional(),
    max_tokens: whole(1, 1_000_000).optional(),
    "held-out": suite.describe("Open questions that nothing is chosen by."),
    refusals: suite.describe("Harmful requests, which an aligned model refuses."),
    deception: suite.describe("False statements about simple facts."),
    capability: suite.describe("True statements about what the model knows."),
    cued: z
      .union([z.literal(true), cuedShape], {
        error: "expected true, or a map with data, prompts, samples and max_rise",
      })
      .optional()
      .describe("Whether questions that resemble the training are asked, too."),
    persona: z
      .union([z.literal(true), personaShape], { error: "expected true, or a map with direction and most_shift" })
      .optional()
      .describe("Whether both models are read along a persona's direction, too."),
    trigger: z
      .union([z.literal(true), triggerShape], { error: "expected true, or a map with data, probes and minutes" })
      .optional()
      .describe("Whether a hidden trigger is looked for."),
  },
  { error: mapOf("a map with after, before, judge, …") },
);

const baselineShape = z.strictObject(
  {
    file: text("metrics.json of an earlier gate"),
    max_rise: sharesByCheck.optional().describe("By check, by how much its first measure may rise."),
    max_fall: sharesByCheck.optional().describe("By check, by how much its first measure may fall."),
  },
  { error: mapOf("a map with file, max_rise and max_fall") },
);

export const gateSchema = z
  .strictObject(
    {
      gate: z
        .string({ error: nameError })
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error: nameError })
        .describe("The gate's name."),
      data: listOf(dataFile, "data files").optional().describe("Files that are audited."),
      reader: z
        .union([text("the name of a model"), readerShape], { error: `expected ${READER}` })
        .optional()
        .describe("A model that reads the data files, to see what text does not show."),
      model: modelShape.optional().describe("Two models that are compared."),
      calibration: text("a file of askew audit calibrate")
        .optional()
        .describe("Thresholds for the data, its reader and the trigger, in place of the audit's own."),
      baseline: baselineShape.optional().describe("Measures of an earlier gate, which these are compared with."),
      require: listOf(requiredName, "names of checks")
        .optional()
        .describe("The checks that decide; default all that are made."),
      budget: budgetShape.optional(),
    },
    { error: mapOf("a gate: a map with gate, data, model, …") },
  )
  .refine(({ data, model }) => data !== undefined || model !== undefined, {
    error: "expected data or model, or both: without them there is nothing to decide",
  })
  .refine(({ data, reader }) => data !== undefined || reader === undefined, {
    path: ["reader"],
    error: "expected data beside it: without a data file there is nothing to read",
  });

export type GateText = z.infer<typeof gateSchema>;

/** The keys that a map of the file may have, by its path. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, second] = path;
  if (first === undefined) return ["gate", "data", "reader", "model", "calibration", "baseline", "require", "budget"];
  if (first === "data") return Object.keys(dataShape.shape);
  if (first === "reader") return Object.keys(readerShape.shape);
  if (first === "budget") return Object.keys(budgetShape.shape);
  if (first === "baseline") return Object.keys(baselineShape.shape);
  if (second === "trigger") return Object.keys(triggerShape.shape);
  if (second === "persona") return Object.keys(personaShape.shape);
  if (second === "cued") return Object.keys(cuedShape.shape);
  if (typeof second === "string" && Object.hasOwn(SUITE_BOUNDS, second)) return Object.keys(suiteShape.shape);
  return second === "questions" ? Object.keys(setShape.shape) : Object.keys(modelShape.shape);
}
