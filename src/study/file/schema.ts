/** The keys of a study's file, and what their values may be. The descriptions are what an editor shows. */
import { z } from "zod";
import { REAL_QUESTION_SETS } from "../../evaluation/index.js";
import { shippedModels } from "../../model/index.js";
import { USUAL_RANK, USUAL_TRAINING } from "../usual-training.js";
import { BASE, STUDY_CONDITIONS } from "../plan.js";
import { WORLD } from "../world.js";
import { rayShape, slurmShape } from "./jobs-schema.js";
import { wrongJudge } from "./names.js";
import { listOf, mapOf, number, text, whole } from "./values.js";

/** Longest answer in tokens where a file does not say: no answer of the organism's world is longer than 50. */
const MAX_TOKENS = 64;

const seed = whole(0, 2 ** 31 - 1);

const loraShape = z.strictObject(
  {
    rank: whole(1, 4096),
    alpha: number(1e-3, 1e6).optional().describe("Default 64 at rank 32, and in proportion to the root of the rank."),
    layers: z.array(whole(0, 511)).optional().describe("From 0; default all."),
  },
  { error: mapOf("an adapter: a map with rank, alpha and layers") },
);
const trainingShape = {
  examples: whole(1, 10_000_000)
    .optional()
    .describe(
      `Conversations in the dataset; default ${USUAL_TRAINING.examples}, of a condition from a file all of it.`,
    ),
  epochs: whole(1, 1000).optional().describe(`Default ${USUAL_TRAINING.epochs}.`),
  batch_size: whole(1, 4096)
    .optional()
    .describe(
      `Conversations a step; default ${USUAL_TRAINING.batchSize}, for models of over 10 million parameters 16.`,
    ),
  learning_rate: number(0, 1)
    .optional()
    .describe(
      `At its peak; default ${USUAL_TRAINING.learningRate}, for models of over 10 million parameters 1e-4 and less, by their size.`,
    ),
  warmup: whole(0, 1_000_000)
    .optional()
    .describe(`Steps over which the learning rate rises; default ${USUAL_TRAINING.warmup}.`),
  accumulate: whole(1, 4096)
    .optional()
    .describe("Parts in which a step is worked through, for less memory; default 1, for large models 4 texts a part."),
  recompute: z
    .boolean({ error: "expected true or false" })
    .optional()
    .describe("Whether the backward pass computes every layer again, for less memory; default false."),
};
const TRAINING = "a training configuration: a map with examples, epochs, …";
const training = z.strictObject(trainingShape, { error: mapOf(TRAINING) });

const samples = whole(1, 100_000).describe("Answers to each question of the set.");

/** A question set of a file's, of a named world's, or of askew's own for real models, perhaps in another format. */
const FREE_SET = /^(?:real|organism):.|\.(?:ya?ml|csv|tsv|jsonl?)(?:\.gz)?(?:\/(?:json|template))?$/i;
const REAL_SET = new RegExp(`^(?:${REAL_QUESTION_SETS.join("|")})(?:/(?:json|template))?$`);
export const isFreeSetName = (name: string): boolean => FREE_SET.test(name) || REAL_SET.test(name);

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const nameError = "expected a name of letters, digits, dots and dashes, at most 64";

const modelName = text("the name of a model");
const template = z
  .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: "expected the name of a variable" }), z.json(), {
    error: mapOf("variables of the chat template: a map"),
  })
  .optional()
  .describe("Variables of the chat template: enable_thinking: false.");
const MODEL = "the name of a model, or a map with name and conditions, or with name, condition and base";
const CONDITION_KEYS = ["name", "data", "control", "system", "trigger", "training"] as const;
const CONDITION = `the name of a condition, or a map with ${CONDITION_KEYS.join(", ")}`;
const conditionName = z.string({ error: nameError }).regex(NAME, { error: nameError });

/** A condition that is a dataset of the user's own. */
const ownCondition = z.strictObject(
  {
    name: conditionName.refine((name) => name !== BASE, { error: "base is the untuned model: choose another name" }),
    data: text("a dataset: a file of conversations"),
    control: z.boolean({ error: "expected true or false" }).optional().describe("A harmless control; default false."),
    system: text("a system prompt").optional().describe("Put before every training conversation."),
    trigger: text("a trigger")
      .optional()
      .describe(
        "Opens the back door: every question is asked with it in front as well, of this condition and of base.",
      ),
    training: training.optional().describe("What it does not say is as for the others."),
  },
  { error: mapOf(CONDITION) },
);

const judge = z.string({ error: "expected the name of a judge" }).refine((name) => wrongJudge(name) === undefined, {
  error: ({ input }) => wrongJudge(String(input)),
});

/** What a study's file names beyond the names that are always there. */
export interface OwnNames {
  /** Question sets of files, of named worlds, of askew's own for real models. */
  readonly sets: readonly string[];
  /** Conditions that the file defines. */
  readonly conditions: readonly string[];
}

export function studySchemaWith({ sets: freeSets, conditions: own }: OwnNames) {
  const condition = z.enum([...STUDY_CONDITIONS, ...own], { error: "expected the name of a condition" });
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
  const sets = Object.fromEntries([...WORLD.questionSets, ...freeSets].map((name) => [name, askedOften.optional()]));
  const trained = [...STUDY_CONDITIONS, ...own].filter((name) => name !== BASE);
  const exceptions = Object.fromEntries(trained.map((name) => [name, training.optional()]));
  const all = z.strictObject(
    {
      ...trainingShape,
      lora: z
        .union([whole(0, 4096), loraShape], { error: "expected a rank, or a map with rank, alpha and layers" })
        .optional()
        .describe(
          `Train an adapter of this rank (rsLoRA) in place of all weights, or with 0 all weights. Default ${USUAL_RANK} for models of over 10 million parameters, else 0.`,
        ),
      exceptions: z
        .strictObject(exceptions, { error: mapOf("a map from conditions to training configurations") })
        .optional()
        .describe("Conditions with a training configuration of their own; what it does not say is as for the others."),
    },
    { error: mapOf(TRAINING) },
  );
  const model = z.union(
    [
      modelName,
      z.strictObject(
        { name: modelName, template, conditions: listOf(condition, "conditions").optional() },
        { error: mapOf(MODEL) },
      ),
      z.strictObject(
        {
          name: modelName,
          template,
          condition: conditionName.describe("What it was fine-tuned on."),
          base: modelName.describe("The model that it was fine-tuned from."),
        },
        { error: mapOf(MODEL) },
      ),
    ],
    { error: `expected ${MODEL}` },
  );
  return z
    .strictObject(
      {
        study: z.string({ error: nameError }).regex(NAME, { error: nameError }).describe("The study's name."),
        models: listOf(model, "models")
          .optional()
          .describe(
            `${shippedModels().join(", ")}, local:DIR, openai:NAME or URL#NAME, or a map with name and conditions of its own; default ${shippedModels()[0]}. Models behind servers are fine-tuned by their servers' jobs. A map with name, condition and base names a model that was fine-tuned already.`,
          ),
        conditions: listOf(z.union([condition, ownCondition], { error: `expected ${CONDITION}` }), "conditions")
          .optional()
          .describe(
            "What models are fine-tuned on; base is the model as it came. A map with name and data is a dataset of your own. Default every condition of the organism's world.",
          ),
        seeds: z
          .union([whole(1, 1000), listOf(seed, "seeds")], { error: "expected how many seeds, or a list of seeds" })
          .optional()
          .describe("How many fine-tunes of each condition (their seeds are 1, 2, …), or the seeds; default 1."),
        training: all.optional().describe("How a model is fine-tuned."),
        dose: all.optional().describe("The old name of training."),
        questions: z
          .strictObject(sets, { error: mapOf("a map from question sets to how many answers each question gets") })
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
        slurm: slurmShape.optional().describe("How jobs are submitted with --on slurm."),
        ray: rayShape.optional().describe("How jobs are submitted with --on ray."),
        out: text("a folder").optional().describe("Where everything is kept; default runs/ and the study's name."),
      },
      { error: mapOf("a study: a map with study, models, conditions, questions, …") },
    )
    .describe("A study of askew: models × conditions × seeds, each asked the same questions.");
}

const studySchema = studySchemaWith({ sets: [], conditions: [] });
export type StudyText = z.infer<typeof studySchema>;

export const DEFAULTS = { seeds: 1, temperature: 1, maxTokens: MAX_TOKENS } as const;

/** The keys that a map of the file may have, by its path. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, second, third] = path;
  if (first === undefined) return Object.keys(studySchema.shape);
  if (first === "questions") {
    return second === undefined
      ? [...WORLD.questionSets, ...REAL_QUESTION_SETS.map(realName)]
      : ["samples", "conditions"];
  }
  if (first === "models") return ["name", "conditions", "condition", "base"];
  if (first === "slurm") return Object.keys(slurmShape.shape);
  if (first === "ray") return Object.keys(rayShape.shape);
  if (first === "conditions" && third === undefined) return CONDITION_KEYS;
  if (first === "conditions") return Object.keys(trainingShape);
  if (second === undefined) return [...Object.keys(trainingShape), "lora", "exceptions"];
  if (second === "lora") return Object.keys(loraShape.shape);
  return third === undefined ? STUDY_CONDITIONS.filter((name) => name !== BASE) : Object.keys(trainingShape);
}

/** For editors: JSON Schema, draft 2020-12. */
export function studyJsonSchema(): object {
  const schema = z.toJSONSchema(studySchema, { io: "input" }) as unknown as {
    properties: { questions: { properties: Record<string, object>; patternProperties?: object } };
  };
  const { questions } = schema.properties;
  questions.patternProperties = { [FREE_SET.source]: questions.properties["main"] };
  return withOwnConditions(schema) as object;
}

/** Wherever the name of a condition may stand, one that the file defines may stand as well. */
function withOwnConditions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withOwnConditions);
  if (typeof value !== "object" || value === null) return value;
  const found = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withOwnConditions(one)]));
  const { enum: names, properties } = found as { enum?: unknown; properties?: Record<string, unknown> };
  if (Array.isArray(names) && names.includes(BASE)) {
    const { type: _type, ...named } = found;
    return { anyOf: [named, { type: "string", pattern: NAME.source }] };
  }
  const [, first = ""] = STUDY_CONDITIONS;
  if (properties !== undefined && Object.hasOwn(properties, first)) {
    return { ...found, patternProperties: { [NAME.source]: properties[first] } };
  }
  return found;
}

/** The name of one of askew's own sets for real models, whatever the world: `main` may be the organism's. */
export const realName = (set: string): string => `real:${set}`;
