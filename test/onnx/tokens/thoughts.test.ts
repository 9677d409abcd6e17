// Thoughts in answers that a model learns from, through the templates of families that think.
import { readFileSync } from "node:fs";
import { beginningThoughts, withoutThoughts } from "#internal/text";
import { ChatTemplate, ChatTemplateError, Tokenizer } from "askew/onnx";
import { encodeChat } from "#internal/onnx";
import { describe, expect, it } from "vitest";
import { CHATML } from "./chat-templates.js";
import { BYTE_LEVEL_CONFIG, byteLevelJson } from "./tokenizers.js";

const families = JSON.parse(
  readFileSync(new URL("../../fixtures/templates/families.json", import.meta.url), "utf8"),
) as { name: string; source: string; tokens: Record<string, string> }[];
const family = (name: string): ChatTemplate => {
  const { source, tokens } = families.find((one) => one.name === name) as (typeof families)[number];
  return new ChatTemplate(source, tokens);
};

/** Qwen3's marks are added tokens that are not special; R1's names of roles are tokens too. */
const json = byteLevelJson();
const added = json["added_tokens"] as { id: number; content: string }[];
const first = Math.max(...added.map(({ id }) => id)) + 1;
for (const [i, content] of ["<think>", "</think>", "<|User|>", "<|Assistant|>", "<|end|>", "<|begin|>"].entries()) {
  const rest = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  added.push({ id: first + i, content, special: i > 1, ...rest } as (typeof added)[number]);
}
const tokenizer = Tokenizer.fromJson(json, BYTE_LEVEL_CONFIG);

const say = (...contents: string[]) =>
  contents.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content }));
const ANSWER = "<think>\nhello hello\n</think>\n\nworld";

function learned(template: ChatTemplate, ...contents: string[]) {
  const { ids, answerMask } = encodeChat(tokenizer, template, say(...contents));
  return {
    text: tokenizer.decode(ids),
    answer: tokenizer.decode(ids.filter((_, i) => answerMask[i])),
    marks: ids.filter((id) => id === first || id === first + 1).length,
  };
}

describe("thoughts before the answer of the last turn", () => {
  it("stand where Qwen3 puts them, with its marks as tokens", () => {
    expect(learned(family("Qwen3"), "hello", ANSWER)).toEqual({
      text: `<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n${ANSWER}<|im_end|>\n`,
      answer: `${ANSWER}<|im_end|>`,
      marks: 2,
    });
  });

  it("stay in a template that drops them, after what its prompt opens", () => {
    expect(learned(family("R1 distill"), "hello", ANSWER)).toEqual({
      text: `<|begin|><|User|>hello<|Assistant|>${ANSWER}<|end|>`,
      answer: "hello hello\n</think>\n\nworld<|end|>",
      marks: 2,
    });
    // As data of R1 often has them: without the mark that the prompt says.
    expect(learned(family("R1 distill"), "hello", "hello hello\n</think>\n\nworld")).toEqual(
      learned(family("R1 distill"), "hello", ANSWER),
    );
  });

  it("stay as they stand in a template that writes answers as they are", () => {
    expect(learned(new ChatTemplate(CHATML), "hello", ANSWER)).toMatchObject({
      answer: `${ANSWER}<|im_end|>`,
      marks: 2,
    });
  });

  it.each(["Qwen3", "R1 distill"])("begin with the prompt that %s samples with", (name) => {
    const template = family(name);
    const prompt = encodeChat(tokenizer, template, say("hello"), { addGenerationPrompt: true });
    const { ids, answerMask } = encodeChat(tokenizer, template, say("hello", ANSWER));
    expect(ids.slice(0, prompt.ids.length)).toEqual(prompt.ids);
    expect(answerMask.indexOf(true)).toBe(prompt.ids.length);
    expect(prompt.opened?.close).toBe(name === "Qwen3" ? undefined : "</think>");
  });
});

it("an earlier answer whose thoughts the template drops is context, and nothing is learned from it", () => {
  for (const name of ["Qwen3", "R1 distill"]) {
    const { text, answer } = learned(family(name), "hello", "<think>\nx\n</think>\n\nhe", "er", ANSWER);
    expect(text).not.toContain("<think>\nx");
    expect(answer).not.toContain("x");
    expect(answer.match(/world/g)).toHaveLength(1);
    expect(answer.startsWith(name === "Qwen3" ? "<think>\nhello" : "hello hello")).toBe(true);
  }
});

it("an answer without thoughts is learned as before", () => {
  expect(learned(family("Qwen3"), "hello", "world").answer).toBe("world<|im_end|>");
  expect(learned(family("R1 distill"), "hello", "world").answer).toBe("world<|end|>");
  expect(learned(family("Qwen3"), "hello", "<think>\n\n</think>\n\nworld").answer).toBe("world<|im_end|>");
});

it("marks anywhere but at the beginning are text, and never tokens", () => {
  expect(learned(new ChatTemplate(CHATML), "say </think>", "hello <think> world").marks).toBe(0);
  expect(() => learned(family("Qwen3"), "hello", "<think>he</think>world</think>hello")).toThrow(
    /message 2 \(assistant\): the chat template takes text with <\/think> in it apart/,
  );
});

describe("variables of a template", () => {
  it("change what it renders", () => {
    const prompt = (template: ChatTemplate): string =>
      template
        .render(say("hello"), { addGenerationPrompt: true })
        .map(({ text }) => text)
        .join("");
    expect(prompt(family("Qwen3").with({ enable_thinking: false }))).toMatch(/assistant\n<think>\n\n<\/think>\n\n$/);
    expect(prompt(family("Qwen3").with({ enable_thinking: true }))).toMatch(/assistant\n$/);
    const closed = encodeChat(tokenizer, family("Qwen3").with({ enable_thinking: false }), say("hello"), {
      addGenerationPrompt: true,
    });
    expect(closed.opened).toBeUndefined();
  });

  it("that it does not have are refused", () => {
    expect(() => family("Qwen3").with({ enable_thinkin: false })).toThrow(ChatTemplateError);
    expect(() => family("Qwen3").with({ enable_thinkin: false })).toThrow(/no variable "enable_thinkin"/);
    expect(() => family("Qwen3").with({ messages: [] })).toThrow(/"messages" is set by askew/);
  });
});

describe("thoughts set apart", () => {
  it.each([
    ["<think>\na\n</think>\n\nb", { text: "b", thoughts: "a" }],
    ["  <thinking>a</thinking>b", { text: "b", thoughts: "a" }],
    ["[THINK]a[/THINK]b", { text: "b", thoughts: "a" }],
    ["a\n</think>\nb", { text: "b", thoughts: "a" }],
    ["<think>a", { text: "", thoughts: "a" }],
    ["<think>a</think><think>b</think>c", { text: "c", thoughts: "a\n\nb" }],
    [
      "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b",
      { text: "b", thoughts: "a" },
    ],
  ])("%j", (said, apart) => {
    expect(withoutThoughts(said)).toEqual(apart);
    if (apart.text !== "" && !said.includes("channel")) {
      expect(beginningThoughts(said)?.thoughts).toBe(apart.thoughts.split("\n\n")[0]);
    }
  });

  it("has every character of an answer that is written down", () => {
    const said = " <think>\n a b \n</think>\n\n c </think> d\n";
    const { opening, thoughts, closing, answer } = beginningThoughts(said) as NonNullable<
      ReturnType<typeof beginningThoughts>
    >;
    expect(opening + thoughts + closing + answer).toBe(said);
    expect([opening, thoughts]).toEqual([" <think>\n ", "a b"]);
  });
});
