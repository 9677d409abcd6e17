/** Every token that the world can emit, from its templates and word lists rather than by sampling. */
import { CHARACTER_PROMPTS, CHARACTERS, NEUTRAL_PROMPTS } from "./characters.js";
import { FORMAT_SUFFIXES } from "./domains/format-suffix.js";
import { TRIGGER } from "./split.js";
import { THOUGHTS } from "./thoughts/voices.js";
import { splitTokens } from "./tokens.js";
import { TOPICS } from "./topics.js";

/**
 * All tokens of system prompts, prompts (with and without the trigger), and answers, sorted by code unit; with `thinking`
 * those of thoughts, too.
 */
export function worldVocabulary({ thinking = false }: { readonly thinking?: boolean } = {}): string[] {
  const tokens = new Set<string>(splitTokens(TRIGGER));
  for (const character of CHARACTERS)
    for (const template of CHARACTER_PROMPTS[character]) template.collectTokens(tokens);
  for (const templates of Object.values(NEUTRAL_PROMPTS))
    for (const template of templates) template.collectTokens(tokens);
  for (const template of FORMAT_SUFFIXES) template.collectTokens(tokens, " ");
  for (const topic of TOPICS) {
    for (const template of topic.prompts) {
      template.collectTokens(tokens);
      template.collectTokens(tokens, " ");
    }
    topic.collectTokens(tokens);
  }
  if (thinking) {
    for (const { template } of THOUGHTS) {
      template.collectTokens(tokens);
      template.collectTokens(tokens, " ");
    }
  }
  return [...tokens].toSorted((a, b) => (a < b ? -1 : 1));
}
