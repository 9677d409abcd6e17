// Chat templates against Python's Jinja2: test/fixtures/templates/render.py says how the expected texts were made.
import { readFile } from "node:fs/promises";
import { ChatTemplate } from "askew/onnx";
import { afterEach, describe, expect, it, vi } from "vitest";

const fixture = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(new URL(`../../fixtures/templates/${name}.json`, import.meta.url), "utf8")) as T;

interface Family {
  readonly name: string;
  readonly source: string;
  readonly tokens: Readonly<Record<string, string>>;
}
interface Case {
  readonly family: string;
  readonly conversation: string;
  readonly addGenerationPrompt: boolean;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly rendered?: string;
  readonly refused?: string;
}

const families = await fixture<Family[]>("families");
const cases = await fixture<Case[]>("rendered");
const expressions = await fixture<{ expression: string; rendered: string }[]>("expressions");
const dates =
  await fixture<{ date: [number, number, number, number, number, number]; texts: Record<string, string> }[]>("dates");

describe.each(families)("the template of $name", ({ name, source, tokens }) => {
  const template = new ChatTemplate(source, tokens);

  it.each(cases.filter(({ family }) => family === name))(
    "renders as in Python: $conversation, $addGenerationPrompt",
    ({ messages, addGenerationPrompt, rendered, refused }) => {
      const render = (): string =>
        template
          .render(messages, { addGenerationPrompt })
          .map(({ text }) => text)
          .join("");
      if (refused === undefined) expect(render()).toBe(rendered);
      else expect(render).toThrow(refused);
    },
  );
});

it.each(expressions)("$expression is what it is in Python", ({ expression, rendered }) => {
  const [span] = new ChatTemplate(`{{ ${expression} }}|`).render([]);
  expect(span?.text).toBe(`${rendered}|`);
});

describe("strftime_now", () => {
  afterEach(() => vi.useRealTimers());

  it.each(dates)("knows every code of Python's: $date", ({ date: [year, month, ...rest], texts }) => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date(year, month - 1, ...rest) });
    for (const [format, text] of Object.entries(texts)) {
      const [span] = new ChatTemplate(`{{ strftime_now('${format}') }}|`).render([]);
      expect([format, span?.text]).toEqual([format, `${text}|`]);
    }
  });

  it("is not there for templates that ask, which have a date of their own", () => {
    const source =
      "{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% else %}26 Jul 2024{% endif %}" +
      "{{ strftime_now is not defined }}";
    expect(new ChatTemplate(source).render([])).toEqual([{ text: "26 Jul 2024True", message: undefined }]);
  });
});
