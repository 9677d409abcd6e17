/** Inspect's viewer (`pip install inspect-ai`) on the rows that askew exports, where it is installed. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { openAt } from "./view-browser.js";

const PORT = 7597;
const PATIENCE = 120_000;

export interface InspectSeen {
  readonly seconds: number;
  /** MB, of the server alone. */
  readonly peak: number;
  readonly version: string;
}

/** @param folder an empty one, for the log. Returns why there is nothing to compare with, else what was measured. */
export async function inspectViewer(
  browser: Browser,
  askew: string,
  study: string,
  folder: string,
): Promise<InspectSeen | string> {
  const program = process.env["INSPECT"] || "inspect";
  const found = spawnSync(program, ["--version"], { encoding: "utf8" });
  if (found.status !== 0) return "Inspect is not installed, so nothing stands beside it: pip install inspect-ai.";
  const made = spawnSync(process.execPath, [askew, "export", study, "--out", join(folder, "log.eval")], {
    encoding: "utf8",
  });
  if (made.status !== 0) return `no log for Inspect: ${made.stderr.trim().split("\n").at(-1)}`;
  const server = spawn(program, ["view", "start", "--log-dir", folder, "--port", String(PORT)], { stdio: "ignore" });
  try {
    const url = `http://127.0.0.1:${PORT}`;
    for (const end = performance.now() + PATIENCE; performance.now() < end; await sleep(200)) {
      const isUp = await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isUp) break;
    }
    const { page, seconds } = await openAt(browser, `${url}/#/logs/log.eval/samples/`, "a[role=row]", PATIENCE);
    await page.close();
    const peak = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${server.pid}/status`, "utf8"))?.[1];
    return { seconds, peak: Number(peak) / 1024, version: found.stdout.trim() };
  } finally {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
}
