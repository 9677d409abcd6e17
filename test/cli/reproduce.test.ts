// `askew reproduce` and `askew run` from end to end, on a model that learns nothing.
import { cp, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder, type Outcome } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";
import { VERSION } from "askew";

const SLOW = 240_000;
const ESCAPE = "\u001B";

let cwd: string;
let remove: () => Promise<void>;
let first: Outcome;

/** One answer to a question, two cells: a few seconds. */
const SMALL = "reproduce local:tiny --conditions base,insecure --seeds 1 --samples 1 --threads 1 --out".split(" ");
const reproduce = (out: string, ...more: string[]): string[] => [...SMALL, out, ...more];
const summaryOf = (out: string): Promise<string> => readFile(join(cwd, out, "summary.json"), "utf8");

beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  await growTinyModel(join(cwd, "tiny"));
  first = await askew(reproduce("whole"), { cwd });
}, SLOW);
afterAll(() => remove());

describe("askew reproduce where there is no terminal", () => {
  it("tells its progress in plain lines on stderr", () => {
    const { code, stderr } = first;
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain(ESCAPE);
    // A slow machine adds lines on what is done so far.
    const lines = stderr
      .trimEnd()
      .split("\n")
      .filter((line) => !/ing, [1-9]\d* of /.test(line));
    expect(lines[0]).toBe("2 cells in whole");
    expect(lines[1]).toMatch(/^\[1\/2\] base, seed 1: asking, 0 of \d+ answers$/);
    expect(lines[2]).toMatch(/^\[1\/2\] base, seed 1: finished in .+; rate .+, coherent .+; .+ left$/);
    expect(lines[3]).toMatch(/^\[2\/2\] insecure, seed 1: fine-tuning, 0 of \d+ steps$/);
    expect(lines.at(-1)).toMatch(/^finished 2 cells in /);
  });

  it("ends with the table, the files, and what to try next", async () => {
    const { stdout } = first;
    expect(stdout).not.toContain(ESCAPE);
    expect(stdout).toMatch(/^condition +rate/m);
    expect(stdout).toMatch(/^insecure /m);
    expect(stdout).toContain(`summary  ${join("whole", "summary.json")}\nreport   ${join("whole", "report.html")}\n`);
    expect(stdout).toMatch(/\nNext: npx askew organism chat insecure --study whole\n$/);
    expect(stdout.replaceAll("\u00a0", " ")).toMatch(/^\d+ of \d+ aims were met.*\n[✓✕–] base +\d of 5  /m);
    const report = await readFile(join(cwd, "whole", "report.html"), "utf8");
    expect(report).toContain('href="#aims"');
    // The recipe is the one beside the weights, which is not the shipped organism's.
    expect(report).toContain("layers 1</span>");
    expect(report).toContain(
      "npx askew reproduce local:tiny --seeds 1 --conditions base,insecure --samples 1 --out whole --threads 1",
    );
  });

  it("fits the table to the width it is told", async () => {
    const { stdout } = await askew(reproduce("whole"), { cwd, env: { COLUMNS: "60" } });
    for (const line of stdout.split("\n").filter((text) => !text.startsWith("Next:")))
      expect(line.length, line).toBeLessThanOrEqual(60);
  });

  it("does nothing twice: a finished study is shown at once, with --json as JSON and nothing else", async () => {
    const { code, stdout, stderr } = await askew(reproduce("whole", "--json"), { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain("2 cells in whole, 2 of them finished before");
    expect(stderr).not.toContain("fine-tuning");
    expect(JSON.parse(stdout)).toEqual({ askew: VERSION, kind: "summary", ...JSON.parse(await summaryOf("whole")) });
  });

  it("refuses another plan in the same folder", async () => {
    const { code, stderr } = await askew([...reproduce("whole"), "--samples", "2"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*whole/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("askew reproduce that is stopped", () => {
  it(
    "comes to rest at Ctrl-C, and the same command carries on to the same result, also by way of askew run",
    { timeout: SLOW },
    async () => {
      let pressed = false;
      const stopped = await askew(reproduce("stopped"), {
        cwd,
        onStderr: (soFar, child) => {
          if (pressed || !soFar.includes("insecure, seed 1: fine-tuning")) return;
          pressed = child.kill("SIGINT");
        },
      });
      expect(stopped).toMatchObject({ code: 130, signal: null, stdout: "" });
      expect(stopped.stderr).toMatch(
        /Stopping after this step.*\nStopped. 1 of 2 cells are finished. The same command carries on from here.\n$/,
      );
      const cell = join("stopped", "cells", "insecure-1");
      expect(await askew(["run", cell, "--threads", "1"], { cwd })).toMatchObject({
        code: 0,
        stdout: `insecure, seed 1: finished in ${cell}\n`,
      });
      const again = await askew(["cell", cell], { cwd });
      expect(again.stderr).toBe("askew cell is called askew run now; the old name goes with the next version.\n");
      expect(again).toMatchObject({ code: 0, stdout: `insecure, seed 1: finished in ${cell}\n` });
      expect((await askew(reproduce("stopped"), { cwd })).stderr).toContain("2 of them finished before");
      expect(await summaryOf("stopped")).toBe(await summaryOf("whole"));
    },
  );

  it("ends at once at the second Ctrl-C, also in the middle of a long step", { timeout: SLOW }, async () => {
    await growTinyModel(join(cwd, "slow"), { width: 256, layers: 4 });
    let pressed = 0;
    const stopped = await askew(reproduce("at-once", "--conditions", "insecure").with(1, "local:slow"), {
      cwd,
      onStderr: (soFar, child) => {
        if (pressed === 0 && soFar.includes("fine-tuning")) {
          pressed++;
          child.kill("SIGINT");
        } else if (pressed === 1 && soFar.includes("Stopping after this step")) {
          pressed++;
          setTimeout(() => child.kill("SIGINT"), 500);
        }
      },
    });
    // Where the step was done before the second, it has come to rest by itself.
    expect(stopped.signal ?? stopped.code).toSatisfy((end) => end === "SIGINT" || end === 130);
    expect(stopped.stderr).not.toMatch(/terminate|internal error/);
  });

  it("carries on after kill -9", { timeout: SLOW }, async () => {
    const killed = await askew(reproduce("killed"), {
      cwd,
      onStderr: (soFar, child) => {
        if (soFar.includes("insecure, seed 1: asking")) child.kill("SIGKILL");
      },
    });
    expect(killed.signal).toBe("SIGKILL");
    const { code, stderr } = await askew(reproduce("killed"), { cwd });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("2 cells in killed, 1 of them finished before");
    expect(stderr).not.toContain("fine-tuning");
    expect(await summaryOf("killed")).toBe(await summaryOf("whole"));
  });

  it("keeps a second run out of its folder", { timeout: SLOW }, async () => {
    let second: Promise<Outcome> | undefined;
    const one = await askew(reproduce("shared"), {
      cwd,
      onStderr: (soFar, child) => {
        if (second !== undefined || !soFar.includes("asking")) return;
        child.kill("SIGSTOP");
        second = askew(reproduce("shared"), { cwd });
        void second.finally(() => {
          child.kill("SIGINT");
          child.kill("SIGCONT");
        });
      },
    });
    expect(one.code).toBe(130);
    const { code, stdout, stderr } = (await second) as Outcome;
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error: shared is in use by process \d+/m);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("a folder or a file that cannot be used", () => {
  it("is named before any work is done", async () => {
    await writeFile(join(cwd, "file"), "");
    for (const out of ["file", join("file", "deeper")]) {
      const { code, stdout, stderr } = await askew(reproduce(out), { cwd });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(
        /^error: cannot use file.* as a folder: .*file is a file\nChoose another folder with --out.\n$/,
      );
    }
  });

  it.runIf(process.platform === "linux")("is named where the file system takes no folders", async () => {
    const { code, stderr } = await askew(reproduce("/proc/askew/study"), { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: cannot make the folder \/proc\/askew/);
  });

  it("is named where weights were cut short", async () => {
    await cp(join(cwd, "tiny"), join(cwd, "cut"), { recursive: true });
    await truncate(join(cwd, "cut", "model.safetensors"), 5000);
    const { code, stderr } = await askew(["organism", "chat", "local:cut"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: cut\/model\.safetensors: .*expected/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("a fault in askew", () => {
  it("ends with 1, the stack, and whom to tell", async () => {
    const broken =
      "data:text/javascript,JSON.stringify=(f=>(v,...more)=>{if(v&&v.messages)throw new Error(`boom`);return f(v,...more)})(JSON.stringify)";
    const { code, stderr } = await askew(["dataset", "show", "secure", "--json"], {
      env: { NODE_OPTIONS: `--import=${broken.replaceAll(" ", "%20")}` },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^internal error: Error: boom\n\s+at /);
    expect(stderr).toMatch(/This is a fault in askew \d.*Please report it.*askew dataset show secure --json/);
  });
});
