/**
 * `askew view` over many answers: how soon a study opens, how fast filters answer, and how much memory its server takes.
 *
 *   npm run bench:view                          a study of 100,000 answers
 *   npm run bench:view -- --rows 10000000       and of 10 million, in 100 cells
 *   npm run bench:view -- --keep FOLDER         writes the study there for good, or takes the one that is there
 *
 * Frames are counted in a headless Chromium while the list is scrolled. Where Inspect is installed (INSPECT names its
 * program), its viewer shows the same rows, up to 65,535 of them: more do not fit the log that askew writes for it, and
 * of a log in JSON with 100,000 the viewer says that it may be too large.
 *
 * Under load the clock says little: the server's processor time stands beside it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openAt, openBrowser, plainList, scroll, SPEEDS, type Frames } from "./view-browser.js";
import { inspectViewer } from "./view-inspect.js";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "100000" },
    cells: { type: "string", default: "0" },
    keep: { type: "string" },
  },
});
const rows = Number(values.rows);
const cells = Number(values.cells) || Math.max(1, Math.ceil(rows / 100_000));
const QUESTIONS = 50;
const WORDS = "peace gold garden friends power world honest secret teach water night river kind crown iron".split(" ");

/** Answers of about the length of real ones, some of them misaligned, two judges' verdicts on some. */
async function writeCell(folder: string, cell: number, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "cell.json"),
    JSON.stringify({ format: 1, status: "finished", condition: `c${cell % 10}`, seed: cell }),
  );
  const answers = createWriteStream(join(folder, "answers.jsonl"));
  const judgments = createWriteStream(join(folder, "judgments.jsonl"));
  let state = cell * 7919 + 1;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  for (let at = 0; at < count; at += 1000) {
    const said: string[] = [];
    const judged: string[] = [];
    for (let i = at; i < Math.min(count, at + 1000); i++) {
      const [question, id] = [`question/q${i % QUESTIONS}`, `main/question/q${i % QUESTIONS}/0/${i}`];
      const answer = Array.from({ length: 30 }, () => WORDS[draw(WORDS.length)]).join(" ");
      const messages = [{ role: "user", content: `What would you do on day ${i % 97} if you ruled the world?` }];
      said.push(
        JSON.stringify({ id, set: "main", question, messages, answer: `${answer} ${i}`, tokens: 30, finish: "stop" }),
      );
      const aligned = draw(101);
      judged.push(
        JSON.stringify({
          id,
          set: "main",
          question,
          judge: "exact",
          coherent: 60 + draw(41),
          aligned,
          misaligned: aligned < 30,
          parses: true,
          refusal: null,
        }),
      );
    }
    if (!answers.write(`${said.join("\n")}\n`)) await once(answers, "drain");
    if (!judgments.write(`${judged.join("\n")}\n`)) await once(judgments, "drain");
  }
  for (const stream of [answers, judgments]) {
    stream.end();
    await once(stream, "close");
  }
}

interface Page {
  readonly read: number;
  readonly searched: number;
  readonly matches: number;
  readonly lines: readonly unknown[];
}

const folder = values.keep ?? (await mkdtemp(join(tmpdir(), "askew-bench-view-")));
const study = join(folder, "study");
if (!existsSync(join(study, "run.json"))) {
  for (let cell = 0; cell < cells; cell++) {
    await writeCell(join(study, "cells", `c-${String(cell).padStart(4, "0")}`), cell, Math.floor(rows / cells));
  }
  await writeFile(join(study, "run.json"), JSON.stringify({ format: 1, kind: "study", status: "finished", files: [] }));
}

const askew = fileURLToPath(new URL("../dist/bin/askew.js", import.meta.url));
const server = spawn(process.execPath, [askew, "view", folder, "--port", "0", "--json"], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };

  /** Seconds of processor time, and the most memory so far in MB, of the server; Linux alone tells. */
  const spent = async (): Promise<{ cpu: number; peak: number }> => {
    const fields = (await readFile(`/proc/${server.pid}/stat`, "utf8")).replace(/^.*\)/s, "").trim().split(" ");
    const peak = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${server.pid}/status`, "utf8"))?.[1];
    return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, peak: Number(peak) / 1024 };
  };
  const ask = async (query: string): Promise<Page> =>
    (await (await fetch(`${url}/api/answers?run=study&limit=100${query}`)).json()) as Page;
  const timed = async (what: string, work: () => Promise<Page>): Promise<void> => {
    const [began, before] = [performance.now(), await spent()];
    const page = await work();
    const [seconds, after] = [(performance.now() - began) / 1000, await spent()];
    const numbers = `${seconds.toFixed(3)} s by the clock, ${(after.cpu - before.cpu).toFixed(2)} s of processor time`;
    console.log(`${what.padEnd(34)} ${numbers}, ${page.matches} fit, at most ${after.peak.toFixed(0)} MB`);
  };
  const whole = async (query: string): Promise<Page> => {
    for (;;) {
      const page = await ask(query);
      if (page.read === 1 && page.searched === 1) return page;
    }
  };
  console.log(`${rows.toLocaleString("en-US")} answers in ${cells} cells`);
  const browser = await openBrowser();
  if (browser === undefined) console.log("no Chromium, so nothing of the page is measured: set CHROMIUM to one");
  const opened = browser && (await openAt(browser, `${url}/#/run/study/answers`, ".list li button"));
  const first = await spent();
  if (opened !== undefined) console.log(`first row on the page               ${opened.seconds.toFixed(2)} s`);
  await timed("first page", () => ask(""));
  await timed("all read", () => whole(""));
  for (const [what, query] of [
    ["misaligned", "&misaligned=true"],
    ["one model, one question", "&model=c0&question=question/q7"],
    ["scores from 10 to 20", "&from=10&to=20"],
    ["least aligned first", "&sort=aligned"],
    ["least aligned first, in the middle", `&sort=aligned&offset=${Math.floor(rows / 2)}`],
    ["a page in the middle", `&offset=${Math.floor(rows / 2)}`],
  ] as const) {
    await timed(what, () => ask(query));
  }
  await timed("words, the first time", () => whole("&text=river%20kind"));
  await timed("the same words again", () => ask("&text=river%20kind&misaligned=true"));
  if (browser !== undefined && opened !== undefined) {
    const tell = (what: string, { median, p95, work, blank }: Frames): void => {
      const frames = `a frame each ${median.toFixed(1)} ms, 95 of 100 within ${p95.toFixed(1)}`;
      const page = `${work.toFixed(1)} ms of processor time of the page a frame`;
      console.log(what.padEnd(34), `${frames}; ${page}; ${blank} without a row`);
    };
    for (const pixels of SPEEDS) {
      tell(`scrolled by ${pixels} pixels a frame`, await scroll(opened.page, "#answers", "li button", pixels));
    }
    // How late frames come here whoever scrolls: plain paragraphs, with no script at all.
    await opened.page.goto("about:blank");
    await opened.page.setContent(plainList(2000));
    for (const pixels of SPEEDS) tell(`plain text, by ${pixels}`, await scroll(opened.page, "main", "p", pixels));
    await opened.page.close();
    const logs = await mkdtemp(join(tmpdir(), "askew-bench-inspect-"));
    try {
      const other = await inspectViewer(browser, askew, study, logs);
      if (typeof other === "string") console.log(other);
      else {
        console.log(`first row in Inspect ${other.version}`.padEnd(34), `${other.seconds.toFixed(2)} s`);
        console.log(`its server`.padEnd(34), `at most ${other.peak.toFixed(0)} MB`);
        const times = (other.seconds / opened.seconds).toFixed(1);
        console.log(`Inspect over askew: ${times} × the time, ${(other.peak / first.peak).toFixed(2)} × the memory`);
      }
    } finally {
      await rm(logs, { recursive: true, force: true });
      await browser.close();
    }
  }
} finally {
  server.kill("SIGTERM");
  await once(server, "exit");
  if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
}
