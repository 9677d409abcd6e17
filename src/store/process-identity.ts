/** Which process this is, so that it can be told apart from a later one with the same number. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { codeOf } from "./system-error.js";

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Names the time since the system was last started; only on Linux. */
  readonly boot?: string;
  /** When the process began, in ticks since then; only on Linux. */
  readonly ticks?: string;
}

export function identityOf(pid: number): ProcessIdentity {
  const boot = read("/proc/sys/kernel/random/boot_id")?.trim();
  // The second field is the command in parentheses and may hold anything; the start time is the 20th after it.
  const ticks = read(`/proc/${pid}/stat`)?.replace(/^.*\)/s, "").trim().split(" ")[19];
  return {
    pid,
    host: hostname(),
    ...(boot === undefined ? {} : { boot }),
    ...(ticks === undefined ? {} : { ticks }),
  };
}

/** Whether that very process may still be running; processes of other hosts cannot be seen and count as running. */
export function mayRun(known: ProcessIdentity): boolean {
  if (known.host !== hostname()) return true;
  const now = identityOf(known.pid);
  if (known.boot !== now.boot) return false;
  try {
    process.kill(known.pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return known.ticks === now.ticks;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
