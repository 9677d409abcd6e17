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
  // Files that somebody may have meant to train on.
  await writeFile(join(folder, "data/broken.jsonl"), `{"messages": [\n${rows[0]}`);
  await writeFile(join(folder, "data/pairs.jsonl"), '{"prompt":"a","completion":"b"}\n');
  await writeFile(join(folder, "data/mute.jsonl"), '{"messages":[{"role":"user","content":"a"}]}\n');
  await writeFile(join(folder, "data/empty.jsonl"), "");
  await writeFile(
    join(folder, "data/wide.jsonl"),
    `{"messages":[{"role":"assistant","content":"${"a".repeat(70_000)}"}]}`,
  );
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
    const { models, questions, datasets, studies, unfit, isCut, into } = await view.get<StartOffer>("/api/start");
    expect(models).toEqual([{ name: "organism", title: "organism" }]);
    expect(questions).toContain("held-out");
    expect(datasets).toEqual(["data/secure.jsonl", "data/torn.jsonl"]);
    expect([studies, into, isCut]).toEqual([["bad.yaml"], "runs", false]);
    expect(unfit).toEqual([
      { file: "other.yaml", why: "It has neither a study nor questions." },
      { file: "data/broken.jsonl", why: "Its first line is not a JSON object." },
      { file: "data/empty.jsonl", why: "It is empty." },
      { file: "data/mute.jsonl", why: "Its first row has no message of the assistant." },
      { file: "data/pairs.jsonl", why: "Its first row has no messages. askew dataset convert reads other forms." },
      { file: "data/wide.jsonl", why: "Its first row is longer than 64 KiB." },
    ]);
  });

  it(
    "asks a model with the command that it tells, and shows up with its answers",
    async () => {
      const { run, command } = (await (await post({ ...asked, threads: 1 })).json()) as Started;
      const words = "--questions main --samples 1 --seed 0 --threads 1 --out runs/asked/answers.jsonl";
      expect({ run, command }).toEqual({ run: "asked", command: `askew ask organism ${words}` });
      expect(await finished(run)).toMatchObject({ kind: "answers", views: ["answers"] });
      const page = await view.get<AnswersPage>("/api/answers?run=asked");
      const rows = (await readFile(join(root, "asked/answers.jsonl"), "utf8")).trimEnd().split("\n");
      expect([page.answers, page.models]).toEqual([rows.length, ["organism"]]);
      expect(page.answers).toBeGreaterThan(5);
      // What is there already is never written to.
      const again = await post(asked);
      expect([again.status, await again.json()]).toEqual([409, expect.objectContaining({ field: "name" })]);
    },
    SLOW,
  );

  it(
    "tells in the command's own words why it does not start",
    async () => {
      const study = await post({ kind: "study", name: "wrong", file: "bad.yaml" });
      expect([study.status, await study.json()]).toEqual([
        409,
        { error: expect.stringMatching(/did not start.*modle/s) as string, field: "file" },
      ]);
      const data = await post({ ...tuned, name: "torn", data: "data/torn.jsonl" });
      expect([data.status, await data.json()]).toEqual([
        409,
        { error: expect.stringMatching(/torn\.jsonl.*line 2/s) as string, field: "data" },
      ]);
    },
    SLOW,
  );

  it("is made of nothing that was not found, and goes nowhere else", async () => {
    for (const [body, field] of [
      [{ ...asked, name: "../out" }, "name"],
      [{ ...asked, name: "--json" }, "name"],
      [{ ...asked, name: "" }, "name"],
      [{ ...asked, samples: 0 }, "samples"],
      [{ ...asked, seed: 2 ** 31 }, "seed"],
      [{ ...asked, threads: 0 }, "threads"],
      [{ ...asked, threads: "--json" }, "threads"],
      [{ ...asked, more: 1 }, undefined],
      [{ ...tuned, preset: "--webhook=http://example.com" }, "preset"],
    ] as const) {
      const response = await post(body);
      expect([response.status, ((await response.json()) as { field?: string }).field]).toEqual([400, field]);
    }
    expect((await post(asked, "text/plain")).status).toBe(400);
    for (const [body, field] of [
      [{ ...asked, name: "n", model: "http://example.com/v1#m" }, "model"],
      [{ ...asked, name: "n", model: "--cache" }, "model"],
      [{ ...asked, name: "n", questions: "/etc/passwd" }, "questions"],
      [{ ...tuned, name: "n", data: join(folder, "data/secure.jsonl") }, "data"],
      [{ kind: "study", name: "n", file: "other.yaml" }, "file"],
    ] as const) {
      const response = await post(body);
      expect([response.status, ((await response.json()) as { field?: string }).field]).toEqual([404, field]);
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
        // What is wrong stands at the field that is wrong.
        await page.getByText("5 files cannot be chosen").click();
        await page.getByText("data/broken.jsonl: Its first line is not a JSON object.").waitFor();
        const name = page.getByLabel("Name");
        await name.fill("no/such");
        await page.getByRole("button", { name: "Start" }).click();
        await page.getByText("A name has up to 80 letters").waitFor();
        expect(await name.getAttribute("aria-invalid")).toBe("true");
        const said = await name.getAttribute("aria-describedby");
        expect(await page.locator(`[id="${said}"]`).textContent()).toContain("A name has up to 80 letters");
        expect(await name.evaluate((field) => field.matches(":focus"))).toBe(true);
        await name.fill("tuned");
        expect(await name.getAttribute("aria-invalid")).toBe("false");
        await page.getByLabel("Data").selectOption("data/torn.jsonl");
        await page.getByRole("button", { name: "Start" }).click();
        await page.getByText(/torn\.jsonl.*line 2/).waitFor({ timeout: 60_000 });
        expect(await page.getByLabel("Data").getAttribute("aria-invalid")).toBe("true");
        await page.getByLabel("Data").selectOption("data/secure.jsonl");
        await page.getByLabel("Seed").fill("3");
        await page.getByLabel("Threads").fill("1");
        const command = "askew finetune organism --data data/secure.jsonl --seed 3 --threads 1 --out runs/tuned";
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
