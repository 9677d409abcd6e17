// Adapters of PEFT compute here what they compute there; references.py wrote what that is.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine } from "askew/graph";
import { Trainer, writeSafetensors } from "askew/onnx";
import { configFromJson, mergeLora, readAdapter, Reader, setLora } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashed, weightsOf } from "../architectures/weights.js";

interface References {
  readonly model: Record<string, unknown>;
  readonly ids: number[];
  readonly adapters: Record<string, Adapted>;
}
interface Adapted {
  readonly config: Record<string, unknown>;
  readonly tensors: Record<string, number[]>;
  readonly logProbabilities: number[][];
}

const { model, ids, adapters } = JSON.parse(
  await readFile(new URL("../../fixtures/peft.json", import.meta.url), "utf8"),
) as References;
const config = configFromJson(model);
const engine = Engine.start({ threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-peft-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

describe.each(Object.entries(adapters))("an adapter with %s", (name, { config: json, tensors, logProbabilities }) => {
  it("has PEFT's log-probabilities within 1e-5", async () => {
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify(json));
    await writeSafetensors(
      join(folder, "adapter_model.safetensors"),
      new Map(
        Object.entries(tensors).map(([key, shape]) => {
          const count = shape.reduce((product, n) => product * n, 1);
          return [key, { shape, data: Float32Array.from(hashed(key, count)) }];
        }),
      ),
    );
    const adapter = await readAdapter(folder, config);
    const lora = await setLora(engine, name, adapter);
    const weights = new Map(
      [...weightsOf(config)].map(([key, { shape, data }]) => [
        key,
        { shape, data: shape.length > 1 ? data.map((x) => Math.fround(x / 3)) : data },
      ]),
    );
    await mergeLora(engine, config, lora, (parameter) => `${name}.${parameter}`, weights);
    const scope = `${name} merged`;
    const trainer = await Trainer.create({ engine, config, weights, scope });
    const reader = new Reader({ engine, config, scope, rows: 1 });
    const [found] = await reader.distributions([{ ids: [...ids, 0], answer: [false, ...ids.map(() => true)] }]);
    const difference = Math.max(
      ...logProbabilities.flat().map((x, i) => Math.abs(x - ((found as Float32Array)[i] as number))),
    );
    expect(difference).toBeLessThan(1e-5);
    await Promise.all([reader.close(), trainer.close()]);
  });
});
