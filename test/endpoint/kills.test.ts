// kill -9 at random moments: no answer lost, none twice, none paid for again beyond those in flight.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Random } from "askew/statistics";
import { completion, sendJson, TestServer } from "./server.js";
import { inTemporaryFolder } from "./temporary.js";

/** Runs side by side, each with a server and a folder of its own. */
const LANES = 5;
const KILLS = 10;
const ROWS = 260;
const IN_FLIGHT = 8;
/** Milliseconds; fifty processes take their time on a machine that is busy. */
const SLOW = 400_000;
const script = fileURLToPath(new URL("crash.mjs", import.meta.url));

/** Runs until it ends, or until `dies` resolves and it is killed; the signal it died of. */
function run(base: string, folder: string, dies?: Promise<void>): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, base, folder, String(ROWS)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said += String(data)));
    void dies?.then(() => child.kill("SIGKILL"));
    child.on("exit", (code, signal) =>
      signal === "SIGKILL" || code === 0 ? resolve(signal) : reject(new Error(said)),
    );
  });
}

/** Kills a run `KILLS` times, then lets it end. */
async function checkLane(number: number): Promise<void> {
  const random = Random.of("kills", number, process.env["ASKEW_TEST_SEED"] ?? 0);
  let [heard, killWhen] = [0, Infinity];
  let kill: () => void = () => undefined;
  const server = await TestServer.start(async ({ json }, response) => {
    heard++;
    const [{ content }] = json["messages"] as [{ content: string }];
    if (heard >= killWhen) kill();
    await new Promise((resolve) => setTimeout(resolve, random.integer(4)));
    sendJson(response, completion(`answer to ${content}`));
  });
  try {
    await inTemporaryFolder(async (folder) => {
      for (let kills = 0; kills < KILLS; kills++) {
        killWhen = heard + 1 + random.integer(20);
        const moment = new Promise<void>((resolve) => {
          kill = () => void setTimeout(resolve, random.uniform() * 4);
        });
        expect(await run(server.base, folder, moment)).toBe("SIGKILL");
      }
      killWhen = Infinity;
      expect(await run(server.base, folder)).toBeNull();

      const lines = (await readFile(join(folder, "answers.jsonl"), "utf8")).trimEnd().split("\n");
      const rows = lines.map((line) => JSON.parse(line) as { row: number; text: string });
      expect(rows.length).toBe(ROWS);
      expect(new Set(rows.map(({ row }) => row)).size).toBe(ROWS);
      for (const { row, text } of rows) expect(text).toBe(`answer to question ${row}`);
      expect(heard).toBeGreaterThanOrEqual(ROWS);
      expect(heard - ROWS).toBeLessThanOrEqual(KILLS * IN_FLIGHT);
      const paid = heard;
      expect(await run(server.base, folder)).toBeNull();
      expect(heard).toBe(paid); // run once more, it asks nothing
    });
  } finally {
    await server.close();
  }
}

describe("a run that is killed at any moment", () => {
  it(
    `loses no answer, repeats none, and pays twice for none but those in flight (${LANES * KILLS} kills)`,
    async () => {
      expect(await Promise.all(Array.from({ length: LANES }, (_, number) => checkLane(number)))).toHaveLength(LANES);
    },
    SLOW,
  );
});
