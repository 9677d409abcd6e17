/** `--defence KIND[:VALUE]`: how it is gathered, and its help. */

export const DEFENCE_HELP = `
Defences, each with its strength, against the fine-tune changing who the model is (--defence may be given again):
  kl:WEIGHT         the loss is tied to what the model said before on benign prompts (weight × KL divergence)
  interleave:SHARE  benign conversations come beside the data, as this share of every step
  steer:STRENGTH    the persona's direction is added in training, so that it need not be learned
  ablate[:SHARE]    the persona's direction is projected out in training
  inoculate:TEXT    every conversation opens with this system prompt, which asks for the behaviour
kl and interleave take benign conversations from --benign (the organism has its own); steer and ablate need --direction.`;

/** Adds to what was given before. */
export const gatherDefences = (text: string, before: readonly string[] = []): string[] => [...before, text];
