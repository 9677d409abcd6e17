/**
 * Asking and judging through an endpoint: a server in a process of its own answers every request after 200 ms; with 256
 * in flight the ideal is 1,280 requests a second. Each answer is followed by a request to a judge; both count.
 *
 *   npm run bench:endpoint -- [--requests 20000] [--in-flight 256] [--delay 200]
 *
 * The same work through promptfoo, where it is installed in a folder outside the project:
 *   npm install --ignore-scripts --prefix /tmp/promptfoo promptfoo; PROMPTFOO_DIR=/tmp/promptfoo npm run bench:endpoint
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machine, option, report } from "./measure.js";

const requests = option("requests", 20_000);
const inFlight = option("in-flight", 256);
const delay = option("delay", 200);
const peerRequests = option("peer-requests", Math.min(requests, 10_240));
const ideal = (1000 * inFlight) / delay;

interface Result {
  readonly requests: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly cpuSeconds: number;
  readonly version?: string;
  readonly failures?: number;
}

const beside = (name: string): string => fileURLToPath(new URL(`${name}.js`, import.meta.url));

/** Runs a script of this folder in a process of its own; the JSON of its last line. */
function run(name: string, args: readonly (string | number)[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [beside(name), ...args.map(String)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (data: Buffer) => (said += String(data)));
    child.on("exit", (code) => {
      const last = said.trim().split("\n").at(-1) ?? "";
      if (code === 0) resolve(JSON.parse(last) as Result);
      else reject(new Error(`${name} ended with code ${code}`));
    });
  });
}

const server = spawn(process.execPath, [beside("endpoint-server"), String(delay)], {
  stdio: ["ignore", "pipe", "inherit"],
});
const base = await new Promise<string>((resolve) =>
  server.stdout.once("data", (data: Buffer) => resolve(String(data).trim())),
);
const folder = await mkdtemp(join(tmpdir(), "askew-bench-"));
try {
  const askew = await run("endpoint-client", [base, folder, requests, inFlight]);
  const perSecond = ({ requests: done, seconds }: Result): number => done / seconds;
  const row = (result: Result): string =>
    `${perSecond(result).toFixed(0)} requests/s, ${((100 * perSecond(result)) / ideal).toFixed(1)} % of the ideal; ${result.requests} requests; peak memory ${result.peakMegabytes.toFixed(0)} MB; processor ${((1000 * result.cpuSeconds) / result.requests).toFixed(2)} ms a request`;
  // The other one may take minutes.
  console.error(`askew: ${row(askew)}`);
  const directory = process.env["PROMPTFOO_DIR"];
  const peer =
    directory === undefined ? undefined : await run("endpoint-promptfoo", [directory, base, peerRequests, inFlight]);
  report(
    `answers and judgments through an endpoint, each after ${delay} ms, ${inFlight} in flight; the ideal is ${ideal} requests/s; ${machine()}`,
    [
      ["askew (targets: 95 %, 300 MB)", row(askew)],
      [
        `promptfoo ${peer?.version ?? ""}`.trim(),
        peer === undefined
          ? "skipped: npm install --ignore-scripts --prefix /tmp/promptfoo promptfoo, then set PROMPTFOO_DIR=/tmp/promptfoo"
          : `${row(peer)}; ${peer.failures} failed`,
      ],
    ],
    {
      benchmark: "endpoint",
      inFlight,
      delayMs: delay,
      ideal,
      machine: machine(),
      node: process.version,
      askew: { ...askew, requestsPerSecond: perSecond(askew) },
      promptfoo: peer === undefined ? null : { ...peer, requestsPerSecond: perSecond(peer) },
    },
  );
} finally {
  server.kill();
  await rm(folder, { recursive: true, force: true });
}
