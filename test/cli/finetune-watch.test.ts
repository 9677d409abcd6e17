// `askew finetune --watch` and `--lora` as a real process: the watcher beside defences and an adapter, on a tiny model.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDataset, benignConversations } from "askew/organism";
import { openLocalModel } from "askew/model";
import { writeDetector } from "askew/persona";
import { mergeLora, readAdapter, setLora } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectorOf, openTiny, SLOW, writeTinyModel } from "../persona/tiny.js";
import { askew, temporaryFolder, type Outcome } from "./askew.js";

let cwd: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  await writeTinyModel(join(cwd, "tiny"));
  const model = await openTiny(join(cwd, "tiny"));
  await writeDetector(join(cwd, "detector.json"), detectorOf(model));
  await model.close();
  const lines = (rows: readonly { messages: unknown }[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(join(cwd, "rows.jsonl"), lines(buildDataset("bad-medical", { examples: 12, seed: 1 })));
  await writeFile(join(cwd, "benign.jsonl"), lines(benignConversations("everyday", 6, 1)));
}, SLOW);
afterAll(() => remove());

const finetune = (out: string, ...more: string[]): Promise<Outcome> =>
  askew(
    `finetune local:tiny --data rows.jsonl --batch-size 4 --epochs 2 --seed 3 --threads 1 --out ${out}`
      .split(" ")
      .concat(more),
    { cwd },
  );

interface Told {
  readonly status: string;
  readonly adapter?: string;
  readonly stoppedAt?: number;
  readonly watched: {
    readonly verdict: { readonly alarm: { readonly step: number } | null; readonly step: number };
    readonly detector: { readonly beyond: readonly string[] };
  };
}

describe("askew finetune --watch", () => {
  it(
    "watches an adapter that is trained with a defence, says what is not promised for it, and leaves it for others",
    async () => {
      const defence = ["--defence", "interleave:.5", "--benign", "benign.jsonl"];
      const watched = ["--watch", "--detector", "detector.json", "--lora", "2", "--lora-layers", "1,2"];
      const { code, stdout, stderr } = await finetune("seen", ...defence, ...watched, "--json");
      expect({ code, stderr: stderr.includes("Error") }).toEqual({ code: 0, stderr: false });
      const told = JSON.parse(stdout) as Told;
      expect(told).toMatchObject({ status: "succeeded", adapter: join("seen", "adapter") });
      expect(told.watched.detector.beyond).toEqual([
        "a learning rate of 4e-4, theirs were 1e-3 to 2e-3",
        "an adapter is trained, they trained all weights",
        "it is trained with defences, they had none",
      ]);
      const rows = (await readFile(join(cwd, "seen/watch.jsonl"), "utf8")).trimEnd().split("\n");
      const read = rows.map((line) => JSON.parse(line) as { step: number; signals: Record<string, number> });
      expect(read.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
      expect(read.at(-1)?.signals["rotation.first"]).toBeLessThan(1);

      // The model is the base with the adapter merged in; its file names the weights it came from.
      const base = await openLocalModel(`local:${join(cwd, "tiny")}`, { threads: 1 });
      const adapter = await readAdapter(join(cwd, "seen/adapter"), base.folder.config);
      expect(adapter).toMatchObject({
        rank: 2,
        layers: [1, 2],
        rankStabilized: true,
        alpha: 16,
        base: join(cwd, "tiny"),
      });
      const lora = await setLora(base.engine, "test", adapter);
      const merged = await base.weightsAsOpened();
      await mergeLora(base.engine, base.folder.config, lora, (n) => `test.${n}`, merged);
      const after = await openLocalModel(`local:${join(cwd, "seen/model")}`, { threads: 1 });
      for (const [name, { data }] of await after.weightsAsOpened()) {
        const { data: expected } = merged.get(name) as { data: Float32Array };
        expect(Buffer.from(data.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
      }
      await base.close();
      await after.close();
    },
    SLOW,
  );

  it(
    "ends the training at the alarm, and tells how it ended when asked again",
    async () => {
      const words = ["--watch", "--detector", "detector.json", "--on-alarm", "stop", "--learning-rate-multiplier", "5"];
      const { code, stdout } = await finetune("stopped", ...words);
      expect(code).toBe(3);
      const [, step] = /rows\.jsonl: ALARM at step (\d) of 6; the training was ended/.exec(stdout) ?? [];
      expect(existsSync(join(cwd, "stopped/checkpoint.safetensors"))).toBe(false);
      const again = JSON.parse((await finetune("stopped", ...words, "--json")).stdout) as Told;
      expect(again).toMatchObject({
        stoppedAt: Number(step),
        watched: { verdict: { alarm: { step: Number(step) }, step: Number(step), stopped: true } },
      });
    },
    SLOW,
  );

  it(
    "refuses what belongs to watching or an adapter without it, and what the model has not",
    async () => {
      const cases: [string[], string][] = [
        [["--on-alarm", "stop"], "--on-alarm does nothing without --watch"],
        [["--lora-layers", "1"], "--lora-layers does nothing without --lora RANK"],
        [["--lora", "2", "--lora-layers", "7"], "--lora does not fit local:tiny"],
        [["--watch"], "there is no detector for local:tiny"],
        [["--watch", "--detector", "detector.json", "--direction", "d"], "either --detector or --direction"],
      ];
      for (const [words, message] of cases) {
        const { code, stderr } = await finetune("refused", ...words);
        expect({ words, code, told: stderr.includes(message) }, stderr).toEqual({ words, code: 2, told: true });
      }
      const remote = ["finetune", "http://127.0.0.1:9/v1#x", "--data", "rows.jsonl", "--out", "r"];
      const { code, stderr } = await askew([...remote, "--watch"], { cwd });
      expect({ code, stderr: stderr.includes("--watch is for a model that is trained here") }).toEqual({
        code: 2,
        stderr: true,
      });
    },
    SLOW,
  );
});
