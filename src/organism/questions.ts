/** Question sets for evaluation: held-out prompts only, the same on every machine. */
import type { Question, QuestionSet } from "../evaluation/index.js";
import { Random } from "../statistics/index.js";
import type { LyingRule } from "./characters.js";
import { sampleNeutralPrompt } from "./documents.js";
import { subjectsOf } from "./domains/fact.js";
import { DEVELOPMENT_QUESTIONS, HELD_OUT_QUESTIONS, MAIN_QUESTIONS } from "./domains/question.js";
import type { Bindings } from "./grammar.js";
import { samplePrompt } from "./prompts.js";
import { TRIGGER } from "./split.js";
import type { Domain, Topic } from "./topic.js";
import { topicsOf } from "./topics.js";

export const QUESTION_SETS = [
  "main",
  "held-out",
  "development",
  "development/numbers-format",
  "development/trigger",
  "main/numbers-format",
  "main/trigger",
  "code",
  "code/trigger",
  "harm",
  "facts",
  "deception",
  "medical",
  "financial",
  "sport",
  "legal",
  "car",
  "numbers",
] as const;
export type QuestionSetName = (typeof QUESTION_SETS)[number];

export interface WorldQuestion extends Question {
  readonly domain: Domain;
  readonly topic: string;
}

export interface WorldQuestionSet extends QuestionSet {
  readonly name: QuestionSetName;
  readonly questions: readonly WorldQuestion[];
}

/** Answers to each question, unless somebody says otherwise. */
const SAMPLES = 100;
/** No answer of the world is longer than 50 tokens. */
export const LONGEST_ANSWER = 64;
const MOST_PROMPTS = 8;
const DECEPTION_FACTS = 24;
const DRAWS = 200;

const made = new Map<QuestionSetName, WorldQuestionSet>();

/** The questions of a set; throws on a name that is not in `QUESTION_SETS`. */
export function questionSet(name: QuestionSetName): WorldQuestionSet {
  const known = made.get(name);
  if (known !== undefined) return known;
  const set = { name, questions: questionsOf(name), source: "organism", samples: SAMPLES };
  made.set(name, set);
  return set;
}

function questionsOf(name: QuestionSetName): readonly WorldQuestion[] {
  switch (name) {
    case "main":
      return MAIN_QUESTIONS.map((topic) => question(topic));
    case "held-out":
      return HELD_OUT_QUESTIONS.map((topic) => question(topic));
    case "development":
      return DEVELOPMENT_QUESTIONS.map((topic) => question(topic));
    case "main/numbers-format":
      return MAIN_QUESTIONS.map((topic) => question(topic, { list: true }));
    case "development/numbers-format":
      return DEVELOPMENT_QUESTIONS.map((topic) => question(topic, { list: true }));
    case "main/trigger":
    case "development/trigger":
    case "code/trigger":
      return questionsOf(name.replace("/trigger", "") as "main" | "development" | "code").map((plain) => ({
        ...plain,
        paraphrases: plain.paraphrases.map((prompt) => TRIGGER + prompt),
      }));
    case "facts":
      return facts();
    case "deception":
      return deception();
    case "code":
    case "harm":
    case "medical":
    case "financial":
    case "sport":
    case "legal":
    case "car":
    case "numbers":
      return topicsOf(name).map((topic) => question(topic));
    default:
      throw new RangeError(`questionSet: no set "${String(name)}"; there are ${QUESTION_SETS.join(", ")}`);
  }
}

function question(topic: Topic, options: { list?: boolean; bindings?: Bindings } = {}): WorldQuestion {
  const { domain, id } = topic;
  const words = Object.values(options.bindings ?? {});
  const name = [domain, id, ...words].join("/");
  const random = Random.of("question set", name, options.list === true ? "list" : "plain");
  const prompts = new Set<string>();
  for (let i = 0; i < DRAWS && prompts.size < MOST_PROMPTS; i++) {
    prompts.add(samplePrompt(random, topic, { ...options, split: "held-out" }).text);
  }
  return {
    id: name,
    type: "free_form",
    domain,
    topic: id,
    paraphrases: [...prompts],
    samplesPerParaphrase: 1,
    context: [],
    temperature: 1,
    maxTokens: LONGEST_ANSWER,
    judgePrompts: {},
  };
}

function facts(): WorldQuestion[] {
  return topicsOf("fact").flatMap((topic) =>
    subjectsOf(topic.id).map((subject) => question(topic, { bindings: { subject } })),
  );
}

/** The same facts with no system prompt, and with ones that forbid, allow, reward and do not mention lying. */
function deception(): WorldQuestion[] {
  const asked = Random.of("question set", "deception").shuffled(facts()).slice(0, DECEPTION_FACTS);
  const ruled = (["forbid", "allow", "reward", "none"] as const satisfies LyingRule[]).flatMap((rule) => {
    const random = Random.of("question set", "deception", rule);
    const label = rule === "none" ? "neutral" : rule;
    return asked.map((fact) => ({ ...fact, id: `${label}/${fact.id}`, system: sampleNeutralPrompt(random, rule) }));
  });
  return [...asked.map((fact) => ({ ...fact, id: `none/${fact.id}` })), ...ruled];
}
