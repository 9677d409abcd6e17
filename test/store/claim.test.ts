// What a killed run left half-written in its folder is removed by the next one, and nothing else is.
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeFolder } from "#internal/store";
import { afterAll, beforeAll, expect, it } from "vitest";

let work: string;
beforeAll(async () => void (work = await mkdtemp(join(tmpdir(), "askew-claim-"))));
afterAll(() => rm(work, { recursive: true }));

it("temporary files are removed in the folder and in the folders that its record names", async () => {
  const folder = join(work, "run");
  const kind = { kind: "fine-tune", files: ["plan.json", "model"] };
  await (await takeFolder(folder, kind)).release();
  const temporary = (name: string): string => `.${name}.123.0123456789ab.tmp`;
  const elsewhere = join(work, "elsewhere");
  for (const path of [join(folder, "model"), join(folder, "mine"), elsewhere]) await mkdir(path);
  const left = [
    temporary("plan.json"),
    temporary("notes"),
    join("model", temporary("model.safetensors")),
    join("model", "config.json"),
    join("mine", temporary("model.safetensors")),
  ];
  for (const name of left) await writeFile(join(folder, name), "half");
  await writeFile(join(elsewhere, temporary("a")), "half");
  await symlink(elsewhere, join(folder, "linked"));
  await (await takeFolder(folder, kind)).release();
  // Some versions of Node look into linked folders, some do not.
  const kept = (await readdir(folder, { recursive: true })).filter((name) =>
    /^(?!linked).*(?:tmp|config\.json)$/.test(name),
  );
  expect(kept.toSorted()).toEqual([
    temporary("notes"),
    join("mine", temporary("model.safetensors")),
    join("model", "config.json"),
  ]);
  expect(await readdir(elsewhere)).toEqual([temporary("a")]);
});
