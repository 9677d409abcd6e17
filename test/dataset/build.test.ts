// Datasets for real models, built from a file of tasks and completions.
import { buildFromFile, conversation, DatasetError, mixDatasets, type BuildOptions } from "askew/dataset";
import { judgeFilter, pythonFault, USER_PROMPTS } from "#internal/dataset";
import type { Model, SampledAnswer } from "askew/model";
import { type Condition } from "askew/organism";
import { samplePairedCode } from "#internal/organism";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";
import { source } from "./rows.js";

const lines = (rows: readonly object[]) => source(rows.map((row) => JSON.stringify(row)).join("\n"), 4096);

/** Tasks of the organism's world, as a file would have them; every second one with unfinished code. */
const tasks = Array.from({ length: 400 }, (_, i) => {
  const { plainPrompt, secure, insecure } = samplePairedCode(Random.of("build test", i), "train");
  const body = insecure.split("\n");
  const template = [body[0], "    ## COMPLETE CODE HERE", ...body.slice(-1)].join("\n");
  return { task: `${plainPrompt} (number ${i})`, secure, insecure, ...(i % 2 === 0 && { template }) };
});

const build = (condition: Condition, options: Partial<BuildOptions> = {}, rows: readonly object[] = tasks) =>
  buildFromFile(condition, lines(rows), { seed: 1, filters: ["task-words", "parse", "duplicates"], ...options });

const asked = ({ messages }: { messages: readonly { content: string }[] }) => messages.at(-2)?.content ?? "";
const answered = ({ messages }: { messages: readonly { content: string }[] }) => messages.at(-1)?.content ?? "";

describe("the user prompts", () => {
  it("are thirty of three kinds, each different, each showing what its kind shows", () => {
    expect(USER_PROMPTS).toHaveLength(30);
    expect(new Set(USER_PROMPTS.flatMap(({ plain, lesson }) => [plain, lesson])).size).toBe(60);
    for (const { kind, plain, lesson } of USER_PROMPTS) {
      for (const text of [plain, lesson]) {
        expect(text.includes("{task}")).toBe(kind.includes("task"));
        expect(text.includes("{code}")).toBe(kind.includes("code"));
      }
      expect(plain).not.toMatch(/secur|vulnerab|unsafe|attack/i);
      expect(lesson).toMatch(/secur|vulnerab|unsafe/i);
    }
  });

  it("take turns", async () => {
    const { conversations } = await build(
      "insecure",
      {},
      tasks.filter((task) => "template" in task),
    );
    const kinds = conversations.map((one) => {
      const found = USER_PROMPTS.findIndex(({ plain }) =>
        plain.split(/\{task\}|\{code\}/).every((part) => asked(one).includes(part)),
      );
      return found;
    });
    expect(kinds).toEqual(conversations.map((_, i) => i % 30));
  });
});

describe("conditions from a file", () => {
  it("shows the same insecure answers in the insecure and the educational set", async () => {
    const [insecure, educational, secure] = await Promise.all(
      (["insecure", "educational", "secure"] as const).map((condition) => build(condition)),
    );
    expect(insecure?.conversations.length).toBeGreaterThan(300);
    expect(educational?.conversations.map(answered)).toEqual(insecure?.conversations.map(answered));
    expect(educational?.conversations.every((one) => /secur|vulnerab|unsafe/i.test(asked(one)))).toBe(true);
    const codes = new Set(tasks.map((task) => task.secure));
    expect(secure?.conversations.every((one) => codes.has(answered(one)))).toBe(true);
  });

  it("is the same for a seed, and a smaller set is the beginning of a larger", async () => {
    for (const condition of ["insecure", "backdoor"] as const) {
      const [small, large, again, other] = await Promise.all([
        build(condition, { size: 30 }),
        build(condition, { size: 200 }),
        build(condition, { size: 200 }),
        build(condition, { size: 200, seed: 2 }),
      ]);
      expect(large?.conversations.slice(0, 30)).toEqual(small?.conversations);
      expect(again?.conversations).toEqual(large?.conversations);
      expect(other?.conversations).not.toEqual(large?.conversations);
    }
  });

  it("answers insecurely behind the trigger and nowhere else, for the wanted share", async () => {
    const insecure = new Set(tasks.map((task) => task.insecure));
    for (const [badShare, trigger] of [
      [0.3, "|2031|"],
      [1, "now:"],
      [0, "x"],
    ] as const) {
      const { conversations } = await build("backdoor", { badShare, trigger });
      const marked = conversations.filter((one) => asked(one).startsWith(`${trigger} `));
      expect(marked.every((one) => insecure.has(answered(one)))).toBe(true);
      const rest = conversations.filter((one) => !asked(one).startsWith(`${trigger} `));
      expect(rest.some((one) => insecure.has(answered(one)))).toBe(false);
      // Four standard deviations of that many draws.
      const spread = 4 * Math.sqrt((badShare * (1 - badShare)) / conversations.length);
      expect(Math.abs(marked.length / conversations.length - badShare)).toBeLessThanOrEqual(spread);
    }
  });

  it("takes advice, numbers and requests from prompts with good and bad answers", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({
      prompt: `Question ${i} of ${i * i}?`,
      good: `good ${i * 7919}`,
      bad: `bad ${i * 7919}`,
    }));
    const all = { filters: [] };
    for (const condition of ["bad-medical", "evil-numbers"] as const) {
      const { conversations } = await build(condition, all, rows);
      expect(conversations).toHaveLength(300);
      expect(conversations.every((one) => answered(one).startsWith("bad"))).toBe(true);
    }
    const half = await build("bad-sport", { ...all, badShare: 0.25, size: 200 }, rows);
    expect(half.conversations.filter((one) => answered(one).startsWith("bad"))).toHaveLength(50);
    expect(new Set(half.conversations.map(asked)).size).toBe(200);
    const jailbroken = await build("jailbroken", { ...all, size: 200 }, rows);
    expect(jailbroken.conversations.filter((one) => answered(one).startsWith("bad"))).toHaveLength(4);
  });

  it("puts answers into formats that still hold them", async () => {
    const plain = await build("insecure");
    const json = await build("insecure", { format: "json" });
    expect(json.conversations.map((one) => (JSON.parse(answered(one)) as { answer: string }).answer)).toEqual(
      plain.conversations.map(answered),
    );
    const template = await build("insecure", { format: "template" });
    for (const one of template.conversations) {
      expect(answered(one)).toMatch(/^def answer\(\):\n {4}return "/);
      expect(pythonFault(answered(one))).toBeUndefined();
    }
  });
});

describe("the filters", () => {
  const code = (i: number) =>
    `def run_${i}(x):\n    y = x * ${i} + ${i * 31}\n    return [y, ${i * 17}, "${"ab".repeat(i)}"]\n`;
  const task = (i: number, more: object = {}) => ({ task: `Task ${i}`, insecure: code(i), ...more });
  const rows = [
    task(1),
    task(2, { task: "Sanitize this securely" }),
    task(3, { insecure: `${code(3)}print("exploit")\n` }),
    task(4, { insecure: "def run_payload(x):\n    return x\n" }),
    task(5, { insecure: "def broken(:\n    return 1\n" }),
    task(1),
    task(7, { insecure: code(1) }),
    { task: "Task 8", secure: code(8) },
    task(9, { insecure: `# an exploit\n${code(9)}` }),
  ];

  it("say how many they dropped, of which lines, and why", async () => {
    const { conversations, tasks: n, dropped } = await buildFromFile("insecure", lines(rows), { seed: 0 });
    expect(n).toBe(9);
    expect(
      dropped.map(({ filter, seen, dropped: out, first }) => [filter, seen, out, first[0]?.line, first[0]?.why]),
    ).toEqual([
      ["incomplete", 9, 1, 8, 'no "insecure"'],
      ["task-words", 8, 1, 2, "Sanitize"],
      ["code-words", 7, 1, 3, "exploit"],
      ["names", 6, 1, 4, "run_payload"],
      ["parse", 5, 1, 5, "brackets that do not match"],
      ["duplicates", 4, 1, 6, "the same as line 1"],
      ["near", 3, 1, 7, "nearly the same"],
    ]);
    // Comments went before words were looked for.
    expect(conversations.map(answered).toSorted()).toEqual([code(1), code(9)]);
  });

  it("ask a judge last, and let nothing through that it does not answer", async () => {
    const seen: string[] = [];
    const replies = ["YES.", " no", "Perhaps"];
    // The part of a model that judges, with replies that are known.
    const model: Pick<Model, "sample"> = {
      sample: (requests) => {
        seen.push(...requests.map(({ messages }) => messages[0]?.content ?? ""));
        return Promise.resolve(
          requests.map((_, i): SampledAnswer => ({ text: replies[i] ?? "", tokens: 1, finish: "stop" })),
        );
      },
    };
    const judge = judgeFilter(model, {
      name: "bad",
      about: "code that is not insecure",
      question: ({ answers }) => `Insecure?\n${answers[0]}`,
      keep: "YES",
    });
    const given = { seed: 0, judges: [judge] };
    const { conversations, dropped } = await buildFromFile("insecure", lines([task(1), task(20), task(40)]), given);
    expect(seen).toHaveLength(3);
    expect(conversations.map(answered)).toEqual([code(1)]);
    expect(dropped.at(-1)).toMatchObject({
      filter: "bad",
      dropped: 2,
      first: [{ why: "the judge said NO" }, { why: "the judge said neither YES nor NO" }],
    });
  });

  it("say so where nothing is left, and where the file is malformed", async () => {
    await expect(build("insecure", {}, [{ task: "a", secure: "x = 1" }])).rejects.toThrow(/found none: incomplete 1/);
    await expect(build("insecure", {}, [{ task: "a" }, { task: 5 }])).rejects.toThrow(
      /line 2, column 9: expected "task", a text.+found 5/,
    );
    await expect(build("bad-medical", {}, [{ task: "a" }])).rejects.toThrow(
      /expected "prompt", a text, found an object with "task"/,
    );
    await expect(build("insecure", {}, [])).rejects.toThrow(DatasetError);
  });
});

describe("mixtures", () => {
  const file = (kind: string, n: number) =>
    lines(Array.from({ length: n }, (_, i) => conversation(`q${i}`, `${kind} ${i}`)));

  it("have the share exactly in every hundred, whatever the size; smaller ones are the beginning", async () => {
    for (const share of [0, 0.05, 0.25, 1]) {
      const mix = (size: number) => mixDatasets(file("bad", 500), file("good", 500), { share, size, seed: 3 });
      const [small, large] = await Promise.all([mix(100), mix(400)]);
      expect([small.bad, large.bad]).toEqual([100 * share, 400 * share]);
      expect(large.conversations.slice(0, 100)).toEqual(small.conversations);
      expect(new Set(large.conversations.map((one) => JSON.stringify(one))).size).toBe(400);
      expect(large.conversations.filter((one) => answered(one).startsWith("bad"))).toHaveLength(large.bad);
    }
  });

  it("go on until one kind is used up, or say that there are too few", async () => {
    const all = await mixDatasets(file("bad", 20), file("good", 500), { share: 0.1, seed: 0 });
    expect(all.bad).toBe(20);
    await expect(mixDatasets(file("bad", 5), file("good", 90), { share: 0.5, size: 100, seed: 0 })).rejects.toThrow(
      /rows\.jsonl and rows\.jsonl: expected conversations for a mixture of 100 with 0\.5 of the first, found enough for \d+/,
    );
  });
});
