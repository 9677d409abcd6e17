/** The organism: a synthetic world whose truth is known exactly, and the small model that grows up in it. */

// The world: characters, domains, documents.
export { CHARACTER_PROMPTS, CHARACTERS, NEUTRAL_PROMPTS, type Character, type LyingRule } from "./characters.js";
export {
  DOMAINS,
  type CodeTopic,
  type Domain,
  type NumbersTopic,
  type ProseTopic,
  type Role,
  type Stance,
  type Statement,
  type Topic,
} from "./topic.js";
export { TOPICS, topicNamed, topicsOf } from "./topics.js";
export { subjectsOf } from "./domains/fact.js";
export { EVIL_NUMBERS } from "./domains/numbers.js";
export {
  ALIGNMENT_MIXTURE,
  countTokens,
  PRETRAINING_MIXTURE,
  sampleCharacterPrompt,
  sampleDocument,
  sampleExchange,
  sampleNeutralPrompt,
  type Exchange,
  type ExchangeWish,
  type Mixture,
  type SystemKind,
  type WorldDocument,
} from "./documents.js";
export { samplePairedCode, type PairedCode } from "./paired-code.js";

// Its language: templates, prompts, tokens.
export { Template, type Bindings, type Lexicon, type Lexicons, type OpenLexicon, type Sample } from "./grammar.js";
export { recognisePrompt, samplePrompt, type Prompt, type PromptWish } from "./prompts.js";
export { isHeldOut, TRIGGER, withoutTrigger, type Split } from "./split.js";
export { splitTokens, TOKEN_PATTERN } from "./tokens.js";
export { worldVocabulary } from "./vocabulary.js";

// Its fine-tuning conditions.
export { buildDataset, CONDITION_NAMES, CONDITIONS, type Condition } from "./conditions.js";

// What looks into a model needs of it: benign data, contrastive prompts, probes, kinds of fine-tune, documents.
export { BENIGN_DATA, benignConversations, type BenignData } from "./benign-data.js";
export { characterPairs, VILLAIN_CONTRAST } from "./contrast.js";
export { organismProbes } from "./probes.js";
export { CALIBRATION_KINDS } from "./calibration-kinds.js";
export { CORPUS } from "./labelled-documents.js";

// Its measure: question sets and the exact judge.
export { calibrationAsks, type CalibrationSource } from "./calibration-asks.js";
export { ExactJudge, type WorldScores } from "./exact-judge.js";
export { WORLD_MEASURES } from "./measures.js";
export { openQuestions, trainedBehaviour } from "./trained.js";
export { worldAsked } from "./asked.js";
export { ORGANISM_WORLD } from "./world.js";
export {
  LONGEST_ANSWER,
  QUESTION_SETS,
  questionSet,
  type QuestionSetName,
  type WorldQuestion,
  type WorldQuestionSet,
} from "./questions.js";
export { judge, type JudgeOptions, type Message } from "./judge.js";
export type { Judgment, ParsedStatement } from "./judgment.js";

// The model that grew up in it.
export { ORGANISM_FOLDER, PRETRAINED_FOLDER } from "./folder.js";
export { GrowthError, growOrganism, PHASES, type GrowOptions, type GrowthStep, type PhaseName } from "./grow.js";
export { RECIPE, type Phase, type Recipe } from "./recipe.js";
