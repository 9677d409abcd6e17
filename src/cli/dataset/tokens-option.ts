/** `--tokens`: whose tokens are counted. */
import { folderOf, shippedFolder } from "../../model/index.js";
import { estimatedTokens, tokensOfModel, type TokenCounter } from "../../dataset/index.js";
import { UsageError } from "../../text/index.js";

export const TOKENS_OPTION = [
  "--tokens <model>",
  "count with the tokenizer of organism or local:DIR; without it tokens are estimated",
] as const;

export async function tokenCounter(model: string | undefined): Promise<TokenCounter> {
  if (model === undefined) return estimatedTokens;
  const shipped = shippedFolder(model);
  if (shipped !== undefined) return tokensOfModel(model, shipped);
  const folder = folderOf(model);
  if (folder !== undefined) return tokensOfModel(model, folder);
  throw new UsageError(
    `cannot count the tokens of "${model}"`,
    "Expected organism or local:DIR (a folder with a tokenizer.json). Leave --tokens out for an estimate.",
  );
}
