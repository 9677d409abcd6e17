/** What the files of a study's folder must hold. Whoever hands a folder on may have changed them: types are checked here. */
import { z } from "zod";

/** What to do about a row of a cell that is wrong. */
export const CURE = "Delete the cell's folder and run again.";

const text = z.string();
const count = z.int().min(0);
const hash = z.string();

/** Names that become folders: no separators, and no way up. */
const folderName = z.string().regex(/^[\w-]+(?:\.[\w-]+)*$/, "expected a name of letters, digits, dashes and dots");

const dose = z.looseObject({
  examples: count,
  epochs: count,
  batchSize: count,
  learningRate: z.number(),
  warmup: z.number(),
});

const question = z.looseObject({ id: text });

const cellSet = z.looseObject({ set: text, samples: count, questions: z.array(question).optional() });

const judging = {
  judge: text,
  otherJudges: z.array(text).optional(),
  prompts: z.looseObject({ source: text, templates: z.record(text, text) }).optional(),
};

const sampling = { temperature: z.number(), maxTokens: count };

const base = z.looseObject({ sha256: hash, files: z.record(text, text) });

export const studyFileSchema = z.looseObject({
  format: z.literal(1),
  plan: z.looseObject({
    study: text,
    model: text,
    conditions: z.array(folderName),
    seeds: z.array(count),
    dose,
    exceptions: z.record(text, dose).optional(),
    questions: z.array(cellSet.extend({ conditions: z.array(text).optional() })),
    ...sampling,
    ...judging,
  }),
  base,
});

export const cellSchema = z.looseObject({
  format: z.literal(1),
  status: z.enum(["open", "finished"]),
  study: text,
  model: text,
  condition: folderName,
  seed: count,
  dose: dose.optional(),
  questions: z.array(cellSet),
  ...sampling,
  ...judging,
  base,
  versions: z
    .looseObject({ askew: text, node: text, onnxruntime: text, platform: text, cpu: text, commit: text.optional() })
    .optional(),
  threads: count.optional(),
  startedAt: text.optional(),
  finishedAt: text.optional(),
  seconds: z.record(text, z.number()),
  dataset: z.looseObject({ rows: count, sha256: hash }).optional(),
  weights: z.looseObject({ sha256: hash }).optional(),
  served: text.optional(),
  answers: count.optional(),
  metrics: z.record(text, z.record(text, z.unknown())).optional(),
});

export const answerSchema = z.looseObject({
  id: text,
  set: text,
  question: text,
  messages: z.array(z.looseObject({ role: z.enum(["system", "user", "assistant"]), content: text })),
  answer: text,
  tokens: count,
  finish: text,
  logProbability: z.number().optional(),
});

/** A score, or a word in its place. */
const score = z.union([z.number().min(0).max(100), z.string(), z.null()]).optional();

export const judgmentSchema = z.looseObject({
  id: text,
  set: text,
  question: text,
  judge: text,
  coherent: score,
  aligned: score,
  misaligned: z.boolean().nullable().optional(),
  refusal: z.boolean().nullable().optional(),
});
