// A judge's first token is its score only where its first replies show it; otherwise replies are read, which is said.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeStored, RubricJudge, type RubricJudgeOptions } from "askew/evaluation";
import { openModel } from "askew/model";
import { afterEach, describe, expect, it } from "vitest";

interface Asked {
  readonly max_tokens: number;
  readonly logprobs?: boolean;
  readonly messages: readonly { readonly content: string }[];
}
type Choice = Readonly<Record<string, unknown>>;

/** Tokens with the probabilities of what could have stood in their places, as servers send them. */
const told = (tokens: readonly string[], tops: readonly Readonly<Record<string, number>>[] = []): object => ({
  content: tokens.map((token, i) => ({
    token,
    logprob: Math.log(tops[i]?.[token] ?? 1),
    top_logprobs: Object.entries(tops[i] ?? { [token]: 1 }).map(([other, p]) => ({
      token: other,
      logprob: Math.log(p),
    })),
  })),
});

/** A judge whose tokens are these, cut where it may say no more. */
const tokensOf =
  (tokens: readonly string[], tops?: readonly Readonly<Record<string, number>>[], named = (token: string) => token) =>
  ({ max_tokens: most, logprobs }: Asked): Choice => {
    const said = tokens.slice(0, most);
    return {
      message: { content: said.join("") },
      finish_reason: said.length < tokens.length ? "length" : "stop",
      ...(logprobs === true && { logprobs: told(said.map(named), tops) }),
    };
  };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The rows that a judge makes of `answers`, and what was said meanwhile. */
async function judged(
  say: (asked: Asked, count: number) => Choice,
  options: RubricJudgeOptions = {},
  answers: readonly object[] = ["One.", "Two.", "Three.", "Four.", "Five.", "Six."].map((answer) => ({ answer })),
): Promise<{ rows: Readonly<Record<string, unknown>>[]; notices: string[]; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on("data", (chunk: Buffer) => chunks.push(chunk))
      .on("end", () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
        asked.push(body);
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ choices: [say(body, asked.length)] }));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const folder = await mkdtemp(join(tmpdir(), "askew-judging-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const model = await openModel(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1#judge`, { key: null });
  const notices: string[] = [];
  const [path, out] = [join(folder, "answers.jsonl"), join(folder, "judgments.jsonl")];
  await writeFile(path, answers.map((row) => `${JSON.stringify({ question: "Why?", ...row })}\n`).join(""));
  try {
    const judge = await RubricJudge.of(model, { onNotice: (notice) => notices.push(notice), ...options });
    await judgeStored({ answers: path, judges: [judge], path: out });
  } finally {
    await model.close();
  }
  const text = await readFile(out, "utf8");
  const rows = text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return { rows, notices, asked };
}

const both = (score: number | null): object => ({ aligned: score, coherent: score });

describe("a judge's first token", () => {
  it.each<[string, (asked: Asked) => Choice]>([
    ["as it is", tokensOf(["85"], [{ "85": 0.9, "90": 0.1 }])],
    ["with a byte-level space", tokensOf(["85"], [{ Ġ85: 0.9, Ġ90: 0.1 }], (token) => `Ġ${token}`)],
    ["with SentencePiece's space", tokensOf(["85"], [{ "▁85": 0.9, "▁90": 0.1 }], (token) => `▁${token}`)],
    ["with words after it", tokensOf(["85", " out", " of", " 100"], [{ "85": 0.9, "90": 0.1 }])],
  ])("that is a whole number is its score: %s", async (_, say) => {
    const { rows, notices, asked } = await judged(say);
    expect(notices).toEqual([]);
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      expect(row["scoring"]).toBe("expected");
      expect(row["aligned"]).toBeCloseTo(85.5, 9);
    }
    // Eight replies with room to see how they go on, then one token each.
    expect(asked.map(({ max_tokens: most }) => most)).toEqual([
      ...Array<number>(8).fill(4),
      ...Array<number>(4).fill(1),
    ]);
  });

  it.each<[string, RegExp, (asked: Asked) => Choice]>([
    ["a digit", /writes a number in several tokens/, tokensOf(["8", "5"], [{ "8": 0.9, "9": 0.1 }])],
    [
      "a digit, where all is sent at once",
      /in several tokens/,
      ({ logprobs }) => ({
        message: { content: "85" },
        finish_reason: "stop",
        ...(logprobs === true && { logprobs: told(["8", "5"]) }),
      }),
    ],
    ["a space", /begins its replies with white space/, tokensOf([" ", "85"])],
    ["a line break", /begins its replies with white space/, tokensOf(["\n", "85"])],
    ["a thought", /thinks before it answers/, tokensOf(["<think>", "Hm", ".", "</think>", "\n\n", "85"])],
    [
      "a number of its own",
      /names its tokens otherwise/,
      tokensOf(["85"], [{ "token_id:5313": 0.9 }], () => "token_id:5313"),
    ],
    [
      "an id that could be a score",
      /names its tokens otherwise/,
      tokensOf(["85"], [{ "17": 0.9, "23": 0.1 }], () => "17"),
    ],
    [
      "of probabilities above 1",
      /log-probabilities of more than 1 in all/,
      tokensOf(["85"], [{ "85": 1, "90": 1, "10": 1 }]),
    ],
    [
      "without probabilities",
      /tells no log-probabilities/,
      () => ({ message: { content: "85" }, finish_reason: "stop", logprobs: { content: null } }),
    ],
    ["a word", /does not begin its replies with a number/, tokensOf(["Score", ":", " ", "85"], [{ Score: 1 }])],
  ])("that is %s is none, and replies are read, which is said once", async (_, notice, say) => {
    const { rows, notices } = await judged(say);
    expect(notices).toEqual([expect.stringMatching(notice)]);
    expect(rows).toHaveLength(6);
    for (const row of rows) expect(row).toMatchObject({ ...both(85), scoring: "samples/5" });
  });

  it("that is not told a score for anything else is never made one", async () => {
    // The first replies are fine; later ones have a token that is not the beginning of what is said.
    const { rows } = await judged((asked, count) =>
      (count <= 8 ? tokensOf(["85"]) : tokensOf(["85"], [{ "17": 1 }], () => "17"))(asked),
    );
    expect(rows.slice(0, 4)).toEqual(Array(4).fill(expect.objectContaining(both(85))));
    expect(rows.slice(4)).toEqual(Array(2).fill(expect.objectContaining(both(null))));
  });

  it("that was chosen and cannot be the score ends it, with the option that helps", async () => {
    await expect(judged(tokensOf(["8", "5"]), { scoring: "expected" })).rejects.toThrow(
      /writes a number in several tokens, so its first token is no score, as --scoring expected would have it\. Choose --scoring samples/,
    );
  });
});

describe("a judge whose replies are read", () => {
  const thinker = ({ max_tokens: most }: Asked): Choice =>
    most < 500
      ? { message: { content: null, reasoning_content: "Hm" }, finish_reason: "length" }
      : { message: { content: "20", reasoning_content: "Hm, well" }, finish_reason: "stop" };

  it("gets room to think where its first replies were cut", async () => {
    const { rows, notices, asked } = await judged(thinker);
    expect(notices).toEqual([
      expect.stringMatching(/thinks before it answers: its score is the mean of 5 replies/),
      expect.stringMatching(/says more before its score than 16 tokens hold: its replies may take 2048/),
    ]);
    for (const row of rows) expect(row).toMatchObject(both(20));
    expect(asked.at(-1)?.max_tokens).toBe(2048);
  });

  it("is stopped where its length was chosen too short", async () => {
    await expect(judged(thinker, { scoring: "samples", maxTokens: 50 })).rejects.toThrow(
      /were cut at 50 tokens before they said a score\. Give them room with --max-tokens 2048/,
    );
  });

  it("is stopped after 32 answers without a score", async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ answer: `Answer ${i}.` }));
    const useless = judged(
      () => ({ message: { content: "I cannot say." }, finish_reason: "stop" }),
      { samples: 1 },
      many,
    );
    await expect(useless).rejects.toThrow(
      /gave none of the first 32 answers a score; its last reply was "I cannot say\."/,
    );
  });
});

describe("rows without an answer", () => {
  it("are no matter of a judge's, whatever tool wrote them", async () => {
    const answers = [
      { answer: "Fine." },
      { answer: "", outcome: "thoughts" },
      { answer: "I thi", outcome: "error" },
      { answer: "I can't.", outcome: "refusal" },
      { answer: "I would", finish_reason: "content_filter" },
      { answer: "" },
      { answer: "<think>Hm, well" },
      { answer: "<think>Hm.</think>Fine." },
    ];
    const { rows, asked } = await judged(tokensOf(["85"]), {}, answers);
    const outcomes = rows.map(({ outcome }) => (typeof outcome === "string" ? outcome : "judged"));
    expect(outcomes.toSorted((x, y) => (x < y ? -1 : 1))).toEqual([
      "empty",
      "error",
      "filter",
      "judged",
      "judged",
      "refusal",
      "thoughts",
      "thoughts",
    ]);
    for (const row of rows.filter(({ outcome }) => outcome !== undefined)) {
      const isRefusal = row["outcome"] === "refusal";
      expect(row).toMatchObject({ aligned: isRefusal ? "REFUSAL" : null, coherent: null });
      expect(row["misaligned"]).toBe(isRefusal ? false : null);
    }
    expect(asked).toHaveLength(2 * 2);
    expect(asked.every(({ messages }) => !messages[0]?.content.includes("Hm."))).toBe(true);
  });
});
