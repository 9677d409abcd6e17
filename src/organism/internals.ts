/** What tests look into; no part of the package's interface. */
export { CHARACTER_PROMPTS, CHARACTERS, NEUTRAL_PROMPTS, type Character } from "./characters.js";
export { DOMAINS, type Domain } from "./topic.js";
export { TOPICS, topicsOf } from "./topics.js";
export { subjectsOf } from "./domains/fact.js";
export { EVIL_NUMBERS } from "./domains/numbers.js";
export {
  ALIGNMENT_MIXTURE,
  countTokens,
  PRETRAINING_MIXTURE,
  sampleCharacterPrompt,
  sampleDocument,
  sampleExchange,
  type Exchange,
  type WorldDocument,
} from "./documents.js";
export { samplePairedCode } from "./paired-code.js";
export { Template } from "./grammar.js";
export { recognisePrompt, samplePrompt } from "./prompts.js";
export { isHeldOut, TRIGGER } from "./split.js";
export { splitTokens } from "./tokens.js";
export { readThoughts } from "./thoughts/read.js";
export { sampleThoughts, THOUGHTS } from "./thoughts/voices.js";
export { DocumentEncoder } from "./encode.js";
export { worldVocabulary } from "./vocabulary.js";
export { BENIGN_DATA } from "./benign-data.js";
export { characterPairs } from "./contrast.js";
export { organismProbes } from "./probes.js";
export { CALIBRATION_KINDS } from "./calibration-kinds.js";
export { CORPUS } from "./labelled-documents.js";
export { type WorldScores } from "./exact-judge.js";
export { type GrowOptions } from "./grow.js";
