// Loaded before askew: kills the process, as `kill -9` does, at the n-th operation on the disk (ASKEW_TEST_KILL): before
// it, after it, or, of a write, half-way through.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const at = Number(process.env.ASKEW_TEST_KILL);
const die = () => process.kill(process.pid, "SIGKILL");
let left = at;
const guard = (run, half = run) =>
  async function (...args) {
    const way = left-- === 0 ? at % 3 : undefined;
    if (way === 0) die();
    const result = await (way === 1 ? half : run).apply(this, args);
    if (way !== undefined) die();
    return result;
  };
const halfText = (run) =>
  async function (text, ...rest) {
    await run.call(this, text.slice(0, Math.floor(text.length / 2)), ...rest);
  };
const handle = await fs.open(process.execPath, "r");
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const { appendFile, writeFile, write } = prototype;
prototype.appendFile = guard(appendFile, halfText(appendFile));
prototype.writeFile = guard(writeFile, halfText(writeFile));
prototype.write = guard(write);
fs.rename = guard(fs.rename);
syncBuiltinESMExports();
