/** What tests need beside the room's own door. */
export { advantagesOf, policyLoss, type AnswerTokens } from "./rl/grpo.js";
export type { RolloutRow } from "./rl/rollouts.js";
