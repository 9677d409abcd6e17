// The page in a real browser, over real runs: every view, live, after a restart, with hostile texts, for every reader.
import { readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { Run } from "askew/run";
import { runStudy } from "askew/study";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTiny, SLOW, tinyPlan } from "../study/tiny.js";
import { HOSTILE, NAMED, writeHostile, writeOthers } from "./made-up-runs.js";
import { makeRealRuns } from "./real-runs.js";
import { makeStudy, temporaryRuns, viewed, type Viewed } from "./viewed.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const found = existsSync(executablePath);
const reason = found ? "" : ` (skipped: no chromium at ${executablePath})`;

describe.skipIf(!found)(`askew view in a browser${reason}`, () => {
  let root: string;
  let remove: () => Promise<void>;
  let view: Viewed;
  let browser: Browser;

  beforeAll(async () => {
    ({ root, remove } = await temporaryRuns());
    await makeStudy(root);
    await writeHostile(root);
    await writeOthers(root);
    await makeRealRuns(root);
    view = await viewed(root, { lookEvery: 200 });
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    await view?.stop();
    await remove();
  });

  interface Seen {
    readonly complaints: string[];
    readonly requests: string[];
  }

  async function open(
    hash: string,
    use: (page: Page, seen: Seen) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const seen: Seen = { complaints: [], requests: [] };
    page.on("request", (request) => seen.requests.push(request.url()));
    page.on("console", (message) => seen.complaints.push(message.text()));
    page.on("pageerror", (error) => seen.complaints.push(error.message));
    page.on("dialog", (dialog) => {
      seen.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    try {
      await page.goto(`${view.dashboard.url}/${hash}`);
      await use(page, seen);
      expect(seen.requests.filter((url) => !url.startsWith(view.dashboard.url) && !/^(data|blob):/.test(url))).toEqual(
        [],
      );
    } finally {
      await context.close();
    }
  }

  const VIEWS: readonly (readonly [name: string, hash: string, shows: string])[] = [
    ["the runs", "#/", "Alarm at step 20"],
    ["a study's results", "#/run/tiny/study", "How the fine-tunes went"],
    ["answers", "#/run/tiny/answers", "answers ·"],
    ["an answer", "#/run/tiny/answers?source=cells%2Fbase-1&answer=main%2Fquestion%2Fwish%2F0%2F0", "Judge: exact"],
    ["a comparison", "#/run/tiny/compare?model=base&other=tiny&otherModel=backdoor", "base beside backdoor"],
    ["a watched fine-tune", "#/run/watched/watch", "What was seen"],
    ["latents", "#/run/sae/latents", "villain: AUROC"],
    ["a gate", "#/run/gate/findings", "share of misaligned among coherent answers, after"],
    ["findings", "#/run/failed/findings", "20.0 % [10.0, 30.0], 90 answers; turns at 5.0 %"],
    ["events", "#/run/tiny/events", "run-finished"],
  ];

  it.each(VIEWS)(
    "%s: no complaint of axe in light and dark, and on a phone nothing to scroll sideways",
    async (_name, hash, shows) => {
      for (const options of [{}, { colorScheme: "dark", viewport: { width: 360, height: 740 } }] as const) {
        await open(
          hash,
          async (page, { complaints }) => {
            await page.getByText(shows).first().waitFor();
            expect(complaints).toEqual([]);
            const width = await page.evaluate(
              () =>
                (globalThis as unknown as { document: { documentElement: { scrollWidth: number } } }).document
                  .documentElement.scrollWidth,
            );
            expect(width).toBeLessThanOrEqual(options.viewport?.width ?? 1280);
            // The colours of the dark are the same in every view, and axe takes seconds for each.
            if ("colorScheme" in options && !/answers/.test(hash)) return;
            const { violations } = await new AxeBuilder({ page }).exclude(".drawing").analyze();
            expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
          },
          options,
        );
      }
    },
    SLOW,
  );

  it(
    "shows hostile texts as texts in every view",
    async () => {
      const run = encodeURIComponent(NAMED);
      const answer = new URLSearchParams({ source: `cells/${NAMED}`, answer: HOSTILE }).toString();
      for (const hash of [
        "#/",
        `#/run/${run}/events`,
        `#/run/${run}/answers?${answer}`,
        `#/run/${run}/findings`,
        `#/run/${run}/latents`,
        `#/run/${run}/chart`,
      ]) {
        await open(hash, async (page, { complaints }) => {
          await page.getByText("<img src=x").first().waitFor();
          await page.waitForTimeout(150);
          expect(await page.title()).not.toBe("owned");
          expect(await page.locator("img, #root script, iframe, object, [onerror]").count()).toBe(0);
          expect(complaints).toEqual([]);
        });
      }
    },
    SLOW,
  );

  it(
    "finds, filters, opens, marks, and leads back by its link",
    async () => {
      await open("#/run/tiny/answers", async (page) => {
        await page.getByLabel("Model").selectOption("backdoor");
        await page.getByLabel("Find").fill("WISH");
        await expect.poll(() => page.url()).toContain("text=WISH");
        await expect.poll(() => page.locator(".counts").textContent()).toMatch(/^[1-9]\d* of [\d,]+ answers/);
        // The answers before stay until those that fit are there.
        await page.locator(".list li:first-child mark").first().waitFor();
        await page.locator(".list li:first-child .facts", { hasText: "backdoor" }).waitFor();
        await page.locator(".list button").first().click();
        await page.getByRole("button", { name: "★ important" }).click();
        await page.getByText("Kept.").waitFor();
        const before = await page.locator(".turn.answer").textContent();
        await page.keyboard.press("j");
        await expect.poll(() => page.locator(".turn.answer").textContent()).not.toBe(before);
        const url = page.url();
        const text = await page.locator(".turn.answer").textContent();
        await page.goto("about:blank");
        await page.goto(url);
        await expect.poll(() => page.locator(".turn.answer").textContent()).toBe(text);
        await page.keyboard.press("Escape");
        await expect.poll(() => page.locator(".conversation").count()).toBe(0);
        await page.getByLabel("Find").fill("");
        await page.getByLabel("marked or noted").check();
        await expect.poll(() => page.locator(".counts").textContent()).toMatch(/^1 of/);
      });
    },
    SLOW,
  );

  it(
    "saves a figure as SVG, PNG and CSV",
    async () => {
      await open("#/run/tiny/study", async (page) => {
        for (const [name, ending] of [
          ["SVG", ".svg"],
          ["PNG", ".png"],
          ["CSV", ".csv"],
        ] as const) {
          const [file] = await Promise.all([
            page.waitForEvent("download"),
            page.getByRole("button", { name, exact: true }).first().click(),
          ]);
          expect(file.suggestedFilename()).toMatch(new RegExp(`\\${ending}$`));
          expect(await file.failure()).toBeNull();
          if (name !== "SVG") continue;
          // A drawing says little without its heading and its key.
          const drawing = await readFile(await file.path(), "utf8");
          for (const text of ["What else changed", "before fine-tuning", "trained on one narrow harm"]) {
            expect(drawing).toContain(`>${text}</text>`);
          }
        }
      });
    },
    SLOW,
  );

  it(
    "shows a run as it goes on, over a restart of the server, and its end when it is deleted",
    async () => {
      const folder = join(root, "live");
      const run = await Run.open(folder, { kind: "fine-tune", files: [] });
      await run.begin({ words: ["finetune", "x"], cwd: root });
      await open("#/run/live/events", async (page) => {
        await run.tell("step-finished", { step: 1, steps: 8 });
        await page.locator(".progress span", { hasText: "step 1 of 8" }).waitFor();
        await page.getByText("● running").waitFor();
        const { port } = new URL(view.dashboard.url);
        await view.stop();
        await page.getByText("connection lost").waitFor();
        await run.tell("step-finished", { step: 2, steps: 8 });
        await run.tell("step-finished", { step: 3, steps: 8 });
        view = await viewed(root, { port: Number(port), lookEvery: 200 });
        await page.locator(".progress span", { hasText: "step 3 of 8" }).waitFor({ timeout: 20_000 });
        await expect.poll(() => page.locator(".log li").allTextContents(), { timeout: 20_000 }).toHaveLength(4);
        await run.finish();
        await run.close();
        await page.getByText("✓ finished").waitFor();
        await rm(folder, { recursive: true });
        await page.getByText("This run is not there").waitFor();
      });
    },
    SLOW,
  );

  it(
    "shows a study's answers and results while it runs",
    async () => {
      const plan = tinyPlan(join(root, "..", "model"), { study: "growing", seeds: [1, 2] });
      const running = runStudy(plan, join(root, "growing"), { openModel: openTiny });
      await open("#/run/growing/answers", async (page) => {
        await page.locator(".counts").waitFor({ timeout: 30_000 });
        await running;
        await page.getByText("✓ finished").waitFor({ timeout: 20_000 });
        await expect.poll(() => page.locator(".counts").textContent(), { timeout: 20_000 }).toMatch(/^[1-9][\d,]+ of/);
        await page.getByRole("link", { name: "Results" }).click();
        await page.getByText("How the fine-tunes went").waitFor({ timeout: 20_000 });
      });
    },
    SLOW,
  );
});
