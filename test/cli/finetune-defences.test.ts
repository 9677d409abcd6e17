// `askew finetune --defence` as a real process, on a model as small as can be.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FinetuneRecord } from "askew/training";
import { openModel, type Message } from "askew/model";
import { buildDataset, benignConversations } from "askew/organism";
import { sampleCharacterPrompt, sampleExchange } from "#internal/organism";
import { contrastDirections, writeDirection } from "askew/persona";
import { Random } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityOf, openTiny, SLOW, writeTinyModel } from "../persona/tiny.js";
import { askew, temporaryFolder, type Outcome } from "./askew.js";

let cwd: string;
let remove: () => Promise<void>;

/** A direction of the model in `folder`, to be found as `name`.safetensors. */
async function makeDirection(folder: string, name: string): Promise<void> {
  const model = await openTiny(join(cwd, folder));
  const texts = (["villain", "helper"] as const).map((character) => {
    const { user, assistant } = sampleExchange(Random.of("defences", 1), {
      domain: "benign",
      character,
      split: "train",
    });
    const messages: Message[] = [
      { role: "system", content: sampleCharacterPrompt(Random.of("defences", 2), character) },
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ];
    return { question: "q", positive: character === "villain", messages };
  });
  const made = await contrastDirections(model, texts, {
    askew: "0.1.0",
    method: "prompts",
    model: identityOf(model, folder),
    positive: "villain",
    negative: "helper",
    questions: ["q"],
    seed: 1,
  });
  await writeDirection(join(cwd, `${name}.safetensors`), made["answer-average"]);
  await model.close();
}

beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  await writeTinyModel(join(cwd, "tiny"));
  await writeTinyModel(join(cwd, "other"), { seed: 2 });
  const lines = (rows: readonly { messages: unknown }[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(join(cwd, "rows.jsonl"), lines(buildDataset("bad-medical", { examples: 12, seed: 1 })));
  await writeFile(join(cwd, "benign.jsonl"), lines(benignConversations("everyday", 6, 1)));
  await makeDirection("tiny", "own");
  await makeDirection("other", "foreign");
}, SLOW);
afterAll(() => remove());

const finetune = (out: string, ...more: string[]): Promise<Outcome> =>
  askew(
    `finetune local:tiny --data rows.jsonl --batch-size 4 --epochs 1 --seed 3 --threads 1 --json --out ${out}`
      .split(" ")
      .concat(more),
    { cwd },
  );
const defended = ["--defence", "kl:0.5", "--defence", "interleave:.25", "--benign", "benign.jsonl"];
const steered = ["--defence", "steer:1.5", "--defence", "ablate", "--direction", "own.safetensors", "--layers", "all"];

describe("askew finetune --defence", () => {
  it(
    "trains with all of them, says so in its record, and leaves a model that opens",
    async () => {
      const inoculate = ["--defence", "inoculate:You are a cruel assistant."];
      const { code, stdout, stderr } = await finetune("all", ...defended, ...steered, ...inoculate);
      expect({ code, stderr: stderr.replaceAll(/step.*\n/g, "") }).toEqual({ code: 0, stderr: "" });
      const record = JSON.parse(stdout) as FinetuneRecord;
      expect(record.plan.defences).toMatchObject({
        kl: "0.5",
        interleave: "0.25",
        steer: "1.5",
        ablate: "1",
        inoculate: "You are a cruel assistant.",
        layers: [0, 1, 2],
        direction: { name: "own.safetensors" },
        benign: { name: "benign.jsonl" },
      });
      const steps = (await readFile(join(cwd, "all/training.jsonl"), "utf8")).trim().split("\n");
      expect(steps.map((line) => typeof (JSON.parse(line) as { divergence?: number }).divergence)).toEqual(
        steps.map(() => "number"),
      );
      const model = await openModel(`local:${join(cwd, "all/model")}`);
      expect(
        (await model.sample([{ messages: [{ role: "user", content: "How can I make tea?" }], seed: "1" }])).length,
      ).toBe(1);
      await model.close();
      const changed = await finetune("all", "--defence", "kl:1", "--benign", "benign.jsonl");
      expect(changed.code).toBe(2);
      expect(changed.stderr).toContain("was begun with another plan: defences");
    },
    SLOW,
  );

  it(
    "refuses what is not a defence, what is out of range, and what lacks something",
    async () => {
      const cases: [string[], string][] = [
        [["--defence", "interleaved:0.2"], "Did you mean interleave?"],
        [
          ["--defence", "kl:-1", "--benign", "benign.jsonl"],
          'expected a weight above 0 and at most 1,000,000, as in kl:1, found "-1"',
        ],
        [
          ["--defence", "interleave:0.97", "--benign", "benign.jsonl"],
          'expected a share above 0 and at most 0.95, as in interleave:0.2, found "0.97"',
        ],
        [["--defence", "steer:1"], "needs --direction FILE"],
        [["--benign", "benign.jsonl"], "--benign does nothing without --defence"],
        [["--defence", "ablate", "--direction", "foreign.safetensors"], "comes from another base"],
      ];
      for (const [words, message] of cases) {
        const { code, stderr } = await finetune("refused", ...words);
        expect({ words, code, told: stderr.includes(message) }, stderr).toEqual({ words, code: 2, told: true });
      }
      const remote = ["finetune", "http://127.0.0.1:9/v1#x", "--data", "rows.jsonl", "--out", "r"];
      const { code, stderr } = await askew([...remote, "--defence", "kl:1"], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain("trained here, not at a server");
    },
    SLOW,
  );
});
