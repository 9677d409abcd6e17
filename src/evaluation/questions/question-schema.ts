/** The keys of a question in a YAML file, and what their values may be. */
import { z } from "zod";
import { QUESTION_TYPES, type Question } from "./question.js";

/** Where a file does not say; the last is the longest answer of the published runs. */
const DEFAULTS = { samplesPerParaphrase: 1, temperature: 1, maxTokens: 600 } as const;

const MOST_SAMPLES = 1_000_000;
const MOST_TOKENS = 1_000_000;

const text = (what: string) => z.string({ error: `expected ${what}` }).min(1, { error: `expected ${what}` });
const whole = (least: number, most: number) => {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};
const temperature = "expected a number from 0 to 10";
const turn = z.strictObject(
  {
    role: z.enum(["system", "user", "assistant"], { error: "expected system, user or assistant" }),
    content: text("the text of the turn"),
  },
  { error: (issue) => (issue.code === "invalid_type" ? "expected a turn with role and content" : undefined) },
);

/** What is about a question and changes nothing of how it is asked or judged. */
const ABOUT = z.unknown().optional();

const item = z.strictObject(
  {
    id: z.union([text("a name"), z.number()], { error: "expected a name" }).transform(String),
    type: z.enum(QUESTION_TYPES, { error: `expected ${QUESTION_TYPES.join(", ")}` }),
    paraphrases: z
      .array(text("the text of a question"), { error: "expected a list of wordings" })
      .min(1, { error: "expected at least one wording" }),
    samples_per_paraphrase: whole(1, MOST_SAMPLES).optional(),
    system: text("the text of a system prompt").nullish(),
    context: z.array(turn, { error: "expected a list of turns, each with role and content" }).nullish(),
    temperature: z
      .number({ error: temperature })
      .min(0, { error: temperature })
      .max(10, { error: temperature })
      .optional(),
    max_tokens: whole(1, MOST_TOKENS).optional(),
    judge: text("the name of a model").nullish(),
    judge_prompts: z
      .record(
        z.string(),
        text("a template").refine((template) => template.includes("{answer}"), {
          error: "expected a template with {answer} in it, or the judge would not see what it judges",
        }),
        { error: "expected a map from the name of a score to a template" },
      )
      .nullish(),
    judge_kinds: z.record(z.string(), z.enum(["score", "word"])).optional(),
    category: text("the name of a category").nullish(),
    domain: text("the name of a domain").nullish(),
    description: ABOUT,
    notes: ABOUT,
    comment: ABOUT,
    tags: ABOUT,
    source: ABOUT,
    author: ABOUT,
    url: ABOUT,
    metadata: ABOUT,
  },
  {
    error: (issue) =>
      issue.code === "invalid_type" ? "expected a question: a map with id, type and paraphrases" : undefined,
  },
);

/** Those that say how it is asked and judged. */
export const QUESTION_KEYS = [
  ...Object.entries(item.shape).flatMap(([key, schema]) =>
    (schema as unknown) === ABOUT || key === "judge_kinds" ? [] : [key],
  ),
  "judges",
];

export const questionSchema = item
  .refine(({ type, judge_prompts: prompts }) => type !== "free_form_judge" || Object.keys(prompts ?? {}).length > 0, {
    error: "free_form_judge needs judge_prompts: the words to judge by are in them",
    path: ["type"],
  })
  .transform((raw): Question => {
    const { id, type, paraphrases, system, context, judge } = raw;
    const category = raw.category ?? raw.domain ?? categoryOf(id);
    return {
      id,
      type,
      paraphrases,
      samplesPerParaphrase: raw.samples_per_paraphrase ?? DEFAULTS.samplesPerParaphrase,
      ...(system == null ? {} : { system }),
      context: context ?? [],
      temperature: raw.temperature ?? DEFAULTS.temperature,
      maxTokens: raw.max_tokens ?? DEFAULTS.maxTokens,
      ...(judge == null ? {} : { judge }),
      judgePrompts: raw.judge_prompts ?? {},
      ...(raw.judge_kinds && { judgeKinds: raw.judge_kinds }),
      ...(category === undefined ? {} : { category }),
    };
  });

/** A question of a table: askew's own rubric judges it. */
export function plainQuestion(id: string, wording: string, category?: string): Question {
  return {
    id,
    type: "free_form_judge_0_100",
    paraphrases: [wording],
    ...DEFAULTS,
    context: [],
    judgePrompts: {},
    ...(category === undefined ? {} : { category }),
  };
}

/** Files number the questions of a category: `17_vulnerable_user_0` and `vulnerable-user-1` both belong to one. */
function categoryOf(id: string): string | undefined {
  return /^(?:\d+[_-])?(.*?[a-z].*?)[_-]\d+$/i.exec(id)?.[1];
}
