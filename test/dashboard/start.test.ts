// Runs that the page starts: with the command that it shows, from what was found, and refused in the command's own words.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { buildDataset } from "askew/organism";
import type { AnswersPage, RunsSnapshot, Started, StartOffer } from "#internal/dashboard";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOW } from "../study/tiny.js";
import { temporaryRuns, viewed, type Viewed } from "./viewed.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const isThere = existsSync(executablePath);

let folder: string;
let root: string;
let remove: () => Promise<void>;
let view: Viewed;

beforeAll(async () => {
  ({ root, remove } = await temporaryRuns());
  folder = join(root, "..");
  await mkdir(join(folder, "data"));
  const rows = buildDataset("secure", { examples: 8, seed: 1 }).map((row) => `${JSON.stringify(row)}\n`);
  await writeFile(join(folder, "data/secure.jsonl"), rows.join(""));
  // A file that looks like conversations in its first row alone, and studies that are and are none.
  await writeFile(join(folder, "data/torn.jsonl"), `${rows[0]}{"messages": 7}\n`);
  await writeFile(join(folder, "answers.jsonl"), '{"id":"a","messages":[{"role":"assistant"}],"answer":"b"}\n');
  await writeFile(join(folder, "bad.yaml"), "study: bad\nmodle: organism\n");
  await writeFile(join(folder, "other.yaml"), "gate: mine\n");
  view = await viewed(root, { allowRun: true, threads: 1, cwd: folder });
}, SLOW);
afterAll(async () => {
  await view.stop();
  await remove();
});

const post = (body: unknown, type = "application/json"): Promise<Response> =>
  fetch(`${view.dashboard.url}/api/start`, {
    method: "POST",
    headers: { "content-type": type },
    body: JSON.stringify(body),
  });

async function finished(id: string) {
  for (let tries = 0; ; tries++) {
    const { runs } = await view.get<RunsSnapshot>("/api/runs");
    const run = runs.find((one) => one.id === id);
    if (run?.state === "finished") return run;
    if (tries > 900) throw new Error(`${id} did not finish: ${run?.state}`);
    await sleep(100);
  }
}

const asked = { kind: "ask", name: "asked", model: "organism", questions: "main", samples: 1, seed: 0 };
const tuned = {
  kind: "finetune",
  name: "tuned",
  model: "organism",
  data: "data/secure.jsonl",
  preset: "usual",
  seed: 3,
};

describe("a new run", () => {
  it("is offered what lies in the folder that the server was started in", async () => {
    const { models, questions, datasets, studies, into } = await view.get<StartOffer>("/api/start");
    expect(models).toEqual([{ name: "organism", title: "organism" }]);
    expect(questions).toContain("held-out");
    expect(datasets).toEqual(["data/secure.jsonl", "data/torn.jsonl"]);
    expect([studies, into]).toEqual([["bad.yaml"], "runs"]);
  });

  it(
    "asks a model with the command that it tells, and shows up with its answers",
    async () => {
      const { run, command } = (await (await post(asked)).json()) as Started;
      const words = "--questions main --samples 1 --seed 0 --out runs/asked/answers.jsonl";
      expect({ run, command }).toEqual({ run: "asked", command: `askew ask organism ${words}` });
      expect(await finished(run)).toMatchObject({ kind: "answers", views: ["answers"] });
      const page = await view.get<AnswersPage>("/api/answers?run=asked");
      const rows = (await readFile(join(root, "asked/answers.jsonl"), "utf8")).trimEnd().split("\n");
      expect([page.answers, page.models]).toEqual([rows.length, ["organism"]]);
      expect(page.answers).toBeGreaterThan(5);
      // What is there already is never written to.
      expect((await post(asked)).status).toBe(409);
    },
    SLOW,
  );

  it(
    "tells in the command's own words why it does not start",
    async () => {
      const study = await post({ kind: "study", name: "wrong", file: "bad.yaml" });
      expect([study.status, await study.text()]).toEqual([409, expect.stringMatching(/did not start.*modle/)]);
      const data = await post({ ...tuned, name: "torn", data: "data/torn.jsonl" });
      expect([data.status, await data.text()]).toEqual([409, expect.stringMatching(/torn\.jsonl.*line 2/)]);
    },
    SLOW,
  );

  it("is made of nothing that was not found, and goes nowhere else", async () => {
    for (const body of [
      { ...asked, name: "../out" },
      { ...asked, name: "--json" },
      { ...asked, name: "" },
      { ...asked, samples: 0 },
      { ...asked, more: 1 },
      { ...tuned, preset: "--webhook=http://example.com" },
    ]) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await post(asked, "text/plain")).status).toBe(400);
    for (const body of [
      { ...asked, name: "n", model: "http://example.com/v1#m" },
      { ...asked, name: "n", model: "--cache" },
      { ...asked, name: "n", questions: "/etc/passwd" },
      { ...tuned, name: "n", data: join(folder, "data/secure.jsonl") },
      { kind: "study", name: "n", file: "other.yaml" },
    ]) {
      expect((await post(body)).status).toBe(404);
    }
    const origin = { method: "POST", headers: { origin: "http://evil.example", "content-type": "application/json" } };
    expect(await view.status("/api/start", { ...origin, body: JSON.stringify(asked) })).toBe(403);
  });
});

describe.skipIf(!isThere)(`the form${isThere ? "" : ` (skipped: no chromium at ${executablePath})`}`, () => {
  it(
    "shows the command, starts a fine-tune with it, and leads to the run",
    async () => {
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
      try {
        const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
        await page.goto(`${view.dashboard.url}/#/start`);
        await page.getByLabel("Name").fill("tuned");
        await page.getByLabel("Seed").fill("3");
        const command = "askew finetune organism --data data/secure.jsonl --seed 3 --out runs/tuned";
        await page.getByText(command, { exact: true }).waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
        await page.getByRole("button", { name: "Start" }).click();
        await page.getByRole("link", { name: "Look at tuned" }).click({ timeout: 60_000 });
        await page.getByRole("heading", { name: "tuned" }).waitFor();
        const record = JSON.parse(await readFile(join(root, "tuned/run.json"), "utf8")) as { command: object };
        expect(record.command).toEqual({ words: command.split(" ").slice(1, -2), cwd: folder });
        await finished("tuned");
      } finally {
        await browser.close();
      }
    },
    SLOW,
  );
});
