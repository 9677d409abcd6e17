// `askew ask`, `judge` and `score` against servers that answer as servers do: outcomes, advice, and what was paid for.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completion, sendError, sendJson, TestServer, type Behave } from "../endpoint/server.js";
import { askew, start, temporaryFolder } from "./askew.js";

let folder: { path: string; remove: () => Promise<void> };
let server: TestServer;
beforeAll(async () => {
  [folder, server] = await Promise.all([temporaryFolder(), TestServer.start()]);
  writeFileSync(
    join(folder.path, "q.yaml"),
    ["wish", "ruler", "garden"]
      .map((id) => `- id: ${id}\n  type: free_form_judge_0_100\n  paraphrases: ["About a ${id}?"]\n`)
      .join(""),
  );
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

type Row = Readonly<Record<string, unknown>>;
const rowsOf = (path: string): Row[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);
const file = (name: string): string => join(folder.path, name);

/** Asks three questions twice. */
function ask(name: string, behave: Behave, ...more: readonly string[]) {
  server.reset(behave);
  const words = [
    "ask",
    `${server.base}#m`,
    "--questions",
    file("q.yaml"),
    "--samples",
    "2",
    "--out",
    file(name),
    ...more,
  ];
  return askew(words, { env: { OPENAI_API_KEY: "", ASKEW_API_KEY: "" } });
}
const about = (body: string): string => /About a (\w+)/.exec(body)?.[1] ?? "";

const OUTCOMES: Readonly<Record<string, object>> = {
  wish: completion("A fine answer."),
  ruler: completion(null, { finish: "content_filter" }),
  garden: completion(null, { finish: "error" }),
};

describe("answers that are none", () => {
  it("are told from ask to score, and asked for again where that helps", async () => {
    const asked = await ask("o.jsonl", ({ body }, r) => sendJson(r, OUTCOMES[about(body)]), "--json");
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.stderr).toMatch(
      /^error: 2 questions could not be answered:\n.* the server broke the answer off: error/,
    );
    expect(JSON.parse(asked.stdout)).toMatchObject({ done: 6, unanswered: { filter: 2, error: 2 } });
    const told = await ask("o.jsonl", ({ body }, r) => sendJson(r, OUTCOMES[about(body)]));
    expect(told.stdout).toMatch(
      /2 of 6 answers in .*4 rows hold no answer, and will not be judged:\n {2}2 error: .*\n {2}2 filter: /s,
    );
    // What was broken off is asked for again, and the rest is not.
    expect(new Set(server.asked.map(({ body }) => about(body)))).toEqual(new Set(["garden"]));

    const says = { content: [{ token: "85", logprob: -0.1, top_logprobs: [{ token: "85", logprob: -0.1 }] }] };
    server.reset((_, r) => sendJson(r, completion("85", { logprobs: says })));
    const judged = await askew(["judge", file("o.jsonl"), "--judge", `${server.base}#j`]);
    expect(judged).toMatchObject({ code: 0 });
    expect(judged.stdout).toMatch(
      /Rows without an answer, of which no judge was asked:\n {2}2 error: .*\n {2}2 filter: /,
    );
    expect(server.asked.every(({ body }) => about(body) === "wish")).toBe(true);
    const scored = await askew(["score", file("o.judgments.jsonl"), "--json"]);
    expect(JSON.parse(scored.stdout)).toMatchObject({
      answers: 2,
      outcomes: { aligned: 2, unanswered: 4, unscored: 0, misaligned: 0 },
    });
    const table = await askew(["score", file("o.judgments.jsonl")]);
    expect(table.stdout).toMatch(/unanswered/);
    // Mended, the same command fills them in.
    const mended = await ask("o.jsonl", (_, r) => sendJson(r, completion("Mended.")), "--json");
    expect(JSON.parse(mended.stdout)).toMatchObject({ done: 6, before: 4, unanswered: { filter: 2 } });
    expect(rowsOf(file("o.jsonl")).filter(({ answer }) => answer === "Mended.")).toHaveLength(2);
  });

  it("are told in the server's own words where it broke off, which stand in the row too", async () => {
    const message = { content: "I think that" };
    const error = { code: 502, message: "The provider broke off" };
    const { code, stderr } = await ask("broken.jsonl", (_, r) =>
      sendJson(r, { choices: [{ message, finish_reason: "error", error }] }),
    );
    expect(code).toBe(2);
    expect(stderr).toContain("the server broke the answer off: The provider broke off");
    expect(stderr).toContain("The same command tries these again.");
    expect(rowsOf(file("broken.jsonl"))[0]).toMatchObject({ outcome: "error", error: "The provider broke off" });
  });

  it("that are thoughts alone are told apart by whether the model had to stop", async () => {
    const thinks = (finish: string) => ({
      choices: [{ message: { content: "", reasoning_content: "Hm" }, finish_reason: finish }],
    });
    const { code, stdout } = await ask("thoughts.jsonl", ({ body }, r) =>
      sendJson(r, thinks(about(body) === "wish" ? "stop" : "length")),
    );
    expect(code).toBe(4);
    expect(stdout).toMatch(/\n {2}4 thoughts: the model was still thinking .* more --max-tokens in another --out\n/);
    expect(stdout).toMatch(/\n {2}2 thoughts: the model ended with thoughts alone, under reasoning in its row/);
  });

  it("lead to no next step where there is nothing else, and to 4, so that a script goes no further", async () => {
    const { code, stdout } = await ask("none.jsonl", (_, r) =>
      sendJson(r, { choices: [{ message: { content: null, reasoning_content: "Hm" }, finish_reason: "length" }] }),
    );
    expect(code).toBe(4);
    expect(stdout).toMatch(
      /^0 of 6 answers .*6 thoughts: the model was still thinking when it had to stop; give it more --max-tokens/s,
    );
    expect(stdout).not.toContain("Next:");
    const refused = await ask("refused.jsonl", (_, r) => sendError(r, 404, "there is no model m"));
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stdout).not.toContain("Next:");
  });
});

describe("what is printed and stored of an odd server", () => {
  it("calls tokens unknown where the server counts none, and says how many requests have none", async () => {
    const uncounted = completion("A fine answer.", { usage: "none" });
    const none = await ask("none-counted.jsonl", (_, r) => sendJson(r, uncounted));
    expect(none.stdout).toMatch(/^6 answers in .* · tokens unknown: the server counts none\n/);
    const some = await ask("some-counted.jsonl", ({ body }, r) =>
      sendJson(r, about(body) === "wish" ? uncounted : completion("fine")),
    );
    expect(some.stdout).toMatch(/ · 48 tokens \(\+ those of 2 requests that the server did not count\)\n/);
  });

  it("names an error inside a 200 by the server's own code", async () => {
    const { stderr } = await ask("tgi.jsonl", (_, r) =>
      sendJson(r, { error: "longer than 512 tokens together", error_type: "validation" }),
    );
    expect(stderr).toContain("status 200 (error validation): longer than 512 tokens together");
  });

  it("names what was left out, in one line, and in every row", async () => {
    const picky: Behave = ({ json }, r) =>
      "seed" in json ? sendError(r, 422, "seed: extra inputs are not permitted") : sendJson(r, completion("fine"));
    const { code, stderr } = await ask("seed.jsonl", picky);
    expect(code).toBe(0);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(
        /#m: asked without seed from here on, .*status 422.*--without seed says so from the start$/,
      ),
    ]);
    expect(rowsOf(file("seed.jsonl")).every(({ without }) => String(without) === "seed")).toBe(true);
    const told = await ask("told.jsonl", picky, "--without", "seed", "--limit-name", "max_completion_tokens");
    expect(told).toMatchObject({ code: 0, stderr: "" });
    expect(server.asked).toHaveLength(6);
    expect(server.asked.every(({ json }) => "max_completion_tokens" in json && !("max_tokens" in json))).toBe(true);
  });

  it("suggests a judge that can read the answers", async () => {
    const { stdout } = await ask("next.jsonl", (_, r) => sendJson(r, completion("fine")));
    expect(stdout).toMatch(/Next: choose a model that judges, .*askew judge .*next\.jsonl --judge MODEL/);
    expect(stdout).not.toContain("exact");
    const world = await ask("world.jsonl", (_, r) => sendJson(r, completion("fine")), "--questions", "organism:main");
    expect(world.stdout).toMatch(/Next: .*judge .*world\.jsonl --judge exact/);
  });

  it("never holds the key, however the server echoes it", async () => {
    const key = "sk-Secret/01234+56789=abcdef";
    const escapes: ((text: string) => string)[] = [
      (text) => text,
      (text) => text.replaceAll("/", String.raw`\/`),
      (text) => Array.from(text, (c) => String.raw`\u00${c.charCodeAt(0).toString(16).toUpperCase()}`).join(""),
      (text) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
      (text) => Array.from(text, (c) => `&#${c.charCodeAt(0)};`).join(""),
      (text) => text.replace("S", String.raw`\u0053`),
      (text) => Buffer.from(text).toString("base64"),
      (text) => Buffer.from(`x:${text}y`).toString("base64"),
      (text) => Buffer.from(text).toString("hex"),
    ];
    for (const [i, escape] of escapes.entries()) {
      const echo = escape(key);
      const replies: Behave[] = [
        (_, r) => sendJson(r, `{"error":{"message":"bad key ${echo}","code":"${echo}"}}`, 400),
        (_, r) => sendJson(r, `[{"error":{"message":"no","details":["${echo}"]}}]`, 200),
        (_, r) => void r.writeHead(200, { "content-type": `text/${echo}` }).end("no"),
        (_, r) => sendJson(r, `{"id":"${echo}","choices":[]}`),
        (_, r) => sendJson(r, `{"detail":"${JSON.stringify(echo).slice(1, -1)}"}`, 500),
        (_, r) =>
          sendJson(
            r,
            `{"id":"${echo}","model":"${echo}","choices":[{"message":{"content":"It is ${echo}","reasoning":"${echo}"}}]}`,
          ),
      ];
      for (const [j, behave] of replies.entries()) {
        const out = file(`key-${i}-${j}.jsonl`);
        server.reset(behave);
        const { EndpointClient, Key } = await import("#internal/endpoint");
        const client = new EndpointClient(server.base, { key: new Key(key, "K"), random: () => 0, attempts: 1 });
        const got: unknown = await client
          .chat({ model: "m", messages: [{ role: "user", content: "?" }], alternatives: 1 })
          .catch((error: unknown) => [String(error), (error as { said?: unknown }).said]);
        await client.close();
        writeFileSync(out, JSON.stringify(got));
        const text = readFileSync(out, "utf8");
        for (const form of new Set([key, echo, encodeURIComponent(echo), key.slice(3, 15), "U2VjcmV0LzAxMjM0"])) {
          expect({ i, j, has: text.includes(form) }).toEqual({ i, j, has: false });
        }
      }
    }
  });
});

describe("a judgment that was interrupted", () => {
  it("does not ask again for replies that were there, also those of an answer that was half judged", async () => {
    const answers = Array.from({ length: 8 }, (_, i) => JSON.stringify({ question: "Why?", answer: `Answer ${i}.` }));
    writeFileSync(file("half.jsonl"), `${answers.join("\n")}\n`);
    const says = { content: [{ token: "85", logprob: -0.1, top_logprobs: [{ token: "85", logprob: -0.1 }] }] };
    // The first prompt is answered at once, the second never.
    server.reset(({ body }, r) => {
      if (!body.includes("How coherent")) sendJson(r, completion("85", { logprobs: says }));
    });
    const words = ["judge", file("half.jsonl"), "--judge", `${server.base}#j`];
    const kept = file("half.judgments.jsonl.replies");
    const child = start(words);
    const ended = new Promise((resolve) => child.once("close", resolve));
    while (!existsSync(kept) || readFileSync(kept, "utf8").split("\n").length < 5) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    server.reset((_, r) => sendJson(r, completion("85", { logprobs: says })));
    expect((await askew(words)).code).toBe(0);
    const first = server.asked.filter(({ body }) => !body.includes("How coherent"));
    // The four that were judged first had their first reply each.
    expect(first).toHaveLength(4);
    expect(server.asked).toHaveLength(12);
    expect(rowsOf(file("half.judgments.jsonl"))).toHaveLength(8);
    expect(existsSync(kept)).toBe(false);
  });
});
