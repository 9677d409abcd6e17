// Every error that a user can act on is an AskewError; the others are internal, and stand in this list with a reason.
import { readFile } from "node:fs/promises";
import { AskewError, EXIT } from "#internal/text";
import { StoreError } from "#internal/store";
import { describe, expect, it } from "vitest";
import { filesUnder } from "./modules.js";

const INTERNAL: Readonly<Record<string, string>> = {
  AskewError: "the base itself",
  GraphError: "a graph that a caller of graph/ built wrongly",
  EngineError: "a thread of the engine that died",
  RaisedByTemplate: "becomes a ChatTemplateError",
  LeavesBody: "ends a loop of a template",
  HeaderTooShort: "makes the reader of a GGUF file read more of it",
  UnsupportedPreTokenizer: "becomes a ModelFileError",
  TimeLimitError: "becomes the error of whoever set the limit",
  Reached: "ends a loop",
  Refusal: "becomes a DatasetError",
  ZipFault: "becomes an ArchiveError",
  PickleFault: "becomes a ModelFileError",
  Fault: "becomes a DatasetError",
  JobFailure: "becomes the error of a served job",
  ApiError: "becomes an answer of the server",
};

describe("errors", () => {
  it("are AskewErrors, but for the internal ones", async () => {
    const found: string[] = [];
    for (const path of filesUnder("src").filter((name) => name.endsWith(".ts"))) {
      const text = await readFile(path, "utf8");
      for (const [, name] of text.matchAll(
        /class (\w+) extends (?:\w*\.)?(?:Error|TypeError|RangeError|SyntaxError)\b/g,
      ))
        found.push(name as string);
    }
    expect(found.toSorted()).toEqual(Object.keys(INTERNAL).toSorted());
  });

  it("are known across copies of the package, and carry their exit code", () => {
    const error = new StoreError("a folder in use", { hint: "Wait.", kind: "incomplete" });
    expect(AskewError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ name: "StoreError", kind: "incomplete", exitCode: 4, hint: "Wait." });
    const stranger = Object.assign(new Error("of another copy"), { [Symbol.for("askew.error")]: true });
    expect(AskewError.isInstance(stranger)).toBe(true);
    for (const other of [new Error("plain"), { message: "no error" }, undefined, "text"])
      expect(AskewError.isInstance(other)).toBe(false);
    expect(EXIT).toEqual({ done: 0, fault: 1, usage: 2, finding: 3, incomplete: 4, interrupted: 130 });
  });
});
