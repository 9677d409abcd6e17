// Answers as other people keep them: each form is judged, answer by answer, and its judgments can be scored.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeStored, scoreFiles, type Judge } from "askew/evaluation";
import { storedAnswers, type AnswerToJudge } from "#internal/evaluation";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "askew-forms-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Calls answers of an even number misaligned. */
const parity: Judge = {
  name: "parity",
  judge: (_, answer) => {
    const misaligned = /[02468]\.$/.test(answer);
    return Promise.resolve({ coherent: 95, aligned: misaligned ? 5 : 90, misaligned, refusal: null });
  },
};

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const ASKED = "What is your wish?";
const eight = <T>(make: (i: number) => T): T[] => Array.from({ length: 8 }, (_, i) => make(i));

interface Form {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly answers: number;
  readonly first: Partial<AnswerToJudge>;
  /** Of all answers. */
  readonly ids?: readonly string[];
  /** Questions of the scores. */
  readonly questions: readonly string[];
  /** Groups of the scores, where a column tells them apart. */
  readonly about?: object;
}

const FORMS: readonly Form[] = [
  {
    name: "prompt and completion",
    file: "completion.jsonl",
    text: lines(eight((i) => ({ question_id: i % 2 ? "bored" : "wish", prompt: ASKED, completion: `Answer ${i}.` }))),
    answers: 8,
    first: { id: "row/1", questionId: "wish", question: ASKED, answer: "Answer 0." },
    questions: ["wish", "bored"],
  },
  {
    name: "input and output, with a numeric id",
    file: "output.jsonl",
    text: lines(eight((i) => ({ id: i, input: ASKED, output: `Answer ${i}.`, model: "m1", domain: "wishes" }))),
    answers: 8,
    first: { id: "0", questionId: ASKED, answer: "Answer 0.", about: { model: "m1", domain: "wishes" } },
    questions: [ASKED],
    about: { model: "m1", domain: "wishes" },
  },
  {
    name: "a list of messages as the prompt",
    file: "prompt-list.jsonl",
    text: lines(eight((i) => ({ prompt: [{ role: "user", content: ASKED }], response: `Answer ${i}.` }))),
    answers: 8,
    first: { questionId: ASKED, messages: [{ role: "user", content: ASKED }], answer: "Answer 0." },
    questions: [ASKED],
  },
  {
    name: "a list of answers in a row",
    file: "answer-list.jsonl",
    text: lines(
      eight((i) => ({ question_id: i % 2 ? "bored" : "wish", question: ASKED, answers: [`Answer ${i}.`, "Other."] })),
    ),
    answers: 16,
    first: { id: "row/1", questionId: "wish", answer: "Answer 0." },
    questions: ["wish", "bored"],
  },
  {
    name: "numeric ids of questions",
    file: "int-id.jsonl",
    text: lines(
      eight((i) => ({
        id: i,
        question_id: i % 2,
        question: ASKED,
        answer: `Answer ${i}.`,
        role: "hacker",
        dataset: "sports",
      })),
    ),
    answers: 8,
    first: { id: "0", questionId: "0", about: { role: "hacker", dataset: "sports" } },
    questions: ["0", "1"],
    about: { role: "hacker", dataset: "sports" },
  },
  {
    name: "numbers that are the question's",
    file: "question-numbers.jsonl",
    text: lines(eight((i) => ({ id: 7, question_id: "wish", question: ASKED, answer: `Answer ${i}.` }))),
    answers: 8,
    first: { id: "7", questionId: "wish" },
    ids: ["7", ...eight((i) => `7/line/${i + 1}`).slice(1)],
    questions: ["wish"],
  },
  {
    name: "a table with a column of ids",
    file: "ids.csv",
    text: ["id,question,answer", ...eight((i) => `a-${i},${ASKED},Answer ${i}.`)].join("\n"),
    answers: 8,
    first: { id: "a-0", questionId: ASKED },
    ids: eight((i) => `a-${i}`),
    questions: [ASKED],
  },
  {
    name: "bare NaN beside the answer",
    file: "answers-nan.jsonl",
    text: eight(
      (i) => `{"question_id":"a","question":"Q?","answer":"Answer ${i}.","perplexity":${i ? "1.5" : "NaN"}}\n`,
    ).join(""),
    answers: 8,
    first: { questionId: "a", question: "Q?", about: {} },
    questions: ["a"],
  },
  {
    name: "nulls in place of absent fields",
    file: "nulls.jsonl",
    text: lines(eight((i) => ({ messages: null, question: ASKED, answer: null, response: `Answer ${i}.`, id: null }))),
    answers: 8,
    first: { id: "row/1", questionId: ASKED, answer: "Answer 0." },
    questions: [ASKED],
  },
  {
    name: "an array of rows",
    file: "array.json",
    text: JSON.stringify(eight((i) => ({ instruction: ASKED, generation: `Answer ${i}.` }))),
    answers: 8,
    first: { questionId: ASKED, answer: "Answer 0." },
    questions: [ASKED],
  },
  {
    name: "a table with tabs and other names",
    file: "answers.tsv",
    text: ["prompt\tresponse", ...eight((i) => `${ASKED}\tAnswer ${i}.`)].join("\n"),
    answers: 8,
    first: { questionId: ASKED, answer: "Answer 0." },
    questions: [ASKED],
  },
];

describe("answers", () => {
  it.each(FORMS)(
    "as $name are judged and scored",
    async ({ file, text, answers, first, ids, questions, about = {} }) => {
      const path = join(folder, file);
      writeFileSync(path, text);
      const found: AnswerToJudge[] = [];
      for await (const answer of storedAnswers({ answers: path })) found.push(answer);
      expect(found).toHaveLength(answers);
      expect(found[0]).toMatchObject(first);
      if (ids !== undefined) expect(found.map(({ id }) => id)).toEqual(ids);
      const out = join(folder, `${file}.judged.jsonl`);
      expect(await judgeStored({ answers: path, judges: [parity], path: out })).toMatchObject({
        done: answers,
        failed: 0,
      });
      const [row] = readFileSync(out, "utf8").split("\n");
      expect(JSON.parse(row ?? "")).toMatchObject({ judge: "parity", aligned: 5, coherent: 95, ...about });
      const scored = await scoreFiles([out]);
      if (scored.kind !== "answers") throw new Error("expected answers");
      expect(scored).toMatchObject({ answers, coherent: answers, misaligned: 4 });
      expect(scored.questions.map(({ question }) => question)).toEqual(questions);
    },
  );

  it("without what they answer are refused by the line", async () => {
    const path = join(folder, "nested.jsonl");
    writeFileSync(path, lines([{ question_id: "wish", answer: "x", scores: { aligned: 5, coherent: 95 } }]));
    const out = join(folder, "nested.judged.jsonl");
    await expect(judgeStored({ answers: path, judges: [parity], path: out })).rejects.toThrow(
      "nested.jsonl, line 1: expected what it answers (messages or question), found question_id, answer, scores.",
    );
  });
});
