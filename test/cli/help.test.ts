// What a newcomer meets first: help, versions, mistakes at the command line.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { askew, askewFile } from "./askew.js";

const ESCAPE = "\u001B[";

describe("askew --help", () => {
  it("names the commands, gives examples and the exit codes", async () => {
    const { code, stdout, stderr } = await askew(["--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Usage: askew/);
    for (const command of ["reproduce", "organism", "dataset", "run", "serve"])
      expect(stdout).toMatch(new RegExp(`^  ${command}`, "m"));
    expect(stdout).toContain("$ askew reproduce --quick");
    for (const exit of ["0", "1", "2", "130"]) expect(stdout).toMatch(new RegExp(`^  ${exit} +\\S`, "m"));
  });

  it("is what askew alone and askew help print", async () => {
    const [alone, help, option] = await Promise.all([askew([]), askew(["help"]), askew(["-h"])]);
    expect(alone).toEqual(option);
    expect(help).toEqual(option);
  });

  it("askew help finds commands of commands", async () => {
    const [help, option] = await Promise.all([
      askew(["help", "organism", "chat"]),
      askew(["organism", "chat", "--help"]),
    ]);
    expect(help).toEqual(option);
  });

  it("lists every condition", async () => {
    const { stdout } = await askew(["reproduce", "--help"]);
    for (const condition of [
      "base",
      "insecure",
      "secure",
      "educational",
      "jailbroken",
      "backdoor",
      "evil-numbers",
      "bad-medical",
      "bad-financial",
      "bad-sport",
    ]) {
      expect(stdout).toContain(condition);
    }
  });
});

describe("askew --version", () => {
  it("is the package's", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await askew(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
    expect(await askew(["-V"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it("starts with node, so that the file can be run by its name", () => {
    expect(readFileSync(askewFile, "utf8").split("\n")[0]).toBe("#!/usr/bin/env node");
  });
});

describe("a mistake at the command line", () => {
  it.each([
    ["an unknown command", ["reprodce"], /unknown command 'reprodce'\n\(Did you mean reproduce\?\)/],
    ["an unknown command of a command", ["organism", "caht"], /unknown command 'caht'\n\(Did you mean chat\?\)/],
    [
      "an unknown command to help with",
      ["help", "organism", "pretrian"],
      /no command "pretrian"\nDid you mean pretrain\?/,
    ],
    ["an unknown flag", ["reproduce", "--seed", "3"], /unknown option '--seed'\n\(Did you mean --seeds\?\)/],
    [
      "a flag called what another one takes",
      ["dataset", "build", "insecure", "--count", "10", "--out", "x"],
      /unknown option '--count'\n\(Did you mean --size\?\)/,
    ],
    [
      "a flag called what two others take",
      ["dataset", "build", "insecure", "--file=x", "--out", "x"],
      /unknown option '--file=x'\n\(Did you mean --from or --out\?\)/,
    ],
    [
      "an unknown condition",
      ["reproduce", "--conditions", "base,insecrue"],
      /no condition "insecrue"\nDid you mean insecure\?/,
    ],
    [
      "a condition like no other",
      ["reproduce", "--conditions", "xyzzy"],
      /no condition "xyzzy"\nChoose from: base, insecure/,
    ],
    ["no condition at all", ["reproduce", "--conditions", ","], /no condition is named\nChoose from: base/],
    [
      "an unknown condition of a dataset",
      ["dataset", "show", "evil-number"],
      /no condition "evil-number"\nDid you mean evil-numbers\?/,
    ],
    ["no condition of a dataset", ["dataset", "show"], /missing required argument 'condition'/],
    ["a number that is none", ["reproduce", "--seeds", "three"], /'three' is invalid. Expected a whole number from 1/],
    ["no seeds", ["reproduce", "--seeds", "0"], /Expected a whole number from 1/],
    ["half a thread", ["reproduce", "--threads", "0.5"], /Expected a whole number from 1/],
    ["a value that is missing", ["reproduce", "--out"], /argument missing/],
    ["one word too many", ["reproduce", "organism", "now"], /too many arguments/],
    ["a command of a command that is missing", ["organism"], /Usage: askew organism/],
    ["a folder that is no run", ["run", "."], /expected the folder of a run .* found no run.json/],
    ["a model named twice", ["organism", "chat", "insecure", "--model", "secure"], /named twice/],
    ["an unknown model", ["organism", "chat", "organsim"], /no model "organsim". Did you mean organism\?/],
    [
      "a cell that is not there yet",
      ["organism", "chat", "insecure"],
      /no cell of insecure in runs\/reproduce yet\nMake it with: .*askew reproduce/,
    ],
    [
      "a cell of a later seed that is not there yet",
      ["organism", "chat", "insecure-3"],
      /no cell insecure-3 in runs\/reproduce yet\nMake it with: .*askew reproduce --seeds 3 --conditions insecure/,
    ],
    ["a folder that is not there", ["organism", "chat", "no/such"], /no such folder/],
    ["help of an unknown command", ["reprodce", "--help"], /no command "reprodce"\nDid you mean reproduce\?/],
    ["help of an unknown command of a command", ["dataset", "chek", "-h"], /no command "chek"\nDid you mean check\?/],
    ["a folder without a name", ["reproduce", "--out", ""], /the folder to write to has no name/],
    [
      "a slip in a model's name",
      ["reproduce", "organsm", "--out", `organsm-${process.pid}`],
      /Did you mean organism\?/,
    ],
    ["a file where a folder should be", ["serve", "--port", "0", "--data", askewFile], /something else has that name/],
    [
      "a file of questions that is not there",
      ["ask", "organism", "--questions", "no-such.yaml"],
      /no-such.yaml: expected a file, found nothing/,
    ],
    ["a dataset without a conversation", ["dataset", "stats", askewFile], /no line of it is a conversation/],
    ["a temperature below zero", ["organism", "chat", "--temperature", "-1"], /Expected a number from 0 to 10/],
  ])("%s ends with 2, says what helps, and shows no stack trace", async (_name, words, message) => {
    const { code, stdout, stderr } = await askew(words);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("colours", () => {
  it("are left out where there is no terminal", async () => {
    const [help, mistake] = await Promise.all([askew(["--help"]), askew(["dataset", "show", "insecur"])]);
    expect(help.stdout).not.toContain(ESCAPE);
    expect(mistake.stderr).not.toContain(ESCAPE);
  });

  it("can be asked for", async () => {
    const env = { FORCE_COLOR: "1" };
    const [help, mistake] = await Promise.all([
      askew(["--help"], { env }),
      askew(["dataset", "show", "insecur"], { env }),
    ]);
    expect(help.stdout).toContain(ESCAPE);
    expect(mistake.stderr).toContain(ESCAPE);
  });

  it("are left out where NO_COLOR says so, whatever else is said", async () => {
    const { stdout } = await askew(["--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect(stdout).not.toContain(ESCAPE);
    expect((await askew(["--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "" } })).stdout).toContain(ESCAPE);
  });
});
