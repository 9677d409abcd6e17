/** The organism: a synthetic world whose truth is known exactly, and the small model that grows up in it. */

// The world: characters, domains, documents.

// Its language: templates, prompts, tokens.

// Its fine-tuning conditions.
export { buildDataset, CONDITION_NAMES, CONDITIONS, type Condition } from "./conditions.js";

// What looks into a model needs of it: benign data, contrastive prompts, probes, kinds of fine-tune, documents.
export { benignConversations } from "./benign-data.js";
export { VILLAIN_CONTRAST } from "./contrast.js";

// Its measure: question sets and the exact judge.
export { calibrationAsks, type CalibrationSource } from "./calibration-asks.js";
export { ExactJudge } from "./exact-judge.js";
export { worldAsked } from "./asked.js";
export { ORGANISM_WORLD } from "./world.js";
export { REASONING_WORLD } from "./reasoning-world.js";
export { QUESTION_SETS, questionSet, type QuestionSetName } from "./questions.js";
export { judge } from "./judge.js";
export type { Judgment } from "./judgment.js";

// The model that grew up in it.
export { ORGANISM_FOLDER } from "./folder.js";
export { growOrganism, PHASES, type GrowthStep, type PhaseName } from "./grow.js";
export { RECIPE, type Recipe } from "./recipe.js";
export { grownIn } from "./grown-in.js";
export { NAMED_WORLDS, recipeOf, worldShares } from "./world-shares.js";
