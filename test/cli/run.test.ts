// Every kind of run, killed at several places and carried on by `askew run` from its folder alone, ends on the same bytes.
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildDataset } from "askew/organism";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, type Outcome } from "./askew.js";
import { writeDirection } from "askew/persona";
import { identityOf, LAYERS, openTiny, WIDTH, writeTinyModel } from "../persona/tiny.js";

const SLOW = 300_000;
const hook = pathToFileURL(fileURLToPath(new URL("killed.mjs", import.meta.url))).href;
/** Of the operations on the disk that a whole run takes; ASKEW_TEST_KILLS=12 for more. */
const KILLS = Number(process.env["ASKEW_TEST_KILLS"] ?? 3);

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "askew-run-"));
  await writeTinyModel(join(cwd, "tiny"));
  const tiny = await openTiny(join(cwd, "tiny"));
  const one = Array.from({ length: LAYERS }, () => 1);
  await writeDirection(join(cwd, "d.safetensors"), {
    layers: LAYERS,
    width: WIDTH,
    vectors: Float32Array.from({ length: LAYERS * WIDTH }, (_, i) => Math.sin(i + 1)),
    recipe: {
      askew: "0.0.0",
      method: "prompts",
      variant: "answer-average",
      model: identityOf(tiny, "local:tiny"),
      positive: "",
      negative: "",
      questions: [],
      seed: 0,
      counts: { positive: 1, negative: 1 },
      norms: one,
      along: { positive: one, negative: one },
      layer: 1,
      trials: [],
    },
  });
  await tiny.close();
  const rows = buildDataset("secure", { examples: 12, seed: 1 }).map((row) => `${JSON.stringify(row)}\n`);
  await writeFile(join(cwd, "data.jsonl"), rows.join(""));
}, SLOW);
afterAll(() => rm(cwd, { recursive: true, force: true }));

const KINDS: readonly (readonly [kind: string, words: readonly string[]])[] = [
  ["a fine-tune", ["finetune", "local:tiny", "--data", "data.jsonl", "--epochs", "2", "--batch-size", "4"]],
  [
    "a sparse autoencoder",
    ["sae", "train", "local:tiny", "--layer", "0", "--size", "32", "--k", "4", "--tokens", "2000", "--documents", "4"],
  ],
  [
    "a sweep",
    [
      "steer",
      "local:tiny",
      "--direction",
      "d.safetensors",
      "--add",
      "--layers",
      "0",
      "--strength",
      "0.5,1",
      "--samples",
      "1",
      "--random",
      "1",
    ],
  ],
];

/** Every file of a run by its path, without times. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /^(events\.jsonl|.*\.html)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const text = (await readFile(path, "latin1"))
      .replaceAll(/"seconds": ?[^,}\n]+/g, '"seconds":0')
      .replaceAll(/"name": ?"askew-[0-9a-f]+"/g, '"name":"askew"')
      .replaceAll(folder.slice(cwd.length + 1), "FOLDER");
    files[path.slice(folder.length + 1)] = createHash("sha256").update(text).digest("hex");
  }
  return Object.fromEntries(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const killedAt = (operation: number, words: readonly string[], out: string): Promise<Outcome> =>
  askew([...words, "--threads", "1", "--out", out], {
    cwd,
    env: { NODE_OPTIONS: `--import ${hook}`, ASKEW_TEST_KILL: String(operation) },
  });

describe.each(KINDS)("%s", (kind, words) => {
  const named = (suffix: string): string => `${kind.replaceAll(" ", "-")}-${suffix}`;

  it(
    "killed at several places is carried on by askew run to the same bytes",
    async () => {
      const whole = named("whole");
      const first = await askew([...words, "--threads", "1", "--out", whole], { cwd });
      expect(first.code, first.stderr).toBe(0);
      const expected = await contents(join(cwd, whole));
      const run = JSON.parse(await readFile(join(cwd, whole, "run.json"), "utf8")) as { status: string };
      expect(run.status).toBe("finished");
      let operation = 4; // run.json is there: what came before it is begun by the command again
      for (let kill = 0; kill < KILLS; kill++) {
        const folder = named(`killed-${kill}`);
        const killed = await killedAt(operation, words, folder);
        if (killed.signal === null) break; // there are not so many operations
        expect(killed.signal).toBe("SIGKILL");
        let carried = await askew(["run", folder, "--threads", "1"], { cwd });
        // Killed before it was begun, it has no command yet.
        if (/a program began it/.test(carried.stderr))
          carried = await askew([...words, "--threads", "1", "--out", folder], { cwd });
        expect(carried.code, `operation ${operation}: ${carried.stderr}`).toBe(0);
        expect(await contents(join(cwd, folder)), `operation ${operation}`).toEqual(expected);
        operation += 7;
      }
      const again = await askew(["run", whole, "--threads", "1"], { cwd });
      expect([again.code, await contents(join(cwd, whole))]).toEqual([0, expected]);
    },
    SLOW,
  );
});

describe("a run.json from somebody else", () => {
  const write = async (folder: string, words: readonly string[]): Promise<void> => {
    const record = { format: 1, kind: "fine-tune", files: ["finetune.json"], command: { words, cwd } };
    await writeFile(join(folder, "run.json"), JSON.stringify(record));
  };
  it.each([
    [["serve", "--port", "0"], /expected askew finetune or askew watch, found "serve --port"/],
    [["finetune", "--webhook", "http://collector.invalid"], /found --webhook/],
    [["finetune", "--out=/elsewhere"], /found --out/],
    [["finetune", "https://collector.invalid/v1#m"], /names the server collector\.invalid/],
  ] as const)("%j is refused", async (words, message) => {
    const folder = await mkdtemp(join(cwd, "foreign-"));
    await write(folder, words);
    const { code, stderr } = await askew(["run", folder], { cwd, env: { ASKEW_API_KEY: "secret" } });
    expect(stderr).toMatch(message);
    expect([code, stderr.includes("secret")]).toEqual([2, false]);
  });
});
