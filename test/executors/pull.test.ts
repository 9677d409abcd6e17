// `askew pull`: finished cells from a folder, and from another machine, which is this one by another way.
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder, type Outcome } from "../cli/askew.js";
import { growTinyModel } from "../cli/tiny-model.js";

const SLOW = 120_000;
const hasRsync = spawnSync("rsync", ["--version"]).status === 0;
if (!hasRsync) console.log("tests of askew pull: skip, there is no rsync");

let cwd: string;
let remove: () => Promise<void>;
const at = (...parts: string[]): string => join(cwd, ...parts);
const read = (...parts: string[]): Promise<Buffer> => readFile(at(...parts));
const pull = (...words: string[]): Promise<Outcome> =>
  askew(["pull", ...words], { cwd, env: { PATH: `${at("bin")}:${process.env["PATH"]}` } });

const study = (seeds: number): string => `study: small
models: ["local:tiny"]
conditions: [base, insecure]
seeds: ${seeds}
training: { examples: 32, batch_size: 8 }
questions: { main: 1 }
`;

describe.runIf(hasRsync)("askew pull", () => {
  beforeAll(async () => {
    ({ path: cwd, remove } = await temporaryFolder());
    await growTinyModel(at("tiny"));
    await writeFile(at("one.yaml"), study(1));
    const made = await askew(["study", "one.yaml", "--out", "there", "--threads", "1"], { cwd });
    if (made.code !== 0) throw new Error(made.stderr);
    // An ssh that leads back to this machine: it leaves its options and the host out.
    await mkdir(at("bin"));
    await writeFile(
      at("bin/ssh"),
      '#!/bin/sh\nwhile [ "$1" = -o ] || [ "$1" = -l ]; do shift 2; done\necho "$1" >>"$0.hosts"\nshift\nexec sh -c "$*"\n',
      { mode: 0o755 },
    );
  }, SLOW);
  afterAll(() => remove());

  it(
    "brings what is finished, sums it up, and brings nothing twice",
    async () => {
      const first = await pull("there", "here", "--json");
      expect(first.code, first.stderr).toBe(0);
      expect(JSON.parse(first.stdout)).toMatchObject({
        kind: "pulled",
        taken: ["base-1", "insecure-1"],
        finished: 2,
        cells: 2,
      });
      const files = [
        "summary.json",
        "study.json",
        "cells/insecure-1/weights.safetensors",
        "cells/insecure-1/answers.jsonl",
      ];
      for (const file of files) expect((await read("here", file)).equals(await read("there", file)), file).toBe(true);
      expect((await readdir(cwd)).filter((name) => name.startsWith(".askew"))).toEqual([]);
      expect((await pull("there", "here")).stdout).toMatch(/^0 cells came; 2 of 2 are finished in here\.\n/);
      // What came is a study as any other: the same command finds nothing to do.
      const again = await askew(["study", "one.yaml", "--out", "here", "--threads", "1"], { cwd });
      expect(again.code, again.stderr).toBe(0);
    },
    SLOW,
  );

  it(
    "brings it from a host over ssh, without weights, leaving out what is open, torn, linked or locked",
    async () => {
      await writeFile(at("two.yaml"), study(2));
      expect((await askew(["study", "two.yaml", "--out", "more", "--threads", "1"], { cwd })).code).toBe(0);
      const judgments = at("more/cells/base-2/judgments.jsonl");
      const whole = await readFile(judgments, "utf8");
      await writeFile(judgments, whole.slice(0, whole.length / 2));
      await writeFile(at("secret"), "{}\n");
      const answers = at("more/cells/insecure-2/answers.jsonl");
      await rm(answers);
      await symlink(at("secret"), answers);
      const came = await pull(`me@host.example:${at("more")}`, "far", "--no-weights", "--json");
      expect(came.code, came.stderr).toBe(0);
      expect(JSON.parse(came.stdout)).toMatchObject({ taken: ["base-1", "insecure-1"], finished: 2, cells: 4 });
      expect(await read("bin/ssh.hosts").then(String)).toMatch(/^host\.example\n/);
      expect(await readdir(at("far/cells/insecure-1"))).not.toContain("weights.safetensors");
      expect(JSON.parse(String(await read("far/run.json")))).toMatchObject({ status: "open" });
      expect((await askew(["score", "far"], { cwd })).code).toBe(0);
    },
    SLOW,
  );

  it("refuses another study's folder, a place without a study, and a host that is none", async () => {
    await writeFile(at("other.yaml"), study(1).replace("questions: { main: 1 }", "questions: { main: 2 }"));
    await askew(["study", "other.yaml", "--out", "other", "--threads", "1"], { cwd });
    const mixed = await pull("there", "other");
    expect([mixed.code, mixed.stderr.includes("was begun with another plan")]).toEqual([2, true]);
    await mkdir(at("bare"));
    const none = await pull("bare", "elsewhere");
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining("expected a study, a run, or a folder with runs in it"),
    ]);
    expect(await readdir(cwd)).not.toContain("elsewhere");
    const flag = await pull("-oProxyCommand=x:dir", "elsewhere");
    expect(flag.code).toBe(2);
    expect((await pull("nowhere", "elsewhere")).stderr).toMatch(/askew pull: rsync failed: .*No such file/);
  });
});
