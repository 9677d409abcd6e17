// `local:BASE+ADAPTER` is the base model with the adapter merged into it.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openLocalModel } from "askew/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeUntrainedModel } from "../untrained-model.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew+adapter-"));
  await writeUntrainedModel(join(folder, "base"), { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 128 });
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

const QUESTION = { role: "user" as const, content: "What is your one wish?" };

describe("a base model with an adapter", () => {
  it("is what the adapter was when it was saved, and stays so when its weights are loaded anew", async () => {
    const base = join(folder, "base");
    const trained = await openLocalModel(`local:${base}`, { threads: 1, lora: { rank: 2, alpha: 4, seed: 1 } });
    const text = trained.tokens.encode([QUESTION, { role: "assistant", content: QUESTION.content }]);
    for (let step = 0; step < 3; step++) await trained.training.train([text], 0.05);
    const [expected] = await trained.reading.logProbabilities([text.ids]);
    await trained.training.saveAdapter(join(folder, "adapter"), base);
    await trained.close();

    const plain = await openLocalModel(`local:${base}`, { threads: 1 });
    const [before] = await plain.reading.logProbabilities([text.ids]);
    await plain.close();

    const both = await openLocalModel(`local:${base}+${join(folder, "adapter")}`, { threads: 1 });
    const difference = (a?: Float32Array, b?: Float32Array): number =>
      Math.max(...Array.from(a ?? [], (x, i) => Math.abs(x - (b?.[i] as number))));
    const read = async () => (await both.reading.logProbabilities([text.ids]))[0];
    expect(difference(await read(), expected)).toBeLessThan(1e-5);
    expect(difference(before, expected)).toBeGreaterThan(0.01);
    await both.training.load();
    expect(difference(await read(), expected)).toBeLessThan(1e-5);
    expect(Object.keys(both.source.files)).toContain("adapter/adapter_model.safetensors");
    expect(both.source.sha256).toMatch(/^[0-9a-f]{64}$/);
    await both.close();
  });

  it("may have a GGUF file as its base, which the adapter's config names", async () => {
    const gguf = fileURLToPath(new URL("../onnx/gguf/tiny-llama.gguf", import.meta.url));
    const base = await openLocalModel(`local:${gguf}`, { threads: 1, lora: { rank: 2, alpha: 4, seed: 1 } });
    const ids = [1, 5, 9, 13, 17, 21];
    const text = { ids, answer: ids.map(() => true) };
    for (let step = 0; step < 3; step++) await base.training.train([text], 0.05);
    const [expected] = await base.reading.logProbabilities([ids]);
    await base.training.saveAdapter(join(folder, "of gguf"));
    await base.close();
    const config = JSON.parse(await readFile(join(folder, "of gguf", "adapter_config.json"), "utf8")) as object;
    expect(config).toMatchObject({ base_model_name_or_path: gguf });
    const both = await openLocalModel(`local:${gguf}+${join(folder, "of gguf")}`, { threads: 1 });
    const [found] = await both.reading.logProbabilities([ids]);
    expect(Math.max(...Array.from(found ?? [], (x, i) => Math.abs(x - (expected?.[i] as number))))).toBeLessThan(1e-5);
    await both.close();
  });

  it("names the adapter's folder where it is none", async () => {
    await expect(openLocalModel(`local:${join(folder, "base")}+${join(folder, "base")}`)).rejects.toThrow(
      /adapter_config\.json/,
    );
  });
});
