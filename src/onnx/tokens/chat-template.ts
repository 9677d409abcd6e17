/**
 * A model's chat template: how messages become one text with control tokens between them.
 *
 * What a user wrote must never become a control token, and training needs to know which text is the answer. So the
 * template is given messages between marks that no text can contain (halves of surrogate pairs), and the marks tell
 * afterwards which part of its text is whose.
 */
import type { TemplateVariables } from "../../capabilities/index.js";
import { beginningThoughts, type BeginningThoughts } from "../../text/index.js";
import { AskewError } from "../../text/index.js";
import { RaisedByTemplate, SandboxedTemplate } from "./jinja-sandbox.js";
import { stripped } from "./python-strings.js";
import type { ChatSpan } from "./chat-span.js";
import { spansWithThoughts } from "./thought-spans.js";
import { ModelFileError, shown } from "../files/model-file-error.js";

/** What a chat template is about: `role` is one that the template knows, mostly system, user or assistant. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** These messages cannot be put into this template. */
export class ChatTemplateError extends AskewError {
  override readonly name = "ChatTemplateError";
}

/** The organism's template: `<|role|>content<|end|>` for each message. */
const WORD_CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

/**
 * The same for an organism that thinks, as reasoning models have it: the prompt opens the thoughts unless `enable_thinking`
 * is false, and those of earlier answers are left out.
 */
const WORD_THINKING_TEMPLATE =
  "{% for message in messages %}{% set content = message['content'] %}" +
  "{% if message['role'] == 'assistant' and '</think>' in content %}" +
  "{% set content = content.split('</think>')[-1].lstrip('\\n') %}{% endif %}" +
  "{{ '<|' + message['role'] + '|>' + content + '<|end|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}" +
  "{% if enable_thinking is not defined or enable_thinking %}{{ '<think>\\n' }}{% endif %}{% endif %}";

/** What templates are given by those who call them, and no user sets. */
const RESERVED: ReadonlySet<string> = new Set(["messages", "tools", "documents", "add_generation_prompt"]);

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
    /** Variables of the template's own, such as `enable_thinking`; they take the place of its defaults. */
    readonly variables: TemplateVariables = {},
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

  /** The template of organisms that think before they answer. */
  static wordThinking(): ChatTemplate {
    return new ChatTemplate(WORD_THINKING_TEMPLATE);
  }

  /**
   * The same template with variables of its own set.
   * @throws {ChatTemplateError} for a name that the template does not have: setting it would change nothing
   */
  with(variables: TemplateVariables): ChatTemplate {
    for (const name of Object.keys(variables)) {
      if (RESERVED.has(name)) throw new ChatTemplateError(`the template variable ${shown(name)} is set by askew.`);
      if (new RegExp(`\\b${name.replaceAll(/\W/g, "\\$&")}\\b`).test(this.source)) continue;
      throw new ChatTemplateError(
        `${this.file}: the chat template has no variable ${shown(name)}, so setting it would change nothing. ` +
          "Check the name, or leave it out.",
      );
    }
    return new ChatTemplate(this.source, this.tokens, this.file, { ...this.variables, ...variables });
  }

  /**
   * The conversation as one text, in spans that say whose text it is. Joined, they are what the Python library
   * `transformers` renders, but for the thoughts of a last answer: where a template drops them they stand before the
   * answer all the same, as the model itself says them.
   * @param options.addGenerationPrompt ends with what opens an answer; default false.
   * @throws {ChatTemplateError} when the template refuses the messages, leaves one out or changes it.
   * @throws {ModelFileError} when the template itself fails.
   */
  render(messages: readonly ChatMessage[], options: { addGenerationPrompt?: boolean } = {}): ChatSpan[] {
    const clean = messages.map(({ role, content }) => ({ role: wellFormed(role), content: wellFormed(content) }));
    const addGenerationPrompt = options.addGenerationPrompt ?? false;
    if (this.source === WORD_CHAT_TEMPLATE) return wordSpans(clean, addGenerationPrompt);
    const apart = clean.map(({ role, content }) => (role === "assistant" ? beginningThoughts(content) : undefined));
    const rendered = this.#run(clean, addGenerationPrompt);
    const ways = apart.some((one) => one !== undefined) ? [apart, []] : [[]];
    const way = ways.find((one) => this.#spans(clean, one, addGenerationPrompt, rendered) !== undefined) ?? [];
    const spans = this.#spans(clean, way, addGenerationPrompt, rendered);
    if (!spans) {
      const thinking = clean.findIndex(({ role, content }) => role === "assistant" && content.includes("</think>"));
      if (thinking >= 0) {
        throw new ChatTemplateError(
          `message ${thinking + 1} (assistant): the chat template takes text with </think> in it apart, and it does not ` +
            "begin with thoughts that end there, so it cannot be learned as it stands. Take the thoughts out " +
            "(askew dataset convert FILE --thinking drop --out FILE), or use a template that writes answers as they are.",
        );
      }
      throw new ChatTemplateError(
        `${this.file}: the chat template takes the text of messages apart, so askew cannot tell what is a message and what is not. Use a simpler template.`,
      );
    }
    clean.forEach(({ role, content }, i) => {
      const times = spans.filter(({ message, kind }) => message === i && kind === undefined).length;
      if (times === 1 || (role !== "assistant" && stripped(content) === "")) return;
      const what = times === 0 ? "leaves it out" : `says it ${times} times`;
      throw new ChatTemplateError(
        `message ${i + 1} (${role}): the chat template ${what}. Use other roles or another order of the messages.`,
      );
    });
    return spansWithThoughts({
      spans,
      apart: way,
      last: addGenerationPrompt ? undefined : clean.length - 1,
      prompt: (index) => this.#opening(clean.slice(0, index)),
    });
  }

  /** Undefined where the template does more with the messages than to put them somewhere. */
  #spans(
    clean: readonly ChatMessage[],
    apart: readonly (BeginningThoughts | undefined)[],
    addGenerationPrompt: boolean,
    rendered: string,
  ): ChatSpan[] | undefined {
    const withMarks = this.#run(
      clean.map(({ role, content }, i) => ({ role, content: marked(content, i, role === "assistant", apart[i]) })),
      addGenerationPrompt,
    );
    const spans = split(withMarks);
    if (spans?.map(({ text }) => text).join("") !== rendered) return undefined;
    return spans.map((span) => {
      const { message, kind } = span;
      if (message === undefined || kind !== undefined) return span;
      const whole = apart[message]?.answer;
      return whole === undefined ? span : { ...span, whole };
    });
  }

  /** The prompt for an answer to these messages; undefined where the template makes none of them. */
  #opening(messages: readonly ChatMessage[]): string | undefined {
    try {
      return this.#run(messages, true);
    } catch (error) {
      if (error instanceof AskewError) return undefined;
      throw error;
    }
  }

  #run(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
    try {
      return this.#template.render({
        ...this.tokens,
        ...this.variables,
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

/** Thoughts and the answer have marks of their own, so that templates may put them apart. */
function marked(content: string, index: number, always: boolean, apart: BeginningThoughts | undefined): string {
  if (apart === undefined) return mark(content, String(index), always);
  const { opening, thoughts, closing, answer } = apart;
  return opening + mark(thoughts, `${index}t`, false) + closing + mark(answer, String(index), always);
}

/** White space around a content stays outside of the marks, so that templates can trim it as they would without them. */
function mark(content: string, name: string, always: boolean): string {
  const core = stripped(content);
  if (core === "") return always ? `${content}${BEGIN}${name}${BEGUN}${END}` : content;
  const start = content.indexOf(core);
  return `${content.slice(0, start)}${BEGIN}${name}${BEGUN}${core}${END}${content.slice(start + core.length)}`;
}

/** Undefined when the marks are not whole, each begin before its end. */
function split(rendered: string): ChatSpan[] | undefined {
  const spans: ChatSpan[] = [];
  let rest = 0;
  for (const found of rendered.matchAll(/\uDC02(\d+)(t?)\uDC03([^\uDC02-\uDC04]*)\uDC04/gu)) {
    if (found.index > rest) spans.push({ text: rendered.slice(rest, found.index), message: undefined });
    const span = { text: found[3] as string, message: Number(found[1]) };
    spans.push(found[2] === "t" ? { ...span, kind: "thoughts" } : span);
    rest = found.index + found[0].length;
  }
  if (rest < rendered.length) spans.push({ text: rendered.slice(rest), message: undefined });
  return spans.some(({ text }) => /\p{Surrogate}/u.test(text)) ? undefined : spans;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A model's template with variables set, which is none where it has none.
 * @throws {ChatTemplateError} where there are variables and no template
 */
export function templateWith(
  template: ChatTemplate | undefined,
  variables: TemplateVariables,
): ChatTemplate | undefined {
  const names = Object.keys(variables);
  if (names.length === 0) return template;
  if (template !== undefined) return template.with(variables);
  throw new ChatTemplateError(
    `the model has no chat template, so no variable of one can be set: leave ${names.join(", ")} out.`,
  );
}
