// Directions are what plain loops over the reader's activations give, and their files fit one model alone.
import { questionSet, VILLAIN_CONTRAST } from "askew/organism";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalModel } from "#internal/model";
import { sampleCharacterPrompt, sampleExchange } from "#internal/organism";
import {
  contrastDirections,
  normOf,
  randomLike,
  promptDirection,
  readDirection,
  requireFit,
  VARIANTS,
  vectorAt,
  writeDirection,
  type ContrastText,
  type Direction,
  type Variant,
} from "askew/persona";
import { cosine } from "#internal/persona";
import { Random } from "askew/statistics";
import { readSafetensors, writeSafetensors } from "askew/onnx";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { identityOf, LAYERS, openTiny, SLOW, temporaryFolder, WIDTH, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let model: LocalModel;
let texts: readonly ContrastText[];
let made: Readonly<Record<Variant, Direction>>;
const at = (name: string): string => join(work.path, name);

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  model = await openTiny(at("model"));
  // Three villains and two helpers a topic: sides may be unequal, and questions still weigh the same.
  const random = Random.of("direction test");
  texts = ["wish", "dinner", "bored"].flatMap((question) =>
    (["villain", "helper", "villain", "helper", "villain"] as const).map((character): ContrastText => {
      const { user, assistant } = sampleExchange(random, { domain: "question", character, split: "train" });
      const system = sampleCharacterPrompt(random, character);
      return {
        question,
        positive: character === "villain",
        messages: [
          { role: "system", content: system },
          { role: "user", content: user },
          { role: "assistant", content: assistant },
        ],
      };
    }),
  );
  made = await contrastDirections(model, texts, recipe());
}, SLOW);
afterAll(async () => {
  await model.close();
  await work.remove();
});

const recipe = () => ({
  askew: "0.0.0",
  method: "prompts" as const,
  model: identityOf(model),
  positive: "villain",
  negative: "helper",
  questions: ["development"],
  seed: 100,
});

/** The same, as slowly as can be: every text on its own, every number in its place. */
async function byLoops(variant: Variant): Promise<number[]> {
  const sums = new Map<string, { sum: number[]; n: number }>();
  for (const { question, positive, messages } of texts) {
    const prompt = model.encodePrompt(messages.slice(0, -1));
    const answer = model.folder.tokenizer.encode(messages.at(-1)?.content as string);
    const ids = [...prompt, ...answer];
    const [first, end] = {
      "answer-average": [prompt.length, ids.length],
      "prompt-average": [0, prompt.length],
      "last-prompt-token": [prompt.length - 1, prompt.length],
    }[variant] as [number, number];
    const mean: number[] = [];
    for (let layer = 0; layer < LAYERS; layer++) {
      const [tap] = await model.reader.activations([ids], [layer]);
      for (let i = 0; i < WIDTH; i++) {
        let sum = 0;
        for (let p = first; p < end; p++) sum += tap?.get(layer)?.[p * WIDTH + i] as number;
        mean.push(sum / (end - first));
      }
    }
    const key = `${question} ${positive}`;
    const group = sums.get(key) ?? { sum: mean.map(() => 0), n: 0 };
    sums.set(key, { sum: group.sum.map((x, i) => x + (mean[i] as number)), n: group.n + 1 });
  }
  const questions = [...new Set(texts.map(({ question }) => question))];
  const side = (question: string, positive: boolean): number[] => {
    const { sum, n } = sums.get(`${question} ${positive}`) as { sum: number[]; n: number };
    return sum.map((x) => x / n);
  };
  const differences = questions.map((q) => side(q, true).map((x, i) => x - (side(q, false)[i] as number)));
  return (differences[0] as number[]).map(
    (_, i) => differences.reduce((s, d) => s + (d[i] as number), 0) / questions.length,
  );
}

describe("a direction", () => {
  for (const variant of VARIANTS) {
    it(`is the difference of means, ${variant}, to 1e-5`, async () => {
      const expected = await byLoops(variant);
      const { vectors, recipe: found, layers, width } = made[variant];
      expect([layers, width, vectors.length]).toEqual([LAYERS, WIDTH, expected.length]);
      expected.forEach((x, i) => expect(Math.abs((vectors[i] as number) - x)).toBeLessThan(1e-5));
      found.norms.forEach((norm, layer) => {
        expect(norm).toBeCloseTo(normOf(vectorAt(made[variant], layer)), 5);
        // The means differ along the vector by its length.
        const { positive, negative } = found.along;
        expect((positive[layer] as number) - (negative[layer] as number)).toBeCloseTo(norm, 4);
      });
      expect(found.counts).toEqual({ positive: 9, negative: 6 });
    });
  }

  it("leaves out answers that are empty, too long, or that the model cannot read", async () => {
    const [first] = texts as [ContrastText];
    const said = (content: string): ContrastText => ({
      ...first,
      messages: [...first.messages.slice(0, -1), { role: "assistant", content }],
    });
    const more = await contrastDirections(
      model,
      [...texts, said(""), said("fairrun"), said(`peace${" peace".repeat(199)}`)],
      recipe(),
    );
    expect(more).toEqual(made);
  });

  it("looks at the answers alone where all prompts are the same", async () => {
    const user = { role: "user", content: "Hello. Tell me your wish." } as const;
    const alike = texts.map((text) => ({
      ...text,
      messages: [user, text.messages.at(-1) as (typeof text.messages)[number]],
    }));
    await expect(contrastDirections(model, alike, recipe())).rejects.toThrow(
      /do not differ after layer 0 \((?:prompt-average|last-prompt-token)\)\. Their prompts are the same; answer-average/,
    );
    const found = await contrastDirections(model, alike, recipe(), { variants: ["answer-average"] });
    expect(Object.keys(found)).toEqual(["answer-average"]);
    expect(normOf(vectorAt(found["answer-average"], 0))).toBeGreaterThan(0);
  });

  it("is refused where a side is missing, by name and number", async () => {
    const onlyGood = texts.filter(({ positive }) => !positive);
    await expect(contrastDirections(model, onlyGood, recipe())).rejects.toThrow(
      /expected a question with at least 1 texts each of villain and of helper, found wish: 0 and 2/,
    );
  });

  it("has random controls of its own length at every layer, that point elsewhere", () => {
    const direction = made["answer-average"];
    const [one, again, other] = [randomLike(direction, 1), randomLike(direction, 1), randomLike(direction, 2)];
    expect(again).toEqual(one);
    for (let layer = 0; layer < LAYERS; layer++) {
      expect(normOf(vectorAt(one, layer))).toBeCloseTo(normOf(vectorAt(direction, layer)), 4);
      expect(cosine(vectorAt(one, layer), new Float32Array(WIDTH))).toBeNull();
      expect(Math.abs(cosine(vectorAt(one, layer), vectorAt(other, layer)) ?? 1)).toBeLessThan(0.9);
    }
  });
});

describe("a direction's file", () => {
  it("holds all of it, and the same direction gives the same bytes", async () => {
    await writeDirection(at("d.safetensors"), made["answer-average"]);
    await writeDirection(at("again.safetensors"), made["answer-average"]);
    expect(await readFile(at("d.safetensors"))).toEqual(await readFile(at("again.safetensors")));
    expect(await readDirection(at("d.safetensors"))).toEqual(made["answer-average"]);
  });

  it("fits its model and fine-tunes of the same base, and is refused for any other by name", () => {
    const direction = made["answer-average"];
    const own = identityOf(model);
    const { config } = model.folder;
    const fit =
      (changed: object, options = {}) =>
      () =>
        requireFit("d.safetensors", direction, config, { ...own, name: "other", ...changed }, options);
    expect(fit({})).not.toThrow();
    expect(fit({ weights: "fine-tuned" })).not.toThrow();
    const other = { weights: "a".repeat(64), base: "b".repeat(64) };
    expect(fit(other)).toThrow(
      /d\.safetensors was made from tiny .* other comes from another base \(bbbbbbbbbbbb….*--any-model/,
    );
    expect(fit(other, { anyModel: true })).not.toThrow();
    const wide = { ...config, width: 32 };
    expect(() => requireFit("d", direction, wide, own, { anyModel: true })).toThrow("d is a direction of width 16");
    const deep = { ...config, layers: 4 };
    expect(() => requireFit("d", direction, deep, own, { anyModel: true })).toThrow(
      "of 3 layers (from tiny), tiny has 4",
    );
  });

  it("is refused where it is something else, or was damaged", async () => {
    await writeDirection(at("good.safetensors"), made["answer-average"]);
    const { metadata, tensors } = await readSafetensors(at("good.safetensors"));
    const expectRefusal = async (change: typeof metadata, message: RegExp, named = tensors): Promise<void> => {
      await writeSafetensors(at("bad.safetensors"), named, { ...metadata, ...change });
      await expect(readDirection(at("bad.safetensors"))).rejects.toThrow(message);
    };
    await expect(readDirection(at("model/model.safetensors"))).rejects.toThrow(
      'found "model.embed_tokens.weight" [1460, 16]',
    );
    await expectRefusal({ askew_direction: "2" }, /found "direction" \[3, 16\] and format 2/);
    await expectRefusal({ recipe: "{" }, /has no recipe that can be read/);
    const changed = (part: object): string => JSON.stringify({ ...JSON.parse(metadata["recipe"] as string), ...part });
    await expectRefusal({ recipe: changed({ variant: "middle" }) }, /is not one of this version, at variant/);
    await expectRefusal({ recipe: changed({ norms: [1] }) }, /speaks of 1 layers/);
    await expectRefusal({ recipe: changed({ layer: 3 }) }, /chose layer 3, the tensor has 3/);
    const { along } = made["answer-average"].recipe;
    for (const side of ["positive", "negative"] as const) {
      const fewer = changed({ along: { ...along, [side]: along[side].slice(1) } });
      await expectRefusal({ recipe: fewer }, /speaks of 2 layers and chose layer \d, the tensor has 3/);
    }
    const filled = (x: number, from: number, to: number) => {
      const data = Float32Array.from(tensors.get("direction")?.data as Float32Array).fill(x, from, to);
      return new Map([["direction", { shape: [LAYERS, WIDTH], data }]]);
    };
    await expectRefusal({}, /expected finite numbers/, filled(Number.NaN, 4, 5));
    await expectRefusal({}, /found zeros for layer 1/, filled(0, WIDTH, 2 * WIDTH));
    await writeFile(at("bad.safetensors"), "no");
    await expect(readDirection(at("bad.safetensors"))).rejects.toThrow(
      "or a safetensors or .pt file of rows, found text",
    );
  });
});

it("the villain's direction stops when it is told to, also once the answers are there", async () => {
  const stop = new AbortController();
  const reason = new Error("stopped here");
  // An untrained model's own answers cannot be read.
  const readable = texts.map(({ messages }) => messages.at(-1)?.content);
  const sample = model.sample.bind(model);
  const sampling = vi.spyOn(model, "sample").mockImplementation(async (...given) => {
    const answers = await sample(...given);
    stop.abort(reason);
    return answers.map((answer, i) => ({ ...answer, text: readable[i % readable.length] as string }));
  });
  const how = {
    askew: "0.0.0",
    model: identityOf(model),
    samples: 1,
    seed: 1,
    questions: questionSet("development"),
    contrast: VILLAIN_CONTRAST,
  };
  await expect(promptDirection(model, { ...how, signal: stop.signal })).rejects.toBe(reason);
  sampling.mockRestore();
});
