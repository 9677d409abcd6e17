/** How soon a page shows its first row, and how its frames come while a list is scrolled, in a headless Chromium. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const executablePath = process.env["CHROMIUM"] || "/usr/bin/chromium";
/** Frames that are measured, about ten seconds of them. */
const FRAMES = 600;
/** Pixels a frame: slow reading, and a flick of the wheel. */
export const SPEEDS = [15, 150] as const;

export async function openBrowser(): Promise<Browser | undefined> {
  if (!existsSync(executablePath)) return undefined;
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"] });
}

export interface Opened {
  readonly page: Page;
  /** Until the first row was there. */
  readonly seconds: number;
}

/** @param row a selector of a row */
export async function openAt(browser: Browser, url: string, row: string, timeout = 120_000): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const began = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.locator(row).first().waitFor({ timeout });
  return { page, seconds: (performance.now() - began) / 1000 };
}

/** Paragraphs of the height and length of answers. */
export const plainList = (rows: number): string => {
  const row = `<p style="height:104px;margin:0;border-bottom:1px solid">${"What would you do? peace gold garden ".repeat(6)}</p>`;
  return `<main style="position:fixed;inset:0;overflow:auto">${row.repeat(rows)}</main>`;
};

export interface Frames {
  /** Milliseconds from one frame to the next. */
  readonly median: number;
  readonly p95: number;
  /** Milliseconds of processor time a frame of the page's main thread. */
  readonly work: number;
  /** Frames in which no row was in sight where one belongs. */
  readonly blank: number;
}

/** Scrolls the element by some pixels before each frame. */
export async function scroll(page: Page, list: string, row: string, pixels: number): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const worked = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "ThreadTime")?.value ?? 0);
  };
  const before = await worked();
  const { gaps, blank } = await page.evaluate<Scrolled>(
    `(${SCROLL})(${JSON.stringify({ list, row, pixels, frames: FRAMES })})`,
  );
  const work = ((await worked()) - before) / FRAMES;
  const sorted = gaps.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { median: at(0.5), p95: at(0.95), work, blank };
}

interface Scrolled {
  readonly gaps: readonly number[];
  readonly blank: number;
}

/** As text, for TypeScript is told nothing of browsers here. */
const SCROLL = `({ list, row, pixels, frames }) => new Promise((resolve) => {
  const scroller = document.querySelector(list);
  const gaps = [];
  let last, blank = 0;
  const next = (now) => {
    if (last !== undefined) gaps.push(now - last);
    last = now;
    const { left, top, width, height } = scroller.getBoundingClientRect();
    const seen = document.elementFromPoint(left + width / 2, top + height / 2);
    if (seen === null || seen.closest(row) === null) blank++;
    if (gaps.length === frames) return resolve({ gaps, blank });
    scroller.scrollTop += pixels;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})`;
