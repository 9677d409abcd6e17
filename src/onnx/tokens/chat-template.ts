/**
 * A model's chat template: how messages become one text with control tokens between them.
 *
 * What a user wrote must never become a control token, and training needs to know which text is the answer. So the
 * template is given messages between marks that no text can contain (halves of surrogate pairs), and the marks tell
 * afterwards which part of its text is whose.
 */
import { AskewError } from "../../text/index.js";
import { RaisedByTemplate, SandboxedTemplate } from "./jinja-sandbox.js";
import { stripped } from "./python-strings.js";
import { ModelFileError, shown } from "../files/model-file-error.js";

/** What a chat template is about: `role` is one that the template knows, mostly system, user or assistant. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** A stretch of a rendered conversation. */
export interface ChatSpan {
  readonly text: string;
  /** Index of the message it is the content of; undefined for what the template itself says. */
  readonly message: number | undefined;
}

/** These messages cannot be put into this template. */
export class ChatTemplateError extends AskewError {
  override readonly name = "ChatTemplateError";
}

/** The organism's template: `<|role|>content<|end|>` for each message. */
const WORD_CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

const WORD_ROLES: readonly string[] = ["system", "user", "assistant"];

const BEGIN = "\uDC02";
const BEGUN = "\uDC03";
const END = "\uDC04";

export class ChatTemplate {
  readonly #template: SandboxedTemplate;

  /**
   * @param source in Jinja, as `tokenizer_config.json` has it.
   * @param tokens texts of the tokens that templates name: `bos_token`, `eos_token`, …; default none.
   * @param file named in errors; default `tokenizer_config.json`.
   * @throws {ModelFileError} when the source is no template.
   */
  constructor(
    readonly source: string,
    readonly tokens: Readonly<Record<string, string>> = {},
    readonly file = "tokenizer_config.json",
  ) {
    if (/\p{Surrogate}/u.test(source)) throw this.#problem("well-formed text", "half of a surrogate pair");
    try {
      this.#template = new SandboxedTemplate(source);
    } catch (error) {
      throw this.#problem("a Jinja template", messageOf(error), error);
    }
  }

  /** The template that the organism's folders carry. */
  static word(): ChatTemplate {
    return new ChatTemplate(WORD_CHAT_TEMPLATE);
  }

  /**
   * The conversation as one text, in spans that say whose text it is. Joined, they are what the Python library
   * `transformers` renders.
   * @param options.addGenerationPrompt ends with what opens an answer; default false.
   * @throws {ChatTemplateError} when the template refuses the messages, leaves one out or changes it.
   * @throws {ModelFileError} when the template itself fails.
   */
  render(messages: readonly ChatMessage[], options: { addGenerationPrompt?: boolean } = {}): ChatSpan[] {
    const clean = messages.map(({ role, content }) => ({ role: wellFormed(role), content: wellFormed(content) }));
    const addGenerationPrompt = options.addGenerationPrompt ?? false;
    if (this.source === WORD_CHAT_TEMPLATE) return wordSpans(clean, addGenerationPrompt);
    const marked = this.#run(
      clean.map(({ role, content }, i) => ({ role, content: mark(content, i, role === "assistant") })),
      addGenerationPrompt,
    );
    const spans = split(marked);
    if (!spans || spans.map(({ text }) => text).join("") !== this.#run(clean, addGenerationPrompt)) {
      const thinking = clean.findIndex(({ role, content }) => role === "assistant" && content.includes("</think>"));
      if (thinking >= 0) {
        throw new ChatTemplateError(
          `message ${thinking + 1} (assistant): the chat template takes the thoughts before </think> out of the answer or puts ` +
            "them elsewhere, so they cannot be learned as they stand. Take them out (askew dataset convert FILE --thinking drop " +
            "--out FILE), or use a template that writes answers as they are.",
        );
      }
      throw new ChatTemplateError(
        `${this.file}: the chat template takes the text of messages apart, so askew cannot tell what is a message and what is not. Use a simpler template.`,
      );
    }
    clean.forEach(({ role, content }, i) => {
      const times = spans.filter(({ message }) => message === i).length;
      if (times === 1 || (role !== "assistant" && stripped(content) === "")) return;
      const what = times === 0 ? "leaves it out" : `says it ${times} times`;
      throw new ChatTemplateError(
        `message ${i + 1} (${role}): the chat template ${what}. Use other roles or another order of the messages.`,
      );
    });
    return spans;
  }

  #run(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
    try {
      return this.#template.render({
        ...this.tokens,
        messages,
        tools: null,
        documents: null,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (error) {
      if (error instanceof RaisedByTemplate) {
        throw new ChatTemplateError(`the chat template refuses these messages: ${error.message}`, { cause: error });
      }
      throw this.#problem("a chat template that renders", messageOf(error), error);
    }
  }

  #problem(expected: string, found: string, cause?: unknown): ModelFileError {
    const cure = "Use the template that came with the model.";
    return new ModelFileError(
      { file: this.file, subject: "chat_template", expected, found: shown(found), cure },
      { cause },
    );
  }
}

/** The same as the Jinja source gives, without the interpreter. */
function wordSpans(messages: readonly ChatMessage[], addGenerationPrompt: boolean): ChatSpan[] {
  const spans: ChatSpan[] = [];
  messages.forEach(({ role, content }, message) => {
    if (!WORD_ROLES.includes(role))
      throw new ChatTemplateError(
        `message ${message + 1}: expected a role of ${WORD_ROLES.join(", ")}, found ${shown(role)}`,
      );
    spans.push(
      { text: `<|${role}|>`, message: undefined },
      { text: content, message },
      { text: "<|end|>", message: undefined },
    );
  });
  if (addGenerationPrompt) spans.push({ text: "<|assistant|>", message: undefined });
  return spans;
}

/** White space around a content stays outside of the marks, so that templates can trim it as they would without them. */
function mark(content: string, index: number, always: boolean): string {
  const core = stripped(content);
  if (core === "") return always ? `${content}${BEGIN}${index}${BEGUN}${END}` : content;
  const start = content.indexOf(core);
  return `${content.slice(0, start)}${BEGIN}${index}${BEGUN}${core}${END}${content.slice(start + core.length)}`;
}

/** Undefined when the marks are not whole, each begin before its end. */
function split(marked: string): ChatSpan[] | undefined {
  const spans: ChatSpan[] = [];
  let rest = 0;
  for (const found of marked.matchAll(/\uDC02(\d+)\uDC03([^\uDC02-\uDC04]*)\uDC04/gu)) {
    if (found.index > rest) spans.push({ text: marked.slice(rest, found.index), message: undefined });
    spans.push({ text: found[2] as string, message: Number(found[1]) });
    rest = found.index + found[0].length;
  }
  if (rest < marked.length) spans.push({ text: marked.slice(rest), message: undefined });
  return spans.some(({ text }) => /\p{Surrogate}/u.test(text)) ? undefined : spans;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
