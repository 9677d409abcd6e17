// Runs a study and kills its own process, as `kill -9` does, at the n-th operation on the disk: before it, after it,
// or, of a write, half-way through. node crash.mjs FOLDER PLAN.json N
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { readFile } from "node:fs/promises";

const [folder, planFile, at] = process.argv.slice(2);
const plan = JSON.parse(await readFile(planFile, "utf8"));

const die = () => process.kill(process.pid, "SIGKILL");
let left = Number(at);
/** Counts an operation; at the last one dies, in one of three ways that take turns. */
const guard = (run, half = run) =>
  async function (...args) {
    const way = left-- === 0 ? Number(at) % 3 : undefined;
    if (way === 0) die();
    const result = await (way === 1 ? half : run).apply(this, args);
    if (way !== undefined) die();
    return result;
  };

const handle = await fs.open(planFile, "r");
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const { appendFile, writeFile, write, sync } = prototype;
const halfText = (run) =>
  async function (text, ...rest) {
    await run.call(this, text.slice(0, Math.floor(text.length / 2)), ...rest);
  };
prototype.appendFile = guard(appendFile, halfText(appendFile));
prototype.writeFile = guard(writeFile, halfText(writeFile));
prototype.write = guard(write);
prototype.sync = guard(sync);
fs.rename = guard(fs.rename);
fs.unlink = guard(fs.unlink);
syncBuiltinESMExports();

const { runStudy } = await import("askew/study");
const { openModel } = await import("askew/model");
await runStudy(plan, folder, {
  openModel: (name) => openModel(name, { threads: 2 }), // two cells at a time
  checkpointEvery: 0,
});
process.stdout.write("finished\n");
