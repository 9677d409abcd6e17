/** Every token that ends an answer: of the config, of generation_config.json, and the tokenizer's own. */
import type { TransformerConfig } from "../architectures/index.js";
import type { Tokenizer } from "../tokens/tokenizer.js";
import { ModelFileError, shown } from "./model-file-error.js";

/**
 * @param generation the parsed generation_config.json, where there is one
 * @param file its name, for errors
 */
export function endIdsOf(
  generation: unknown,
  config: Pick<TransformerConfig, "eosIds" | "vocabSize">,
  tokenizer: Tokenizer,
  file: string,
): number[] {
  const given = (generation as { eos_token_id?: unknown } | null | undefined)?.eos_token_id ?? [];
  const ids = Array.isArray(given) ? (given as unknown[]) : [given];
  for (const id of ids) {
    if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < config.vocabSize) continue;
    const expected = `ids below vocab_size (${config.vocabSize})`;
    throw new ModelFileError({
      file,
      subject: "eos_token_id",
      expected,
      found: shown(given),
      cure: "Correct the file.",
    });
  }
  const all = [...config.eosIds, ...(ids as number[]), ...(tokenizer.eosId === undefined ? [] : [tokenizer.eosId])];
  return [...new Set(all)];
}
