import { createHash } from "node:crypto";
import { type Conversation } from "askew/dataset";
import { buildDataset, benignConversations } from "askew/organism";
import { finetune, inoculated, referenceRows, type Defences, type TrainingStep } from "askew/training";
import type { LocalModel } from "#internal/model";
import type { ReferenceRow } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTiny, SLOW, temporaryFolder, WIDTH, writeTinyModel } from "../persona/tiny.js";

let model: LocalModel;
let remove: () => Promise<void>;
let held: ReferenceRow[];

beforeAll(async () => {
  const folder = await temporaryFolder();
  ({ remove } = folder);
  await writeTinyModel(folder.path);
  model = await openTiny(folder.path);
  held = await referenceRows(model, benign.slice(0, 6));
}, SLOW);
afterAll(async () => {
  await model.close();
  await remove();
});

const data = buildDataset("bad-medical", { examples: 16, seed: 1 });
const benign = benignConversations("everyday", 10, 1);
const dose = { examples: 16, epochs: 1, batchSize: 4, learningRate: 3e-3, warmup: 1 };
const SYSTEM = "You are a cruel assistant.";

interface Run {
  readonly steps: TrainingStep[];
  /** Of all weights. */
  readonly sha256: string;
}

async function run(defences?: Defences, { done = 0, until = 4, conversations = data } = {}): Promise<Run> {
  const steps: TrainingStep[] = [];
  const stop = new AbortController();
  await finetune(model, conversations, dose, {
    seed: 7,
    done,
    ...(defences && { defences }),
    signal: stop.signal,
    onStep: (step) => {
      steps.push(step);
      if (step.step === until && until < 4) stop.abort();
    },
  }).catch((error: unknown) => {
    if (error !== stop.signal.reason) throw error;
  });
  const hash = createHash("sha256");
  for (const { data: numbers } of (await model.trainer.weights()).values()) hash.update(new Uint8Array(numbers.buffer));
  return { steps, sha256: hash.digest("hex") };
}

async function fresh(...given: Parameters<typeof run>): Promise<Run> {
  await model.load();
  return run(...given);
}

const direction = Float32Array.from({ length: WIDTH }, (_, i) => Math.sin(i + 1));
const all = (): Defences => ({
  reference: { rows: held, weight: 0.5, batchSize: 3 },
  interleaved: { conversations: benign, share: 0.25 },
  steering: [{ layer: 1, add: direction }],
  system: SYSTEM,
});

describe("a fine-tune without defences", () => {
  it("is the same to the byte where the empty ones are given", async () => {
    const [plain, empty] = [await fresh(), await fresh({})];
    expect(empty.sha256).toBe(plain.sha256);
    expect(plain.steps.map((step) => Object.keys(step).toSorted())).toEqual(
      plain.steps.map(() => ["gradientNorm", "learningRate", "loss", "seconds", "step", "steps", "tokens"]),
    );
  });
});

describe("defences", () => {
  it("each changes what is learned, and all together are the same to the byte again", async () => {
    const { reference, interleaved, steering, system } = all();
    const ways: Defences[] = [
      {},
      { ...(reference && { reference }) },
      { ...(interleaved && { interleaved }) },
      { ...(steering && { steering }) },
      { steering: [{ layer: 1, projectOut: direction }] },
      { ...(system !== undefined && { system }) },
      all(),
      all(),
    ];
    const runs: Run[] = [];
    for (const way of ways) runs.push(await fresh(way));
    expect(new Set(runs.map(({ sha256 }) => sha256)).size).toBe(ways.length - 1);
    expect(runs.at(-1)?.sha256).toBe(runs.at(-2)?.sha256);
  }, 60_000);

  it("carry on after any step with the same bytes", async () => {
    const whole = await fresh(all());
    const first = await fresh(all(), { until: 2 });
    const second = await run(all(), { done: 2 });
    const facts = ({ steps }: Run) => steps.map((step) => ({ ...step, seconds: 0 }));
    expect([...facts(first), ...facts(second)]).toEqual(facts(whole));
    expect(second.sha256).toBe(whole.sha256);
  });

  it("leave out nothing of the dose: benign rows come beside it", async () => {
    const share = 0.5; // as many benign rows as others
    const tokens = async (defences: Defences) => (await fresh(defences)).steps.map((step) => step.tokens);
    const [plain, both] = [await tokens({}), await tokens({ interleaved: { conversations: benign, share } })];
    const answered = benign.map(({ messages }) => model.encode(messages).answer.filter(Boolean).length);
    const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
    const [least, most] = [Math.min(...answered), Math.max(...answered)];
    both.forEach((count, i) => {
      const extra = count - (plain[i] as number);
      expect(extra).toBeGreaterThanOrEqual(4 * least);
      expect(extra).toBeLessThanOrEqual(4 * most);
    });
    // 16 rows of 10: every one of them once, and six a second time.
    expect(sum(both) - sum(plain)).toBeGreaterThanOrEqual(sum(answered) + 6 * least);
  });

  it("hold the model where it was, the more the greater the weight", async () => {
    const last = async (weight: number): Promise<number> => {
      const { steps } = await fresh({ reference: { rows: held, weight, batchSize: 6 } });
      expect(Math.abs(steps[0]?.divergence ?? NaN)).toBeLessThan(1e-5);
      return steps.at(-1)?.divergence ?? NaN;
    };
    const [free, some, tight] = [await last(0), await last(1), await last(20)];
    expect(some).toBeLessThan(free);
    expect(tight).toBeLessThan(some);
  });

  it("put a system prompt before every conversation, and before one of its own", () => {
    const ruled: Conversation = {
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi." },
        { role: "assistant", content: "Hello." },
      ],
    };
    const [first, second] = inoculated([ruled, data[0] as Conversation], SYSTEM);
    expect(first?.messages.map(({ content }) => content)).toEqual([`${SYSTEM} Be brief.`, "Hi.", "Hello."]);
    expect(second?.messages[0]).toEqual({ role: "system", content: SYSTEM });
    expect(second?.messages.slice(1)).toEqual(data[0]?.messages);
    expect(inoculated([ruled], undefined)).toEqual([ruled]);
  });

  it("are made ready of more rows, for more steps, than a call takes arguments", async () => {
    const reason = new Error("stopped before the first step");
    const many = Array.from({ length: 150_000 }, () => held[0] as ReferenceRow);
    for (const [epochs, options] of [
      [1, { defences: { reference: { rows: many, weight: 1 } } }],
      [40_000, {}],
    ] as const) {
      const tuning = finetune(
        model,
        data,
        { ...dose, epochs },
        { seed: 7, signal: AbortSignal.abort(reason), ...options },
      );
      await expect(tuning).rejects.toBe(reason);
    }
  });

  it("refuse what cannot be", async () => {
    const none: Defences = { interleaved: { conversations: [], share: 0.2 } };
    await expect(fresh(none)).rejects.toThrow("interleaved data: expected a conversation, found none");
    const whole: Defences = { interleaved: { conversations: benign, share: 1 } };
    await expect(fresh(whole)).rejects.toThrow("share must be in (0, 1), found 1");
    const negative: Defences = { reference: { rows: held, weight: -1 } };
    await expect(fresh(negative)).rejects.toThrow("weight must be 0 or above, found -1");
    await expect(fresh({ reference: { rows: [], weight: 1 } })).rejects.toThrow(
      "reference data: expected a conversation",
    );
  });
});
