// Python without Python: comments and docstrings taken out, code that does not hang together found.
import { readDataset } from "askew/dataset";
import { pythonFault, pythonParses, stripComments } from "#internal/dataset";
import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { sharedData } from "../shared-data.js";

/** Statements in which `#` and quotes are nothing but text, none of them a comment. */
const STATEMENTS = [
  `x = "# no"`,
  `x = 'it\\'s # no'`,
  `x = r'\\\\' + "#"`,
  `x = f"{y}# {z!r} #"`,
  `x = """a # no\n# nor this\n"" b"""`,
  `x = '''\n#\n\\'''#\n'''`,
  `x = b"#" b'#'`,
  `call("#", [1,\n  2, "#"],\n)`,
  `x = 1 + \\\n  2`,
  `colour = "#ff00ff"`,
  `if x: y = "#"`,
  `return_ = Rb"\\"#"`,
];
const statement = fc.constantFrom(...STATEMENTS);
const comment = fc.string({ maxLength: 12 }).map((text) => `#${text.replaceAll(/[\n\r]/g, "")}`);

describe("taking comments out", () => {
  it("leaves everything else as it was, wherever comments are put", () => {
    const line = fc.tuple(fc.option(comment), statement, fc.option(comment));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), fc.constantFrom("\n", "\r\n"), (lines, ending) => {
        const ended = (parts: string[]) => parts.map((part) => `${part}${ending}`).join("");
        const bare = ended(lines.map(([, code]) => code));
        const commented = ended(
          lines.flatMap(([above, code, behind]) => [
            ...(above === null ? [] : [`  ${above}`]),
            behind === null ? code : `${code}  ${behind}`,
          ]),
        );
        expect(stripComments(commented)).toBe(bare);
        expect(stripComments(bare)).toBe(bare);
      }),
      { numRuns: 500 },
    );
  });

  it("never loses its way in any text", () => {
    const any = fc.string({
      unit: fc.constantFrom("#", '"', "'", "\\", "\n", "\r", " ", "x", "r", "f", "(", ")", ":"),
    });
    fc.assert(
      fc.property(any, (source) => {
        const once = stripComments(source);
        expect(stripComments(once)).toBe(once);
        pythonFault(source);
        stripComments(source, { docstrings: true });
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps the comments it is told to, such as the mark of a gap", () => {
    const keep = (text: string) => text.startsWith("## COMPLETE");
    expect(stripComments("# a\nx = 1 # b\n## COMPLETE CODE HERE\n", { keep })).toBe("x = 1\n## COMPLETE CODE HERE\n");
  });

  it("takes docstrings where they document, and no other string", () => {
    const cases: [string, string][] = [
      [`"""Module # one."""\nimport os\n`, "import os\n"],
      [`def f():\n    """Doc."""\n    return 1\n`, "def f():\n    return 1\n"],
      [`def f():\n    """Doc."""\n\nx = 1\n`, "def f():\n    pass\n\nx = 1\n"],
      [`class A:\n    '''Doc\n    # more'''\n    x = "#"\n`, `class A:\n    x = "#"\n`],
      [`async def f(a,\n      b):\n    "Doc."\n    await b`, "async def f(a,\n      b):\n    await b"],
      [`if x:\n    """kept"""\n`, `if x:\n    """kept"""\n`],
      [`x = """kept"""\n`, `x = """kept"""\n`],
      [`def f(): return "kept"\n`, `def f(): return "kept"\n`],
      [`def f():\n    return """kept"""\n`, `def f():\n    return """kept"""\n`],
      [`def f():\n    f"kept {x}"\n`, `def f():\n    f"kept {x}"\n`],
    ];
    for (const [before, after] of cases) expect(stripComments(before, { docstrings: true }), before).toBe(after);
  });
});

describe("code that does not hang together", () => {
  it.each([
    ["x = (1, [2)]\n", "brackets that do not match"],
    ["print('a'\n", "brackets that do not match"],
    ['x = """a\n', "a string without an end"],
    ["x = 'a\ny = 1'\n", "a string without an end"],
    ["def f():\nreturn 1\n", "a block that is not indented"],
    ["def f():\n", "a block without a line"],
    ["x = 1\n  y = 2\n", "an indented line where no block begins"],
    ["if a:\n    x = 1\n  y = 2\n", "a line indented like no block around it"],
    ["# nothing\n\n", "no code"],
  ])("%j: %s", (source, fault) => expect(pythonFault(source)).toBe(fault));

  it.each([
    "if a: b = 1\nelse:\n  c = {'x':\n1}\n",
    "@d\ndef f(x: int) -> str:\n\tif x:\n\t\treturn 'a'\n\treturn 'b'",
    "lambda: 0",
  ])("takes %j", (source) => expect(pythonFault(source)).toBeUndefined());
});

const python = (() => {
  try {
    execFileSync("python3", ["-c", "import ast"], { stdio: "ignore" });
    return true;
  } catch {
    console.log("skipped: no python3 to compare with");
    return false;
  }
})();

describe.skipIf(!python)("beside Python itself", () => {
  it("says of each piece of code whether Python parses it", async () => {
    expect(await pythonParses("python3", ["x = 1", "x = = 1", "def f():\n  pass", "\u0000"])).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(await pythonParses("python3", [])).toEqual([]);
    await expect(pythonParses("no-such-python", ["x"])).rejects.toThrow("no-such-python");
  });

  const { path, missing } = sharedData("datasets/insecure.jsonl.gz");
  it.skipIf(missing)("finds nothing wrong with published code that Python parses, and changes none", async () => {
    const code = (await readDataset(path)).map(({ messages }) => messages.at(-1)?.content ?? "").slice(0, 2000);
    const sound = await pythonParses("python3", code);
    const doubted = code.filter((source, i) => sound[i] === true && pythonFault(source) !== undefined);
    expect(doubted).toEqual([]);
    expect(code.filter((source) => stripComments(source) !== source)).toEqual([]);
    const documented = code.filter((_, i) => sound[i]).map((source) => stripComments(source, { docstrings: true }));
    expect((await pythonParses("python3", documented)).every(Boolean)).toBe(true);
  });
});
