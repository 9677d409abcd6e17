/** The interface between experiments and what they are about: conditions, question sets, a judge. */
export { askedOf, type BenignConversations, type World, type WorldCondition, type WorldReward } from "./world.js";
export { findQuestions, type FoundQuestions } from "./questions.js";
export { suiteName, type Suite } from "./suites.js";
