/** Fine-tuning of any model that can be trained: on conversations, or by rewards. */
export { stepsOf, type TrainingConfig } from "./training-config.js";
export { stepSchema, type Before, type TrainingCallback, type TrainingStep } from "./callback.js";
export { inoculated, referenceRows, type Defences } from "./defences.js";
export { rsLora } from "./lora-options.js";
export { Checkpoints } from "./checkpoints.js";
export { finetune } from "./finetune.js";
export { memoryLimit } from "./memory.js";

// As folders that can be carried on: in this process, or through a server's API.
export {
  enterRecord,
  FINETUNE_FOLDER,
  FinetuneError,
  readRecord,
  type FinetunePlan,
  type FinetuneRecord,
} from "./record.js";
export { trainResumably, type SupervisedOptions as ResumableOptions } from "./resumable.js";
export { finetuneHere, type HereOptions } from "./here.js";
export { cancelRemote, finetuneRemote, type RemoteStep } from "./remote.js";

// Reinforcement learning.
export type { Course } from "./course.js";
export { commandReward } from "./rl/command-reward.js";
export { reinforced } from "./rl/reinforce.js";
export type { RlStep } from "./rl/rollouts.js";
export { trainingOf, type RlConfig } from "./rl/rl-config.js";
export type { Reward, Rollout } from "./rl/reward.js";
export { openRollouts } from "./rl/rollout-file.js";
