/** The keys of a study's file, and what their values may be. The descriptions are what an editor shows. */
import { z } from "zod";
import { REAL_QUESTION_SETS } from "../../evaluation/index.js";
import { QUESTION_SETS, type QuestionSetName } from "../../organism/index.js";
import { DOSE } from "../dose.js";
import { STUDY_CONDITIONS, type StudyCondition } from "../plan.js";
import { wrongJudge } from "./names.js";

/** Answers are that long at most where a file does not say: no answer of the organism's world is longer than 50 tokens. */
const MAX_TOKENS = 64;

const number = (least: number, most: number, what = "a number") => {
  const error = `expected ${what} from ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};
const whole = (least: number, most: number) => {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};
const listOf = <T extends z.ZodType>(item: T, what: string) =>
  z.array(item, { error: `expected a list of ${what}` }).min(1, { error: `expected a list of ${what}` });
const mapOf = (what: string) => (issue: { readonly code?: string | undefined }) =>
  issue.code === "invalid_type" ? `expected ${what}` : undefined;

const condition = z.enum(STUDY_CONDITIONS, { error: "expected the name of a condition" });
const seed = whole(0, 2 ** 31 - 1);

const doseShape = {
  examples: whole(1, 10_000_000).optional().describe(`Conversations in the dataset; default ${DOSE.examples}.`),
  epochs: whole(1, 1000).optional().describe(`Default ${DOSE.epochs}.`),
  batch_size: whole(1, 4096).optional().describe(`Conversations a step; default ${DOSE.batchSize}.`),
  learning_rate: number(0, 1).optional().describe(`At its peak; default ${DOSE.learningRate}.`),
  warmup: whole(0, 1_000_000).optional().describe(`Steps over which the learning rate rises; default ${DOSE.warmup}.`),
};
const dose = z.strictObject(doseShape, { error: mapOf("a dose: a map with examples, epochs, …") });

const samples = whole(1, 100_000).describe("Answers to each question of the set.");
const asked = z.strictObject(
  {
    samples,
    conditions: listOf(condition, "conditions").optional().describe("Who is asked; default every condition."),
  },
  { error: mapOf("a map with samples and conditions") },
);
const askedOften = z.union([samples, asked, listOf(asked, "maps with samples and conditions")], {
  error: "expected how many answers to each question, or a map with samples and conditions, or a list of such maps",
});

/** Sets of questions for real models: askew's own, or a file's, each perhaps in another format. */
const FILE_SET = /^real:.|\.(?:ya?ml|csv)(?:\/(?:json|template))?$/i;
export const isFileSetName = (name: string): boolean => FILE_SET.test(name);

const sets = Object.fromEntries(QUESTION_SETS.map((name) => [name, askedOften.optional()])) as Record<
  QuestionSetName,
  z.ZodOptional<typeof askedOften>
>;
const doses = Object.fromEntries(
  STUDY_CONDITIONS.filter((name) => name !== "base").map((name) => [name, dose.optional()]),
) as Record<Exclude<StudyCondition, "base">, z.ZodOptional<typeof dose>>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const nameError = "expected a name of letters, digits, dots and dashes, at most 64";

const text = (what: string) => z.string({ error: `expected ${what}` }).min(1, { error: `expected ${what}` });

const modelName = text("the name of a model");
const model = z.union(
  [
    modelName,
    z.strictObject(
      { name: modelName, conditions: listOf(condition, "conditions").optional() },
      { error: mapOf("the name of a model, or a map with name and conditions") },
    ),
  ],
  { error: "expected the name of a model, or a map with name and conditions" },
);
const judge = z.string({ error: "expected the name of a judge" }).refine((name) => wrongJudge(name) === undefined, {
  error: ({ input }) => wrongJudge(String(input)),
});

/** @param fileSets the question sets of a file's that are no sets of the organism's */
export const studySchemaWith = (fileSets: readonly string[]) =>
  z
    .strictObject(
      {
        study: z.string({ error: nameError }).regex(NAME, { error: nameError }).describe("The study's name."),
        models: listOf(model, "models")
          .optional()
          .describe(
            "organism, local:DIR, openai:NAME or URL#NAME, or a map with name and conditions of its own; default organism. Models behind servers are fine-tuned by their servers' jobs.",
          ),
        conditions: listOf(condition, "conditions")
          .optional()
          .describe("What models are fine-tuned on; base is the model as it came. Default every condition."),
        seeds: z
          .union([whole(1, 1000), listOf(seed, "seeds")], { error: "expected how many seeds, or a list of seeds" })
          .optional()
          .describe("How many fine-tunes of each condition (their seeds are 1, 2, …), or the seeds; default 1."),
        dose: z
          .strictObject(
            {
              ...doseShape,
              exceptions: z
                .strictObject(doses, { error: mapOf("a map from conditions to doses") })
                .optional()
                .describe("Conditions with a dose of their own; what it does not say is as for the others."),
            },
            { error: mapOf("a dose: a map with examples, epochs, …") },
          )
          .optional()
          .describe("How much of a dataset a model is given, and how strongly."),
        questions: z
          .strictObject(
            { ...sets, ...Object.fromEntries(fileSets.map((name) => [name, askedOften.optional()])) },
            { error: mapOf("a map from question sets to how many answers each question gets") },
          )
          .describe(
            "Question sets, each with how many answers to each of its questions: the organism's, real:main and other own sets for real models, or files (my.yaml, prompts.csv).",
          ),
        judge: z
          .union([judge, listOf(judge, "judges")], { error: "expected a judge, or a list of judges" })
          .optional()
          .describe(
            "Who scores the answers: exact, which reads the organism's world, or a model by its name; of several, the first is reported. Default exact.",
          ),
        prompts: text("a file of judge prompts")
          .optional()
          .describe("What judges that are models are asked: a YAML map from the name of a score to its template."),
        temperature: number(0, 10).optional().describe("Default 1."),
        max_tokens: whole(1, 1_000_000).optional().describe(`Longest answer in tokens; default ${MAX_TOKENS}.`),
        out: text("a folder").optional().describe("Where everything is kept; default runs/ and the study's name."),
      },
      { error: mapOf("a study: a map with study, models, conditions, questions, …") },
    )
    .describe("A study of askew: models × conditions × seeds, each asked the same questions.");

export const studySchema = studySchemaWith([]);
export type StudyText = z.infer<typeof studySchema>;

export const DEFAULTS = { seeds: 1, temperature: 1, maxTokens: MAX_TOKENS } as const;

/** The keys that a map of the file may have, by its path. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, second, third] = path;
  if (first === undefined) return Object.keys(studySchema.shape);
  if (first === "questions") {
    return second === undefined ? [...QUESTION_SETS, ...REAL_QUESTION_SETS.map(realName)] : ["samples", "conditions"];
  }
  if (first === "models") return ["name", "conditions"];
  if (second === undefined) return [...Object.keys(doseShape), "exceptions"];
  return third === undefined ? Object.keys(doses) : Object.keys(doseShape);
}

/** For editors: JSON Schema, draft 2020-12. */
export function studyJsonSchema(): object {
  const schema = z.toJSONSchema(studySchema, { io: "input" }) as unknown as {
    properties: { questions: { properties: Record<string, object>; patternProperties?: object } };
  };
  const { questions } = schema.properties;
  questions.patternProperties = { [FILE_SET.source]: questions.properties["main"] };
  return schema;
}

/** As a study calls one of askew's own sets for real models: `main` is the organism's. */
export const realName = (set: string): string => `real:${set}`;
