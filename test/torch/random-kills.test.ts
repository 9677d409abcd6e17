// askew and its worker killed at random moments: in a fine-tune, a sampling run, the training of an autoencoder. The same
// command carries on to the same bytes. ASKEW_KILLS=50 kills each so often; it takes about 5 s a kill.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, askewFile } from "../cli/askew.js";
import { growTinyModel } from "../cli/tiny-model.js";
import { hasTorch, python } from "./python.js";

const KILLS = Number(process.env["ASKEW_KILLS"] ?? 1);
const SLOW = 60_000 + KILLS * 120_000;

describe.skipIf(!hasTorch)(`killed ${KILLS} times at random moments`, () => {
  let cwd: string;
  const random = Random.of("random kills", process.env["ASKEW_KILLS_SEED"] ?? "1");
  const env = { ASKEW_PYTHON: python, OMP_NUM_THREADS: "1" };

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "askew-kills-"));
    await growTinyModel(join(cwd, "tiny"));
    const built = await askew(["dataset", "build", "insecure", "--size", "96", "--out", "rows.jsonl"], { cwd });
    if (built.code !== 0) throw new Error(built.stderr);
  }, 120_000);
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  /** Ends the command and its worker at once, as a machine that loses power would. */
  async function killed(words: readonly string[], milliseconds: number): Promise<boolean> {
    const child = spawn(process.execPath, [askewFile, ...words], {
      cwd,
      env: { ...process.env, ...env },
      stdio: "ignore",
      detached: true,
    });
    const exited = once(child, "exit");
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, milliseconds);
    const [, signal] = (await exited) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    return signal === "SIGKILL";
  }

  it.each([
    [
      "a fine-tune",
      (out: string) => [
        "finetune",
        "torch:tiny",
        "--data",
        "rows.jsonl",
        "--epochs",
        "40",
        "--out",
        out,
        "--threads",
        "1",
      ],
      ["model/model.safetensors"],
    ],
    [
      "a sampling run",
      (out: string) => [
        "ask",
        "torch:tiny",
        "--samples",
        "40",
        "--seed",
        "3",
        "--out",
        `${out}.jsonl`,
        "--threads",
        "1",
      ],
      [".jsonl"],
    ],
    [
      "the training of an autoencoder",
      (out: string) =>
        `sae train torch:tiny --data rows.jsonl --layer 0 --size 64 --k 8 --tokens 60000 --documents 20 --out ${out} --threads 1`.split(
          " ",
        ),
      ["sae_weights.safetensors"],
    ],
  ])(
    "%s ends with the same bytes",
    async (what, words, files) => {
      const name = what.replaceAll(" ", "-");
      const began = performance.now();
      const whole = await askew(words(`${name}-whole`), { cwd, env });
      expect(whole.code, whole.stderr).toBe(0);
      const took = performance.now() - began;
      const at = (run: string, file: string): string =>
        join(cwd, file.startsWith(".") ? `${name}-${run}${file}` : join(`${name}-${run}`, file));
      const expectSameBytes = async (): Promise<void> => {
        for (const file of files) {
          expect(textOf(await readFile(at("killed", file)))).toBe(textOf(await readFile(at("whole", file))));
        }
      };
      let kills = 0;
      let ends = 1;
      while (kills < KILLS) {
        // A run that was quicker than its kill has finished, and the next begins anew.
        if (await killed(words(`${name}-killed`), took * (0.2 + 0.75 * random.uniform()))) kills++;
        else {
          await expectSameBytes();
          ends++;
          const left = (await readdir(cwd)).filter((entry) => entry.startsWith(`${name}-killed`));
          for (const entry of left) await rm(join(cwd, entry), { recursive: true });
        }
      }
      const carried = await askew(words(`${name}-killed`), { cwd, env });
      expect(carried.code, carried.stderr).toBe(0);
      await expectSameBytes();
      console.log(`${what}: ${kills} kills, ${ends} runs to their end, each with the same bytes`);
    },
    SLOW,
  );
});

/** Bytes as text, one character each. */
const textOf = (bytes: Buffer): string => bytes.toString("latin1");
