import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { adapterScale, ModelFileError, readSafetensors, writeSafetensors, type Adapter, type Tensor } from "askew/onnx";
import { adapterShapes, readAdapter, writeAdapter } from "#internal/onnx";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "./folders.js";
import { filled, smallConfig } from "./models.js";

const config = smallConfig();
const TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] as const;

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

function adapter(change: Partial<Omit<Adapter, "modules">> = {}): Adapter {
  const settings = {
    rank: 2,
    alpha: 4,
    rankStabilized: false,
    targets: ["q_proj", "down_proj"] as const,
    base: "some/model",
    ...change,
  };
  const modules = new Map(
    [...adapterShapes(settings, config)].map(([name, [out, input]], i) => [
      name,
      { a: filled([settings.rank, input], i), b: filled([out, settings.rank], -i) },
    ]),
  );
  return { ...settings, modules };
}

async function edit(change: Record<string, unknown>): Promise<void> {
  const path = join(folder, "adapter_config.json");
  await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, "utf8")) as object), ...change }));
}

describe("an adapter in PEFT's layout", () => {
  it("has PEFT's names, shapes and settings", async () => {
    await writeAdapter(folder, adapter({ layers: [1], rankStabilized: true }), config);
    const { tensors } = await readSafetensors(join(folder, "adapter_model.safetensors"));
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual({
      "base_model.model.model.layers.1.mlp.down_proj.lora_A.weight": [2, 12],
      "base_model.model.model.layers.1.mlp.down_proj.lora_B.weight": [8, 2],
      "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight": [2, 8],
      "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight": [8, 2],
    });
    expect(JSON.parse(await readFile(join(folder, "adapter_config.json"), "utf8"))).toMatchObject({
      peft_type: "LORA",
      task_type: "CAUSAL_LM",
      base_model_name_or_path: "some/model",
      r: 2,
      lora_alpha: 4,
      lora_dropout: 0,
      use_rslora: true,
      bias: "none",
      target_modules: ["q_proj", "down_proj"],
      layers_to_transform: [1],
    });
  });

  it("comes back as it was written", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rank: fc.integer({ min: 1, max: 8 }),
          alpha: fc.double({ min: 0.1, max: 256, noNaN: true }),
          rankStabilized: fc.boolean(),
          targets: fc.subarray([...TARGETS], { minLength: 1 }),
          layers: fc.constantFrom(undefined, [0], [1], [1, 0]),
        }),
        async ({ layers, ...rest }) => {
          const written = adapter({ ...rest, ...(layers && { layers }) });
          await writeAdapter(folder, written, config);
          expect(await readAdapter(folder, config)).toEqual(written);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("scales by alpha / r, or alpha / √r when rank-stabilised", () => {
    expect(adapterScale({ alpha: 64, rank: 32, rankStabilized: false })).toBe(2);
    expect(adapterScale({ alpha: 64, rank: 16, rankStabilized: true })).toBe(16);
  });

  it("is read as PEFT saves it", async () => {
    await writeAdapter(folder, adapter(), config);
    await edit({
      alpha_pattern: {},
      rank_pattern: {},
      auto_mapping: null,
      lora_dropout: 0.05,
      eva_config: null,
      exclude_modules: null,
      inference_mode: true,
      layers_to_transform: null,
      loftq_config: {},
      megatron_core: "megatron.core",
      modules_to_save: null,
      use_dora: false,
      lora_bias: false,
      task_type: "CAUSAL_LM",
    });
    expect((await readAdapter(folder, config)).modules.size).toBe(4);
    await edit({ layers_to_transform: 0 });
    await expect(readAdapter(folder, config)).rejects.toThrow(
      /tensor "base_model\.model\.model\.layers\.1\..*expected only lora_A and lora_B/,
    );
  });
});

/** What the adapter adds to a weight: scale · B A. */
function termOf({ modules, ...settings }: Adapter, name: string): number[] {
  const { a, b } = modules.get(name) as { a: Tensor; b: Tensor };
  const [rank = 0, columns = 0] = a.shape;
  return Array.from({ length: (b.shape[0] ?? 0) * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let i = 0; i < rank; i++) sum += (b.data[row * rank + i] as number) * (a.data[i * columns + column] as number);
    return sum * adapterScale(settings);
  });
}

describe("modules that PEFT finds by more than their names", () => {
  const q = (layer: number): string => `model.layers.${layer}.self_attn.q_proj`;
  const down = (layer: number): string => `model.layers.${layer}.mlp.down_proj`;
  const ways: readonly (readonly [string, Record<string, unknown>, Partial<Adapter>])[] = [
    ["a pattern", { target_modules: ".*\\.(?:q_proj|down_proj)" }, {}],
    ["a pattern in Python's spelling", { target_modules: "(?P<all>.*)(q|down)_proj\\Z" }, {}],
    ["all linear layers", { target_modules: "all-linear" }, { targets: TARGETS }],
    ["full names", { target_modules: [q(0), q(1), down(0), down(1)] }, {}],
    ["one more name that no module has", { target_modules: ["q_proj", "down_proj", "c_attn"] }, {}],
    ["names that are excluded", { target_modules: "all-linear", exclude_modules: ".*(?:[kvo]|gate|up)_proj" }, {}],
    ["layers by their list's name", { layers_to_transform: [0, 1], layers_pattern: "layers" }, {}],
  ];
  it.each(ways)("%s", async (_way, change, written) => {
    const whole = adapter(written);
    await writeAdapter(folder, whole, config);
    await edit(change);
    const read = await readAdapter(folder, config);
    expect([...read.modules.keys()].toSorted()).toEqual([...whole.modules.keys()].toSorted());
    for (const name of whole.modules.keys()) expect(read.modules.get(name)).toEqual(whole.modules.get(name));
  });

  it("with ranks and alphas of their own are the same matrices in one rank", async () => {
    const [own, other] = [adapter({ rank: 3, alpha: 6 }), adapter({ rank: 2, alpha: 5 })];
    await writeAdapter(folder, own, config);
    const path = join(folder, "adapter_model.safetensors");
    const { tensors } = await readSafetensors(path);
    for (const side of ["a", "b"] as const) {
      const name = `base_model.model.${q(1)}.lora_${side.toUpperCase()}.weight`;
      tensors.set(name, (other.modules.get(q(1)) as { a: Tensor; b: Tensor })[side]);
    }
    await writeSafetensors(path, tensors);
    await edit({ rank_pattern: { "layers.1.self_attn.q_proj": 2 }, alpha_pattern: { "1\\..*q_proj": 5 } });
    const read = await readAdapter(folder, config);
    expect([read.rank, read.alpha]).toEqual([3, 6]);
    const near = (name: string, like: Adapter): void =>
      termOf(read, name).forEach((x, i) => expect(x).toBeCloseTo(termOf(like, name)[i] as number, 6));
    near(q(1), other);
    for (const name of [q(0), down(0), down(1)]) near(name, own);
  });

  it("with holes are filled with zeros, which add nothing", async () => {
    const whole = adapter();
    await writeAdapter(folder, whole, config);
    const path = join(folder, "adapter_model.safetensors");
    const { tensors } = await readSafetensors(path);
    for (const side of ["A", "B"]) tensors.delete(`base_model.model.${q(1)}.lora_${side}.weight`);
    await writeSafetensors(path, tensors);
    await edit({ target_modules: [q(0), "down_proj"] });
    const read = await readAdapter(folder, config);
    expect(termOf(read, q(1)).every((x) => x === 0)).toBe(true);
    expect(termOf(read, q(0))).toEqual(termOf(whole, q(0)));
  });
});

describe("an adapter that cannot be used", () => {
  const settings: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    [
      "layers that are repeated",
      { layer_replication: [[0, 2]] },
      /layer_replication: expected only keys of plain LoRA/,
    ],
    ["tokens that switch it on", { alora_invocation_tokens: [5] }, /alora_invocation_tokens: expected only keys/],
    ["packed scales", { use_qalora: true }, /use_qalora: expected only keys of plain LoRA, found true/],
    ["magnitudes (DoRA)", { use_dora: true }, /use_dora: .*found true/],
    ["another method", { peft_type: "IA3" }, /adapter_config\.json: peft_type: .*found "IA3"/],
    ["a rank of 0", { r: 0 }, /: r: /],
    ["a rank of a million", { r: 1e6 }, /: r: /],
    ["no alpha", { lora_alpha: undefined }, /lora_alpha: .*found nothing/],
    [
      "an unknown module",
      { target_modules: ["c_attn"] },
      /target_modules: expected modules of the model, found \["c_attn"\]/,
    ],
    [
      "the output",
      { target_modules: ["q_proj", "lm_head"] },
      /target_modules: expected attention and MLP matrices, found "lm_head"/,
    ],
    [
      "a pattern that matches more than matrices",
      { target_modules: ".*" },
      /expected attention and MLP matrices, found "/,
    ],
    [
      "a pattern that is none",
      { target_modules: "(q_proj" },
      /target_modules: expected a regular expression that askew/,
    ],
    [
      "a pattern without end",
      { target_modules: "(?:[a-z._0-9]+)+!" },
      /target_modules: expected patterns that come to an end/,
    ],
    [
      "layers beside a pattern",
      { target_modules: ".*q_proj", layers_to_transform: [0] },
      /layers_to_transform: expected none/,
    ],
    ["whole parameters", { target_parameters: ["a.b"] }, /target_parameters: expected only keys of plain LoRA/],
    ["a module twice", { target_modules: ["q_proj", "q_proj"] }, /target_modules: expected every entry once/],
    ["a layer the model lacks", { layers_to_transform: [2] }, /layer 2, the model has layers 0 to 1/],
    ["a layer of 10^9", { layers_to_transform: [1e9] }, /layers_to_transform/],
    ["trained biases", { bias: "all" }, /: bias: /],
    ["DoRA", { use_dora: true }, /use_dora/],
    [
      "another rank by module than its tensors",
      { rank_pattern: { q_proj: 4 } },
      /expected the shape \[4,8\], found \[2,8\]/,
    ],
    ["an alpha of 0 by module", { alpha_pattern: { q_proj: 0 } }, /alpha_pattern\.q_proj/],
    ["whole modules", { modules_to_save: ["lm_head"] }, /modules_to_save/],
    ["a start that changes the base", { init_lora_weights: "pissa" }, /init_lora_weights/],
    [
      "another rank than its tensors",
      { r: 3 },
      /expected the shape \[3,12\], found \[2,12\]|expected the shape \[8,3\]/,
    ],
  ];

  it.each(settings)("has %s", async (_what, change, message) => {
    await writeAdapter(folder, adapter(), config);
    await edit(change);
    const error: unknown = await readAdapter(folder, config).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toMatch(message);
  });

  it("has tensors missing, not finite, or of another model", async () => {
    await writeAdapter(folder, adapter(), config);
    const path = join(folder, "adapter_model.safetensors");
    const { tensors } = await readSafetensors(path);
    const [name] = tensors.keys();
    const first = tensors.get(name as string) as Tensor;
    await writeSafetensors(path, new Map([...tensors].slice(1)));
    await expect(readAdapter(folder, config)).rejects.toThrow(/lora_A\.weight": expected a tensor, found none/);
    await writeSafetensors(
      path,
      new Map([...tensors, [name as string, { ...first, data: first.data.map(() => Infinity) }]]),
    );
    await expect(readAdapter(folder, config)).rejects.toThrow(/expected finite numbers, found Infinity at element 0/);
    await writeSafetensors(path, tensors);
    await expect(readAdapter(folder, smallConfig({ hidden_size: 16 }))).rejects.toThrow(
      /expected the shape .* was trained on this model/,
    );
    await expect(readAdapter(join(folder, "absent"), config)).rejects.toThrow(
      /Give the folder that PEFT's save_pretrained wrote/,
    );
  });

  it("is not written", async () => {
    const good = adapter();
    const [name] = good.modules.keys();
    await expect(
      writeAdapter(folder, { ...good, modules: new Map([...good.modules].slice(1)) }, config),
    ).rejects.toThrow(RangeError);
    await expect(writeAdapter(folder, { ...good, targets: ["q_proj"] }, config)).rejects.toThrow(
      /is not among the targets/,
    );
    const other = new Map([...good.modules, [name as string, { a: filled([3, 8]), b: filled([8, 3]) }]]);
    await expect(writeAdapter(folder, { ...good, modules: other }, config)).rejects.toThrow(
      /needs A \[2, 8\] and B \[8, 2\]/,
    );
    await expect(writeAdapter(folder, adapter({ layers: [0] }), smallConfig({ hidden_size: 16 }))).rejects.toThrow(
      RangeError,
    );
  });
});
