#!/usr/bin/env node
/** `askew`: reads the command line, runs the command, and turns what comes of it into an exit code. */
import { EXIT } from "../text/index.js";
import { report } from "./failure.js";
import { renewed } from "./old-flags.js";
import { createProgram } from "./program.js";
import { setDispatch } from "./run/dispatch.js";
import { watchReaders } from "../terminal/index.js";

/** A thread that did not end by itself must not keep a finished command alive. */
const GRACE_MS = 3000;

watchReaders();
async function fail(error: unknown): Promise<void> {
  process.exit(await report(error));
}

process.on("uncaughtException", (error) => void fail(error));

const words = process.argv.slice(2);
// A command that waits for nothing but another thread would end without a word: Node does not count that as work.
const alive = setInterval(() => {}, 2 ** 30);

function end(exitCode: number): void {
  clearInterval(alive);
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), GRACE_MS).unref();
}

async function execute(typed: readonly string[]): Promise<void> {
  const { words: asked, notes } = renewed(typed);
  for (const note of notes) process.stderr.write(`${note}\n`);
  const program = await createProgram(asked);
  await program.parseAsync(asked, { from: "user" });
}

async function run(): Promise<void> {
  setDispatch(execute);
  if (words.length === 0) words.push("--help");
  await execute(words);
}

run().then(
  () => end(Number(process.exitCode ?? EXIT.done)),
  async (error: unknown) => end(await report(error)),
);
