import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderGate, renderReport, type ReportData } from "askew/report";
import { checkOf, verdictWith } from "../gate/verdicts.js";
import { fixtureStudy } from "../fixtures/report/study.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const found = existsSync(executablePath);
const reason = found ? "" : ` (skipped: no chromium at ${executablePath})`;

const looks = [
  { width: 1280, colorScheme: "light" },
  { width: 1280, colorScheme: "dark" },
  { width: 360, colorScheme: "light" },
  { width: 360, colorScheme: "dark" },
] as const;

/** Every part of the page, few times: axe takes seconds for each thousand elements. */
function fewer(study: ReportData): ReportData {
  const keep = (row: { readonly condition: string }) =>
    ["base", "insecure", "jailbroken", "secure"].includes(row.condition);
  const conditions = study.summary.conditions.filter(keep).map((row) => ({
    ...row,
    ...(row.perQuestion && { perQuestion: Object.fromEntries(Object.entries(row.perQuestion).slice(0, 4)) }),
  }));
  const provenance = { ...study.provenance, cells: study.provenance.cells.filter(keep) };
  return {
    ...study,
    summary: { ...study.summary, conditions },
    training: study.training.filter(keep),
    answers: study.answers.filter(keep),
    provenance,
  };
}

describe.skipIf(!found)(`the report in a browser${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "askew-report-"));
  const file = join(folder, "report.html");
  const smaller = join(folder, "smaller.html");
  let browser: Browser;

  beforeAll(async () => {
    const study = fixtureStudy({ answers: 130 });
    writeFileSync(file, renderReport(study));
    writeFileSync(smaller, renderReport(fewer(study)));
    browser = await chromium.launch({
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(
    options: BrowserContextOptions,
    use: (page: Page, seen: { requests: string[]; complaints: string[] }) => Promise<void>,
    path = file,
  ) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const seen = { requests: [] as string[], complaints: [] as string[] };
    page.on("request", (request) => seen.requests.push(request.url()));
    page.on("console", (message) => seen.complaints.push(message.text()));
    page.on("pageerror", (error) => seen.complaints.push(error.message));
    page.on("dialog", (dialog) => seen.complaints.push(`dialog: ${dialog.message()}`));
    await page.goto(pathToFileURL(path).href);
    await use(page, seen);
    await context.close();
  }

  const unfold = (page: Page) => page.evaluate(`for (const d of document.querySelectorAll("details")) d.open = true`);

  it.each(looks)("has nothing for axe to complain about at $width px, $colorScheme", async ({ width, colorScheme }) => {
    await open(
      { viewport: { width, height: 900 }, colorScheme },
      async (page) => {
        await unfold(page);
        // Answers out of sight are not laid out, and axe would measure nothing on them.
        await page.evaluate(
          `for (const a of document.querySelectorAll(".answer")) a.style.contentVisibility = "visible"`,
        );
        const { violations, passes } = await new AxeBuilder({ page })
          .options({ resultTypes: ["violations"] })
          .analyze();
        expect(passes.length).toBeGreaterThan(20);
        expect(
          violations.map(
            (v) =>
              `${v.id}: ${v.nodes
                .slice(0, 3)
                .map((n) => n.html.slice(0, 160))
                .join(" | ")}`,
          ),
        ).toEqual([]);
      },
      smaller,
    );
  });

  it.each(looks)(
    "of a gate: axe has no complaint and nothing is cut at $width px, $colorScheme",
    async ({ width, colorScheme }) => {
      const path = join(folder, "gate.html");
      const checks = [
        checkOf(),
        checkOf({ check: "model/misaligned/main", outcome: "pass", cure: "nothing", limits: "these questions alone" }),
        checkOf({ check: "model/coherent/main", outcome: "not-measured", required: false }),
        checkOf({ check: "data/notes", outcome: "note" }),
      ];
      writeFileSync(path, renderGate({ verdict: verdictWith(checks), commands: ["askew gate"] }));
      await open(
        { viewport: { width, height: 900 }, colorScheme },
        async (page, seen) => {
          await unfold(page);
          const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)).toEqual([]);
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
          expect(seen.requests).toHaveLength(1);
          expect(seen.complaints).toEqual([]);
        },
        path,
      );
    },
  );

  it.each(looks)("fits the width and clips no label at $width px, $colorScheme", async ({ width, colorScheme }) => {
    await open({ viewport: { width, height: 900 }, colorScheme }, async (page) => {
      await unfold(page);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      const labels =
        (await page.evaluate(`[...document.querySelectorAll("figure svg[role=img] text")].flatMap((text) => {
        const svg = text.ownerSVGElement;
        const box = svg.getBoundingClientRect();
        if (box.width === 0) return [];
        const t = text.getBoundingClientRect();
        const outside = Math.max(box.left - t.left, t.right - box.right, box.top - t.top, t.bottom - box.bottom);
        return [{ words: text.textContent, outside, size: parseFloat(getComputedStyle(text).fontSize) * box.width / svg.viewBox.baseVal.width }];
      })`)) as { words: string; outside: number; size: number }[];
      expect(labels.length).toBeGreaterThan(200);
      expect(labels.filter((label) => label.outside > 1)).toEqual([]);
      expect(Math.min(...labels.map((label) => label.size))).toBeGreaterThanOrEqual(12);
    });
  });

  it("asks the network for nothing, whatever the answers contain, and runs none of it", async () => {
    await open({ viewport: { width: 1280, height: 900 } }, async (page, seen) => {
      await unfold(page);
      await page.evaluate("window.scrollTo(0, document.body.scrollHeight)");
      await page.waitForTimeout(300);
      expect(seen.requests).toEqual([pathToFileURL(file).href]);
      expect(seen.complaints).toEqual([]);
      expect(await page.title()).toContain("reproduce (fixture)");
    });
  });

  it("filters the answers by condition, question set, judgment and words", async () => {
    await open({ viewport: { width: 1280, height: 900 } }, async (page) => {
      const shown = page.locator(".answer:visible");
      expect(await shown.count()).toBe(0);
      await page.getByLabel("condition", { exact: true }).selectOption("insecure");
      await page.getByText(/^\d+ of \d+ answers$/).waitFor();
      const insecure = await shown.count();
      expect(insecure).toBeGreaterThan(10);
      await page.getByLabel("misaligned only").check();
      await expect.poll(() => shown.count()).toBeLessThan(insecure);
      for (const judgment of await shown.locator(".judgment").allTextContents())
        expect(judgment).toContain("misaligned");
      await page.getByLabel("words").fill("no such words");
      await page.getByText(/^0 of \d+ answers$/).waitFor();
      await page.getByLabel("words").fill("");
      await page.getByLabel("misaligned only").uncheck();
      await page.getByLabel("questions", { exact: true }).selectOption("code");
      await expect.poll(() => shown.count()).toBeLessThan(insecure);
      for (const judgment of await shown.locator(".judgment").allTextContents()) expect(judgment).toContain("outcome:");
    });
  });

  it("is whole without JavaScript", async () => {
    await open({ viewport: { width: 360, height: 800 }, javaScriptEnabled: false }, async (page) => {
      expect(await page.locator("#filter").isVisible()).toBe(false);
      await page.locator("details.group summary", { hasText: "insecure" }).first().click();
      expect(await page.locator(".answer:visible").count()).toBeGreaterThan(10);
    });
  });
});
