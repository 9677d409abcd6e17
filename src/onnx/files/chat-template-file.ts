/** A model's chat template: a file of its own, or a text of the tokenizer's config. */
import { join } from "node:path";
import { ChatTemplate } from "../tokens/chat-template.js";
import type { Tokenizer } from "../tokens/tokenizer.js";
import { ModelFileError, shown } from "./model-file-error.js";

export const CHAT_TEMPLATE = "chat_template.jinja";
export const LARGEST_TEMPLATE = 2 ** 20;

/**
 * A file of its own wins, as in `transformers`; of several named templates the one called "default" is taken.
 * @param own the text of {@link CHAT_TEMPLATE}
 * @param folder named in errors
 */
export function chatTemplateOf(
  own: string | undefined,
  tokenizer: Tokenizer,
  folder: string,
): ChatTemplate | undefined {
  const tokens: Record<string, string> = {};
  for (const [key, value] of Object.entries(tokenizer.config)) {
    const content = (value as { content?: unknown } | null)?.content ?? value;
    if (key.endsWith("_token") && typeof content === "string") tokens[key] = content;
  }
  if (own !== undefined) return new ChatTemplate(own, tokens, join(folder, CHAT_TEMPLATE));
  const file = join(folder, "tokenizer_config.json");
  let source: unknown = tokenizer.config["chat_template"] ?? undefined;
  if (Array.isArray(source)) {
    const named = source as ({ name?: unknown; template?: unknown } | null)[];
    source = named.find((entry) => entry?.name === "default")?.template;
  }
  if (source === undefined) return undefined;
  if (typeof source === "string") return new ChatTemplate(source, tokens, file);
  const cure = "Use the file that came with the model.";
  throw new ModelFileError({ file, subject: "chat_template", expected: "a text", found: shown(source), cure });
}
