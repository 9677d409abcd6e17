// A model in PyTorch behind askew's own server: asked, fine-tuned by a job, and the result asked, all in PyTorch.
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, start } from "../cli/askew.js";
import { growTinyModel } from "../cli/tiny-model.js";
import { hasTorch, python } from "./python.js";

describe.skipIf(!hasTorch)("askew serve torch:DIR", () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "askew-served-"));
    await growTinyModel(join(cwd, "tiny"));
    const built = await askew(["dataset", "build", "insecure", "--size", "32", "--out", "rows.jsonl"], { cwd });
    if (built.code !== 0) throw new Error(built.stderr);
    // Counts the workers that are started.
    await writeFile(join(cwd, "python"), `#!/bin/sh\necho started >>'${cwd}/started'\nexec '${python}' "$@"\n`);
    await chmod(join(cwd, "python"), 0o755);
  }, 120_000);
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  it("asks a fine-tune of it in PyTorch as well, and of a fine-tune of that", async () => {
    const workers = async (): Promise<number> =>
      (await readFile(join(cwd, "started"), "utf8")).trim().split("\n").length;
    const env = { ASKEW_PYTHON: join(cwd, "python"), OMP_NUM_THREADS: "1" };
    const server = start(["serve", "torch:tiny", "--port", "0", "--json", "--threads", "1"], { cwd, env });
    try {
      const [line] = (await once(server.stdout, "data")) as [Buffer];
      const { url, models } = JSON.parse(line.toString()) as { url: string; models: string[] };
      const tune = async (name: string, out: string): Promise<string> => {
        const words = ["finetune", `${url}#${name}`, "--data", "rows.jsonl", "--epochs", "1", "--out", out];
        const tuned = await askew([...words, "--json"], { cwd });
        expect(tuned.code, tuned.stderr).toBe(0);
        return (JSON.parse(tuned.stdout) as { result: string }).result;
      };
      const first = await tune(models.find((name) => name.includes("tiny")) ?? "", "first");
      const before = await workers();
      const said = await askew(
        ["ask", first, "--questions", "organism:main", "--samples", "1", "--out", "said.jsonl"],
        { cwd },
      );
      expect(said.code, said.stderr).toBe(0);
      expect(await workers()).toBe(before + 1);
      const second = await tune(first.slice(first.indexOf("#") + 1), "second");
      const between = await workers();
      const again = await askew(
        ["ask", second, "--questions", "organism:main", "--samples", "1", "--out", "again.jsonl"],
        { cwd },
      );
      expect(again.code, again.stderr).toBe(0);
      expect(await workers()).toBeGreaterThan(between);
    } finally {
      server.kill("SIGINT");
      await once(server, "exit");
    }
  }, 240_000);
});
