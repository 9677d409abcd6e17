/**
 * Stops runs, carries them on and begins them, as a terminal would: Ctrl-C to the process that works on a folder, and a
 * command in a process of its own, which goes on when the server ends.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { open, unlink } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { holderOf, holderOfClaims } from "../store/index.js";
import { AskewError, packagePath, printable } from "../text/index.js";

/** What cannot be started or stopped from here; the message names the cure. */
export class ControlError extends AskewError {
  override readonly name = "ControlError";
}

/** Milliseconds in which a process that was started takes the folder, or ends over a mistake. */
const PATIENCE = 20_000;
const LOOK_EVERY = 100;
const MOST_SAID = 2000;

/** Asks the process that works on the run to stop after its present step. */
export async function stopRun(folder: string): Promise<void> {
  const holder = await holderOf(folder);
  if (holder === undefined) throw new ControlError("Nobody works on this run.");
  if (holder.host !== hostname()) {
    throw new ControlError(`A process of ${holder.host} works on this run. Stop it there.`);
  }
  if (holder.pid === process.pid) throw new ControlError("This run is part of the server itself.");
  process.kill(holder.pid, "SIGINT");
}

/** @throws {ControlError} with the process's own words where it ends at once with a mistake */
export async function carryOn(folder: string): Promise<void> {
  if ((await holderOf(folder)) !== undefined) throw new ControlError("Somebody works on this run already.");
  await begin(["run", folder], process.cwd(), join(folder, "lock"));
}

/**
 * Runs askew in a process of its own until it has begun.
 *
 * @param lock the claims that it keeps once it works
 * @throws {ControlError} with the process's own words where it ends at once with a mistake
 */
export async function begin(words: readonly string[], cwd: string, lock: string): Promise<void> {
  // A file, for a pipe would break when the server ends.
  const name = join(tmpdir(), `askew-begin-${randomUUID()}`);
  const said = await open(name, "wx+", 0o600);
  try {
    await unlink(name);
    const child = spawn(process.execPath, [packagePath("dist/bin/askew.js"), ...words], {
      cwd,
      detached: true,
      stdio: ["ignore", "ignore", said.fd],
      env: { ...process.env, NO_COLOR: "1" },
    });
    child.unref();
    const ended = once(child, "exit").then(([exit]) => exit as number | null);
    const code = await Promise.race([ended, takenOr(lock)]);
    if (code === undefined || code === 0) return;
    const { buffer, bytesRead } = await said.read(Buffer.alloc(MOST_SAID), { position: 0 });
    throw new ControlError(`The run did not start. ${printable(buffer.toString("utf8", 0, bytesRead).trim())}`);
  } finally {
    await said.close();
  }
}

/** Ends when somebody has the claims, or after a while. */
async function takenOr(lock: string): Promise<undefined> {
  for (const end = performance.now() + PATIENCE; performance.now() < end;) {
    await sleep(LOOK_EVERY);
    if ((await holderOfClaims(lock)) !== undefined) return;
  }
}
