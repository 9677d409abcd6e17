// What `askew torch` says and does, with stand-ins for the tools that would fetch gigabytes.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askew } from "../cli/askew.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-setup-"));
  await mkdir(join(folder, "bin"));
});
afterEach(() => rm(folder, { recursive: true }));

async function tool(name: string, text: string): Promise<void> {
  const path = join(folder, "bin", name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}

/** A Python that is none: it greets as the worker does, and tells of one GPU. */
const fake = fileURLToPath(new URL("fake-worker.mjs", import.meta.url));
const python = `exec '${process.execPath}' '${fake}' check`;
const environment = () => ({
  PATH: join(folder, "bin"),
  ASKEW_TORCH_HOME: join(folder, "home"),
  ASKEW_PYTHON: "",
  ASKEW_TORCH_COMMAND: "",
});

describe("askew torch setup", () => {
  it("makes an environment with uv, with pinned versions, and says what is there then", async () => {
    const log = join(folder, "log");
    await tool("real-python", python);
    const made = `'${join(folder, "home", "venv", "bin")}'`;
    await tool(
      "uv",
      `echo uv "$@" >> '${log}'\nif [ "$1" = venv ]; then /bin/mkdir -p ${made} && /bin/cp '${join(folder, "bin", "real-python")}' ${made}/python; fi`,
    );
    const { code, stdout, stderr } = await askew(["torch", "setup", "--cpu"], { env: environment() });
    expect(stderr).toContain("$ uv venv");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^PyTorch +2\.13\.0, CUDA 13\.0$[^]*^cuda:0 +A GPU, 70\.0 GB free of 80\.0 GB, bfloat16$/m,
      ) as string,
    });
    const own = join(folder, "home", "venv", "bin", "python");
    expect((await readFile(log, "utf8")).trimEnd().split("\n")).toEqual([
      `uv venv --allow-existing ${join(folder, "home", "venv")}`,
      `uv pip install --python ${own} --index-url https://download.pytorch.org/whl/cpu torch==2.13.0`,
      `uv pip install --python ${own} transformers==5.23.0 peft==0.21.2 safetensors==0.8.0 accelerate==1.15.0`,
    ]);
    // The environment is found from now on.
    const checked = await askew(["torch", "check", "--json"], { env: environment() });
    expect(JSON.parse(checked.stdout)).toMatchObject({ kind: "torch", torch: "2.13.0", devices: [{ name: "cuda:0" }] });
  });

  it("does with Python's own tools where there is no uv, and tells the command that failed", async () => {
    const { stdout } = await askew(["torch", "setup", "--dry-run", "--python", "python3.12"], { env: environment() });
    const own = join(folder, "home", "venv", "bin", "python");
    expect(stdout.trimEnd().split("\n")).toEqual([
      `python3.12 -m venv ${join(folder, "home", "venv")}`,
      `${own} -m pip install --disable-pip-version-check torch==2.13.0`,
      `${own} -m pip install --disable-pip-version-check transformers==5.23.0 peft==0.21.2 safetensors==0.8.0 accelerate==1.15.0`,
    ]);
    await tool("python3", "echo 'ensurepip is not available' >&2; exit 1");
    const failed = await askew(["torch", "setup"], { env: environment() });
    expect(failed.code).toBe(2);
    expect(failed.stderr).toContain("ensurepip is not available");
    expect(failed.stderr).toContain(`setting up failed: python3 -m venv ${join(folder, "home", "venv")} ended with 1`);
    expect(failed.stderr).toContain("python3-venv");
  });
});

describe("where there is no Python", () => {
  it.each([
    ["askew torch check", ["torch", "check"]],
    ["a command with a torch: model", ["ask", "torch:model", "--questions", "development", "--out", "answers.jsonl"]],
  ])("%s says how to get it", async (_what, words) => {
    const { code, stderr } = await askew(words, { env: environment(), cwd: folder });
    expect(stderr).toContain("python3: there is no such command. torch: models need Python with PyTorch");
    expect(stderr).toContain("askew torch setup");
    expect(stderr).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
  });
});
