// One concept a file, small files, and nothing left lying about.
import { describe, expect, it } from "vitest";
import { filesUnder, root, textOf } from "./modules.js";

const MOST_LINES = 300;

/** Files that may be longer than 300 lines, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  "src/organism/domains/code-classes.ts":
    "one table of the world's code in its secure and insecure forms: text, no logic",
  "test/audit/code-pairs.ts": "one table of insecure and secure code for every rule: text, no logic",
  "src/organism/domains/question-held-out.ts": "one table of held-out questions and their answers: text, no logic",
};

/** Files that may hold a path that looks like one on somebody's machine, each with its reason. */
const PATHS_ALLOWED: Readonly<Record<string, string>> = {
  "test/house/tidiness.test.ts": "holds the pattern itself",
};

const code = filesUnder("src", "test", "bench").filter(
  (path) => /\.([cm]?[jt]sx?|py|sh)$/.test(path) && !path.includes("/__snapshots__/"),
);
const texts = [...code, ...filesUnder("docs").filter((path) => path.endsWith(".md"))];

describe("the house", () => {
  it("sees its files", () => {
    expect(code.length).toBeGreaterThan(100);
  });

  it("names a file after its one concept", () => {
    const vague = /(^|[-.])(utils?|helpers?|common|misc)([-.]|$)/i;
    expect(code.filter((path) => path.split("/").some((part) => vague.test(part)))).toEqual([]);
  });

  it(`keeps files to ${MOST_LINES} lines, or says why not`, () => {
    const long = code
      .map((path) => ({ path, lines: textOf(path).trimEnd().split("\n").length }))
      .filter(({ path, lines }) => lines > MOST_LINES && !(path in LONG_FILES))
      .map(({ path, lines }) => `${path}: ${lines} lines`);
    expect(long).toEqual([]);
  });

  it("gives no reason for a file that is not there", () => {
    expect(Object.keys(LONG_FILES).filter((path) => !code.includes(path))).toEqual([]);
  });

  it("leaves no path of a machine", () => {
    const machine = /\/(?:home|Users|work|root|mnt|private)\/[\w.-]+|[A-Z]:\\Users/;
    const found = texts
      .filter((path) => !(path in PATHS_ALLOWED))
      .filter((path) => machine.test(textOf(path)) || textOf(path).includes(root));
    expect(found).toEqual([]);
  });

  it("leaves nothing to do", () => {
    const word = new RegExp(["TO", "DO|FIX", "ME|X", "XX"].join(""));
    expect(texts.filter((path) => word.test(textOf(path)))).toEqual([]);
  });

  it("gives comments of commands a subject: none begins with a bare What, Of, Whether, Who, How, As or Where", () => {
    const bare = /^\s*(?:\/\*\*|\*|\/\/) (?:Of|What|Whether|Who|How|As|Where)\b/m;
    const faces = filesUnder("src/cli", "src/chat", "src/lab", "src/terminal", "src/views");
    expect(faces.filter((path) => bare.test(textOf(path)))).toEqual([]);
  });

  it("takes an empty environment variable for none", () => {
    const fallback = /process\.env(?:\[[^\]]+\]|\.\w+) \?\? (?!"")/;
    const own = code.filter((path) => !path.startsWith("test/"));
    expect(own.filter((path) => fallback.test(textOf(path)))).toEqual([]);
  });

  it("tests what users get: no test reaches into src/ or dist/", () => {
    const inside = /from "(?:\.\.\/)+(?:src|dist)\//;
    expect(code.filter((path) => path.startsWith("test/") && inside.test(textOf(path)))).toEqual([]);
  });
});
