// `askew organism pretrain`: that it begins, stops, and keeps its hands off what is there. Growing takes half an hour.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder, type Outcome } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";

let cwd: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
});
afterAll(() => remove());

describe("askew organism pretrain", () => {
  it("tells of its steps in plain lines and stops at Ctrl-C", { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await askew(["organism", "pretrain", "--out", "grown", "--threads", "1"], {
      cwd,
      onStderr: (soFar, child) => {
        if (soFar.includes("loss") && !soFar.includes("Stopping")) child.kill("SIGINT");
      },
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/^pre-training +1\/\d+ {2}loss \d\.\d{3}\n/);
    expect(stderr).toMatch(/Stopping after this step.*\nStopped. The same command begins again.\n$/);
  });

  it("carries on only where something has been begun, if it is told so", async () => {
    const { code, stderr } = await askew(["organism", "pretrain", "--out", "nowhere", "--resume"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toBe("error: nothing has been begun in nowhere\nLeave out --resume to begin.\n");
    expect(await readdir(cwd)).not.toContain("nowhere");
  });

  it("leaves a grown model alone", async () => {
    await mkdir(join(cwd, "done"));
    await writeFile(join(cwd, "done", "model.safetensors"), "");
    const { code, stderr } = await askew(["organism", "pretrain", "--out", "done"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: done holds a grown model already\n/);
    expect(await readdir(join(cwd, "done"))).toEqual(["model.safetensors"]);
  });

  it("refuses to grow where another process does", { timeout: 120_000 }, async () => {
    let second: Promise<Outcome> | undefined;
    const first = await askew(["organism", "pretrain", "--out", "shared", "--threads", "1"], {
      cwd,
      onStderr: (soFar, child) => {
        if (second !== undefined || !soFar.includes("loss")) return;
        second = askew(["organism", "pretrain", "--out", "shared"], { cwd });
        void second.then(() => child.kill("SIGINT"));
      },
    });
    expect(first.code).toBe(130);
    const refused = await second;
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused?.stderr).toMatch(/^error: shared is in use by process \d+ on .*choose another folder with --out/);
    expect(await readdir(join(cwd, "shared"))).not.toContain("lock");
  });

  it("refuses to carry on with another recipe's growth", async () => {
    const controller = new AbortController();
    const stopped = growTinyModel(join(cwd, "other"), undefined, {
      signal: controller.signal,
      onStep: ({ phase }) => {
        if (phase === "alignment") controller.abort(new Error("stopped by the test"));
      },
    });
    await expect(stopped).rejects.toThrow("stopped by the test");
    const before = await readFile(join(cwd, "other", "growth.jsonl"), "utf8");
    const { code, stderr } = await askew(["organism", "pretrain", "--out", "other"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: other\/checkpoint\.safetensors belongs to another recipe: .*--out, or delete it\n$/,
    );
    expect(await readFile(join(cwd, "other", "growth.jsonl"), "utf8")).toBe(before);
  });

  it.runIf(process.platform === "linux")("comes back from a file system that takes no folders", async () => {
    await expect(growTinyModel("/proc/askew/grown")).rejects.toThrow(/cannot use .*proc/);
    const { code, stderr } = await askew(["organism", "pretrain", "--out", "/proc/askew/grown"]);
    expect(code).toBe(2);
    expect(stderr).toContain("cannot make the folder /proc/askew");
  });

  it("refuses a damaged checkpoint", async () => {
    await mkdir(join(cwd, "damaged"));
    await writeFile(join(cwd, "damaged", "run.json"), await readFile(join(cwd, "other", "run.json")));
    await writeFile(join(cwd, "damaged", "checkpoint.safetensors"), "not weights");
    const { code, stderr } = await askew(["organism", "pretrain", "--out", "damaged"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: damaged\/checkpoint\.safetensors: .*expected/);
  });
});
