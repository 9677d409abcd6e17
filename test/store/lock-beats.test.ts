// Claims of processes on other hosts: nobody can look whether they live, so they beat.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { holderOf, lockFolder } from "#internal/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const TIMES = { beat: 40, silence: 600 };
const beatOf = (count: number): string => String(count).padStart(12, "0");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const claim = (beat?: number) =>
  JSON.stringify({
    pid: 7,
    host: "another.example",
    since: "2026-01-01T00:00:00.000Z",
    ...(beat !== undefined && { beat: beatOf(beat) }),
  });
async function theirs(beat?: number): Promise<string> {
  await mkdir(join(folder, "lock"), { recursive: true });
  const path = join(folder, "lock", "7-0123456789ab.json");
  await writeFile(path, claim(beat));
  return path;
}

describe("a claim of another host", () => {
  it("holds as long as it beats, wherever its clock stands", async () => {
    const path = await theirs(1);
    let count = 1;
    const timer = setInterval(() => void writeFile(path, claim(++count)), TIMES.beat);
    await expect(lockFolder(folder, "--out", TIMES)).rejects.toThrow(/in use by process 7 on another\.example/);
    clearInterval(timer);
  });

  it("does not hold once it has stood still, and is removed", async () => {
    const path = await theirs(5);
    const began = performance.now();
    const lock = await lockFolder(folder, "--out", TIMES);
    expect(performance.now() - began).toBeGreaterThan(TIMES.silence * 0.9);
    expect(await readdir(join(folder, "lock"))).not.toContain(path);
    expect(await readdir(join(folder, "lock"))).toHaveLength(1);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("holds for good without a beat, as those of older versions", async () => {
    await theirs();
    await expect(lockFolder(folder, "--out", TIMES)).rejects.toThrow("another.example");
  });

  it("is shown as the holder's", async () => {
    expect(await holderOf(folder)).toBeUndefined();
    await theirs(1);
    expect(await holderOf(folder)).toMatchObject({ pid: 7, host: "another.example" });
  });
});

describe("an own claim", () => {
  it("beats in place, whole at every moment, and goes with the lock", async () => {
    const lock = await lockFolder(folder, "--out", TIMES);
    const [name = ""] = await readdir(join(folder, "lock"));
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) {
      seen.add((JSON.parse(await readFile(join(folder, "lock", name), "utf8")) as { beat: string }).beat);
      await sleep(5);
    }
    expect(seen.size).toBeGreaterThan(2);
    lock.assertHeld();
    await lock.release();
    await sleep(3 * TIMES.beat);
    expect(await readdir(folder)).toEqual([]);
  });

  it("that somebody took for a dead one's stops its holder, and is not made anew", async () => {
    const lock = await lockFolder(folder, "--out", TIMES);
    const [name = ""] = await readdir(join(folder, "lock"));
    await rm(join(folder, "lock", name));
    await sleep(4 * TIMES.beat);
    expect(() => lock.assertHeld()).toThrow(/was taken by another process/);
    expect(await readdir(join(folder, "lock"))).toEqual([]);
    await lock.release();
  });
});
