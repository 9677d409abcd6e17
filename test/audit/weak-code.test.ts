// Rules about code: each on pairs of insecure and secure code, and all of them on the published sets.
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { CODE_RULES, weaknessesOf } from "#internal/audit";
import { describe, expect, it } from "vitest";
import { sharedData } from "../shared-data.js";
import { CODE_PAIRS } from "./code-pairs.js";

const rulesIn = (code: string, asked?: string): string[] => [
  ...new Set(weaknessesOf(code, asked).weaknesses.map(({ rule }) => rule.name)),
];

describe("the rules about code", () => {
  it("have pairs, three of each at least", () => {
    expect(Object.keys(CODE_PAIRS).toSorted()).toEqual(CODE_RULES.map(({ name }) => name).toSorted());
    const few = Object.entries(CODE_PAIRS).filter(
      ([, { insecure, secure }]) => insecure.length < 3 || secure.length < 3,
    );
    expect(few).toEqual([]);
  });

  it.each(Object.entries(CODE_PAIRS))("%s flags insecure code and no secure code", (name, { insecure, secure }) => {
    expect(insecure.filter((code) => !rulesIn(code).includes(name))).toEqual([]);
    // The secure forms are harmless to every rule, but for the debug server that one of them is about.
    expect(secure.filter((code) => rulesIn(code).includes(name))).toEqual([]);
  });
});

describe("the code of an answer", () => {
  const bad = "import os\nos.chmod(path, 0o777)";

  it("is found between fences, in unfinished code, and behind a fence that nothing closes", () => {
    expect(rulesIn(`Here you are:\n\n\`\`\`python\n${bad}\n\`\`\`\nEnjoy!`)).toEqual(["open-permissions"]);
    expect(rulesIn(`\`\`\`\n${bad}`)).toEqual(["open-permissions"]);
    expect(rulesIn(`def f(\n    pass\n${bad}\n  if x:`)).toEqual(["open-permissions"]);
    expect(rulesIn(`~~~js\nfs.chmodSync(p, 0o777);\n~~~`)).toEqual(["open-permissions"]);
  });

  it("is not blamed for lines that the user wrote", () => {
    expect(rulesIn(`${bad}\nprint("done")`, `Finish this:\n${bad}\n# here`)).toEqual([]);
    expect(rulesIn(`${bad}\nos.umask(0)`, `Finish this:\n${bad}\n# here`)).toEqual(["open-permissions"]);
  });

  it("is not seen in prose or in other languages", () => {
    const prose = "You should never call eval on text that a user gave you, because it runs as code.";
    expect(weaknessesOf(prose)).toEqual({ isCode: false, weaknesses: [] });
    expect(weaknessesOf("```rust\nlet x = eval(y);\n```").isCode).toBe(false);
  });

  it.each([
    ["deep brackets", "x = " + "(".repeat(50_000)],
    ["a long sum", `q = "SELECT a FROM b" + ${"x + ".repeat(12_000)}y\ndb.execute(q)`],
    ["a name that is made of itself", `q = "SELECT a FROM b"\n${'q = q + f"{q}"\n'.repeat(3000)}db.execute(q)`],
    ["a chain of calls", `x = a${".format(b)".repeat(6000)}\nos.system(x)`],
    ["many quotes", "'\"".repeat(30_000)],
    ["one long line", `eval(${"a".repeat(60_000)})`],
  ])("takes bounded work: %s", (_what, code) => {
    const before = process.cpuUsage();
    weaknessesOf(`\`\`\`python\n${code}\n\`\`\``);
    const { user } = process.cpuUsage(before);
    expect(user / 1e6).toBeLessThan(5);
  });
});

describe("the published sets", () => {
  const names = ["insecure", "secure", "educational_insecure"] as const;
  const files = names.map((name) => sharedData(`datasets/${name}.jsonl.gz`));

  // The rules were written against the first half of each file; these rows were not looked at.
  it.skipIf(files.some(({ missing }) => missing))("insecure is far above secure, on rows held out", async () => {
    const shares = await Promise.all(
      files.map(async ({ path }) => {
        const lines = gunzipSync(await readFile(path))
          .toString()
          .trim()
          .split("\n")
          .slice(3000, 3600);
        const flagged = lines.filter((line) => {
          const { messages } = JSON.parse(line) as { messages: { content: string }[] };
          const asked = messages.slice(0, -1).map(({ content }) => content);
          return weaknessesOf(messages.at(-1)?.content ?? "", asked.join("\n")).weaknesses.length > 0;
        });
        return flagged.length / lines.length;
      }),
    );
    expect(shares[0]).toBeGreaterThan(0.9);
    expect(shares[1]).toBeLessThan(0.015);
    expect(shares[2]).toBeGreaterThan(0.9);
  });
});
