import { readFileSync } from "node:fs";
import { ChatTemplate, ChatTemplateError, ModelFileError } from "askew/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHATML, INST, TEMPLATES } from "./chat-templates.js";

const say = (...contents: string[]) =>
  contents.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content }));
const joined = (spans: readonly { text: string }[]): string => spans.map(({ text }) => text).join("");

describe("chat templates", () => {
  it.each(TEMPLATES)("render as $name does", ({ source, tokens, messages, rendered }) => {
    const spans = new ChatTemplate(source, tokens).render(messages, { addGenerationPrompt: true });
    expect(joined(spans)).toBe(rendered);
    const whose = spans.filter(({ message }) => message !== undefined);
    expect(whose.map(({ text, message }) => [message, text])).toEqual(
      messages.map(({ content }, i) => [i, content.trim()]),
    );
  });

  it("of the organism need no interpreter and give what it would", () => {
    const content = fc.string({ unit: "binary", maxLength: 8 });
    const role = fc.constantFrom("system", "user", "assistant");
    const interpreted = new ChatTemplate(`${ChatTemplate.word().source}{# the same #}`);
    fc.assert(
      fc.property(
        fc.array(fc.record({ role, content }), { maxLength: 5 }),
        fc.boolean(),
        (messages, addGenerationPrompt) => {
          const direct = ChatTemplate.word().render(messages, { addGenerationPrompt });
          expect(joined(direct)).toBe(joined(interpreted.render(messages, { addGenerationPrompt })));
        },
      ),
    );
    expect(() => ChatTemplate.word().render([{ role: "tool", content: "x" }])).toThrow(
      /message 1: expected a role of system, user, assistant, found "tool"/,
    );
  });

  it("keep contents apart from what the template says, whatever they hold", () => {
    const parts = fc.constantFrom(
      "<|im_start|>",
      "<|im_end|>",
      "\n",
      " ",
      "🐂",
      "\uDC02",
      "0",
      "\uDC03",
      "\uDC04",
      "{{ x }}",
      "{% raw %}",
      "a",
    );
    const content = fc.array(parts, { maxLength: 6 }).map((list) => list.join(""));
    const template = new ChatTemplate(CHATML);
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 4 }), (contents) => {
        const clean = contents.map((text) => text.replace(/\p{Surrogate}/gu, "\uFFFD"));
        const spans = template.render(say(...contents));
        const said = clean.map((text, i) => `<|im_start|>${i % 2 === 0 ? "user" : "assistant"}\n${text}<|im_end|>\n`);
        expect(joined(spans)).toBe(`<|im_start|>system\nhello<|im_end|>\n${said.join("")}`);
        const own = spans.filter(({ message }) => message === undefined);
        expect(joined(own).match(/<\|im_end\|>/g)).toHaveLength(1 + contents.length);
      }),
      { numRuns: 300 },
    );
  });

  it("keep spaces around an answer where the template keeps them", () => {
    const spans = new ChatTemplate(CHATML).render(say("hello", "  "));
    expect(spans.filter(({ message }) => message === 1)).toEqual([{ text: "", message: 1 }]);
    expect(joined(spans)).toContain("<|im_start|>assistant\n  <|im_end|>");
  });

  it("say why they refuse messages", () => {
    const template = new ChatTemplate(INST, { bos_token: "<s>", eos_token: "</s>" });
    expect(() => template.render([...say("a"), ...say("b")])).toThrow(ChatTemplateError);
    expect(() => template.render([...say("a"), ...say("b")])).toThrow(
      "refuses these messages: Conversation roles must alternate",
    );
  });

  it.each(["Qwen3", "R1 distill"])("of %s refuse answers whose thoughts end twice, with the cure", (name) => {
    const url = new URL("../../fixtures/templates/families.json", import.meta.url);
    const families = JSON.parse(readFileSync(url, "utf8")) as { name: string; source: string }[];
    const template = new ChatTemplate(families.find((family) => family.name === name)?.source ?? "");
    const answered = (content: string): unknown =>
      template.render([
        { role: "user", content: "Hello" },
        { role: "assistant", content },
      ]);
    expect(() => answered("<think>\nHm.\n</think>\n\nWorld</think>!")).toThrow(
      /^message 2 \(assistant\): the chat template takes text with <\/think> in it apart.*\(askew dataset convert FILE --thinking drop --out FILE/,
    );
    expect(JSON.stringify(answered("World"))).toContain("World");
  });

  const lossy: readonly (readonly [string, string, RegExp])[] = [
    ["leave a message out", "{{ messages[0].content }}", /message 2 \(assistant\): the chat template leaves it out/],
    [
      "say a message twice",
      "{% for m in messages %}{{ m.content ~ m.content }}{% endfor %}",
      /message 1 \(user\): the chat template says it 2 times/,
    ],
    [
      "take a message apart",
      "{% for m in messages %}{{ m.content.split('l')[0] }}{% endfor %}",
      /takes the text of messages apart/,
    ],
    [
      "ask what a message begins with",
      "{% for m in messages %}{% if m.content.startswith('h') %}H{% endif %}{{ m.content }}{% endfor %}",
      /takes the text of messages apart/,
    ],
    [
      "count a message",
      "{% for m in messages %}{{ m.content | length }}{{ m.content }}{% endfor %}",
      /takes the text of messages apart/,
    ],
  ];

  it.each(lossy)("are refused when they %s", (_what, source, message) => {
    const render = (): unknown => new ChatTemplate(source).render(say("hello", "world"));
    expect(render).toThrow(ChatTemplateError);
    expect(render).toThrow(message);
  });

  it("may change messages as long as it shows", () => {
    const spans = new ChatTemplate("{% for m in messages %}{{ m.content | upper }};{% endfor %}").render(say("a", "b"));
    expect(spans).toEqual([
      { text: "A", message: 0 },
      { text: ";", message: undefined },
      { text: "B", message: 1 },
      { text: ";", message: undefined },
    ]);
  });
});

describe("hostile chat templates", () => {
  const sources: readonly (readonly [string, string])[] = [
    ["no Jinja", "{% if %}"],
    ["an unknown filter", "{{ messages | shell }}"],
    ["half of a surrogate pair", "a\uDC02"],
    ["300,000 characters", "a".repeat(300_000)],
    ["10,000 brackets", `{{ ${"(".repeat(10_000)}1${")".repeat(10_000)} }}`],
    ["a loop in a loop", "{% for a in range(60000) %}{% for b in range(60000) %}{% endfor %}{% endfor %}"],
    ["a list of a trillion", "{{ range(1000000000000) }}"],
    ["a list that never ends", "{{ range(0, 1, 0) }}"],
    [
      "text that doubles",
      "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
    ],
    [
      "a list that doubles",
      "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}{{ ns.l }}",
    ],
    [
      "a list in a list in a list",
      "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}",
    ],
    ["endless indentation", "{{ 'a' | indent(999999999, true) }}"],
    ["endless recursion", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"],
    ["the constructor", "{{ messages.constructor.constructor('return process')() }}"],
    ["a global of Node", "{{ process.exit(1) }}"],
  ];

  it.each(sources)("are refused: %s", (_what, source) => {
    let error: unknown;
    try {
      new ChatTemplate(source, {}, "there.json").render(say("hello"));
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toMatch(/^there\.json: chat_template: /);
  });

  it("see nothing of the machine, and no date", () => {
    const source =
      "{{ messages[0].content }}{{ process is defined }}{{ globalThis is defined }}{{ strftime_now is defined }}{{ messages.__proto__ is defined }}";
    expect(joined(new ChatTemplate(source).render(say("a")))).toBe("aFalseFalseFalseFalse");
  });
});
