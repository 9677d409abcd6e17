import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ChatTemplate,
  ModelFileError,
  readModelFolder,
  writeModelFolder,
  writeSafetensors,
  type Tensor,
} from "askew/onnx";
import { encodeChat } from "#internal/onnx";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "./folders.js";
import { filled, smallModel } from "./models.js";

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function json(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, name), "utf8")) as Record<string, unknown>;
}

async function edit(name: string, change: Record<string, unknown>): Promise<void> {
  await writeFile(join(folder, name), JSON.stringify({ ...(await json(name)), ...change }));
}

async function writeTensors(tensors: ReadonlyMap<string, Tensor>, name = "model.safetensors"): Promise<void> {
  await writeSafetensors(join(folder, name), tensors);
}

describe("a model's folder", () => {
  it("comes back as it was written", async () => {
    for (const change of [
      {},
      { model_type: "llama", tie_word_embeddings: false, eos_token_id: [5, 0], bos_token_id: 2 },
    ]) {
      const parts = smallModel(change);
      const written = await writeModelFolder(folder, parts, { step: "7" });
      const back = await readModelFolder(folder);
      expect(back.config).toEqual(parts.config);
      expect(back.tensors).toEqual(parts.tensors);
      expect(back.tokenizer.json).toEqual(parts.tokenizer.json);
      expect(back.template?.source).toBe(ChatTemplate.word().source);
      const chat = [{ role: "user", content: "the cat" }];
      expect(encodeChat(back.tokenizer, back.template, chat)).toEqual(
        encodeChat(parts.tokenizer, parts.template, chat),
      );
      expect(back.files.toSorted(byName)).toEqual(written.toSorted(byName));
    }
  });

  it("writes whole numbers with a decimal point where transformers 5 takes no others", async () => {
    const parts = smallModel();
    await writeModelFolder(folder, { ...parts, config: { ...parts.config, epsilon: 1 } });
    expect(await readFile(join(folder, "config.json"), "utf8")).toMatch(/^ {2}"rms_norm_eps": 1\.0,$/m);
    expect((await json("config.json"))["rms_norm_eps"]).toBe(1);
  });

  it("holds the files that transformers opens, and nothing else", async () => {
    const written = await writeModelFolder(folder, smallModel());
    const names = [
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ];
    expect((await readdir(folder)).toSorted()).toEqual(names);
    for (const { name, sha256 } of written) {
      expect(sha256).toBe(
        createHash("sha256")
          .update(await readFile(join(folder, name)))
          .digest("hex"),
      );
    }
    expect(await json("config.json")).toMatchObject({
      architectures: ["Qwen2ForCausalLM"],
      model_type: "qwen2",
      torch_dtype: "float32",
      eos_token_id: 5,
      pad_token_id: 0,
    });
    expect(await json("generation_config.json")).toMatchObject({ eos_token_id: 5, pad_token_id: 0 });
    expect(await json("tokenizer_config.json")).toMatchObject({
      eos_token: "<|end|>",
      chat_template: ChatTemplate.word().source,
    });
  });

  it("is the same bytes each time", async () => {
    const first = await writeModelFolder(folder, smallModel());
    const second = await writeModelFolder(join(folder, "deeper", "again"), smallModel());
    expect(second).toEqual(first);
  });

  it("ends answers at every token that any of its files names", async () => {
    await writeModelFolder(folder, smallModel());
    await edit("generation_config.json", { eos_token_id: [3, 5] });
    await edit("tokenizer_config.json", { eos_token: { content: "<|pad|>" } });
    expect((await readModelFolder(folder)).config.eosIds).toEqual([5, 3, 0]);
    await edit("generation_config.json", { eos_token_id: 99999 });
    await expect(readModelFolder(folder)).rejects.toThrow(
      /generation_config\.json: eos_token_id: expected ids below vocab_size/,
    );
    await rm(join(folder, "generation_config.json"));
    expect((await readModelFolder(folder)).config.eosIds).toEqual([5, 0]);
  });

  it("takes the chat template from where it is", async () => {
    await writeModelFolder(folder, smallModel());
    const named = [
      { name: "tools", template: "T" },
      { name: "default", template: "D" },
    ];
    await edit("tokenizer_config.json", { chat_template: named });
    expect((await readModelFolder(folder)).template?.source).toBe("D");
    await writeFile(join(folder, "chat_template.jinja"), "{{ eos_token }}");
    const own = await readModelFolder(folder);
    expect(own.template?.render([])).toEqual([{ text: "<|end|>", message: undefined }]);
    expect(own.files.map(({ name }) => name)).toContain("chat_template.jinja");
    await rm(join(folder, "chat_template.jinja"));
    await edit("tokenizer_config.json", { chat_template: undefined });
    expect((await readModelFolder(folder)).template).toBeUndefined();
    await edit("tokenizer_config.json", { chat_template: 7 });
    await expect(readModelFolder(folder)).rejects.toThrow(/chat_template: expected a text, found 7/);
  });

  it("may come in shards", async () => {
    const parts = smallModel();
    await writeModelFolder(folder, parts);
    await rm(join(folder, "model.safetensors"));
    const names = [...parts.tensors.keys()];
    const shard = (which: number): string => `model-0000${which + 1}-of-00002.safetensors`;
    const map = Object.fromEntries(names.map((name, i) => [name, shard(i % 2)]));
    for (const which of [0, 1]) {
      await writeTensors(new Map([...parts.tensors].filter((_, i) => i % 2 === which)), shard(which));
    }
    const index = join(folder, "model.safetensors.index.json");
    await writeFile(index, JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));
    const back = await readModelFolder(folder);
    expect(back.tensors).toEqual(parts.tensors);
    expect(back.files.map(({ name }) => name)).toEqual(
      expect.arrayContaining([shard(0), shard(1), "model.safetensors.index.json"]),
    );

    const { [names[0] as string]: _gone, ...rest } = map;
    await writeFile(index, JSON.stringify({ weight_map: rest }));
    await expect(readModelFolder(folder)).rejects.toThrow(
      /tensor "model\.embed_tokens\.weight": expected a tensor, found none/,
    );
    await writeFile(
      index,
      JSON.stringify({
        weight_map: { ...map, "model.norm.weight": shard(names.indexOf("model.norm.weight") % 2 === 0 ? 1 : 0) },
      }),
    );
    await expect(readModelFolder(folder)).rejects.toThrow(
      /tensor "model\.norm\.weight": expected a tensor, found none/,
    );
    for (const bad of ["../secret.safetensors", "/etc/passwd", "a\\b.safetensors", "..safetensors", 7, null, "x.bin"]) {
      await writeFile(index, JSON.stringify({ weight_map: { ...map, "model.norm.weight": bad } }));
      await expect(readModelFolder(folder), String(bad)).rejects.toThrow(
        /weight_map, "model\.norm\.weight": expected the name of a safetensors file/,
      );
    }
    await writeFile(index, JSON.stringify({ weight_map: [] }));
    await expect(readModelFolder(folder)).rejects.toThrow(/weight_map: expected an object/);
  });

  it("may hold what older versions saved", async () => {
    const parts = smallModel();
    await writeModelFolder(folder, parts);
    const embedding = parts.tensors.get("model.embed_tokens.weight") as Tensor;
    await writeTensors(
      new Map([
        ...parts.tensors,
        ["lm_head.weight", embedding],
        ["model.layers.0.self_attn.rotary_emb.inv_freq", filled([2])],
      ]),
    );
    expect((await readModelFolder(folder)).tensors.size).toBe(parts.tensors.size);
    await writeTensors(new Map([...parts.tensors, ["lm_head.weight", filled(embedding.shape, 5)]]));
    await expect(readModelFolder(folder)).rejects.toThrow(
      /tensor "lm_head\.weight": expected the embedding, since config\.json ties them/,
    );
  });
});

describe("a model's folder that is not sound", () => {
  const parts = smallModel();
  const without = (name: string): Map<string, Tensor> => new Map([...parts.tensors].filter(([key]) => key !== name));
  const norm = "model.norm.weight";

  const wrong: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    [
      "has no config",
      () => rm(join(folder, "config.json")),
      /config\.json: expected a file, found nothing\. Give the folder of a model/,
    ],
    ["has no tokenizer", () => rm(join(folder, "tokenizer.json")), /tokenizer\.json: expected a file, found nothing/],
    [
      "has no weights",
      () => rm(join(folder, "model.safetensors")),
      /expected model\.safetensors or model\.safetensors\.index\.json, found neither/,
    ],
    [
      "lacks a tensor",
      () => writeTensors(without(norm)),
      /tensor "model\.norm\.weight": expected a tensor, found none/,
    ],
    ["lacks many", () => writeTensors(new Map([[norm, filled([8])]])), /found none, and 24 more are missing/],
    [
      "has a tensor too many",
      () => writeTensors(new Map([...parts.tensors, ["score.weight", filled([8])]])),
      /tensor "score\.weight": expected only tensors of a qwen2 model/,
    ],
    [
      "has a tensor of another shape",
      () => writeTensors(new Map([...parts.tensors, [norm, filled([4, 2])]])),
      /expected the shape \[8\], as config\.json says, found \[4,2\]/,
    ],
    [
      "has a tensor that is not finite",
      () =>
        writeTensors(
          new Map([...parts.tensors, [norm, { shape: [8], data: Float32Array.of(1, 1, 1, Number.NaN, 1, 1, 1, 1) }]]),
        ),
      /tensor "model\.norm\.weight": expected finite numbers, found NaN at element 3/,
    ],
    [
      "has more tokens than ids",
      () => edit("config.json", { vocab_size: 8 }),
      /tokenizer\.json: expected token ids below vocab_size \(8\)/,
    ],
    [
      "has a template that is none",
      () => edit("tokenizer_config.json", { chat_template: "{% if %}" }),
      /chat_template: expected a Jinja template/,
    ],
    [
      "has a folder for a file",
      async () => {
        await rm(join(folder, "config.json"));
        await mkdir(join(folder, "config.json"));
      },
      /config\.json: expected .*a f/,
    ],
  ];

  it.each(wrong)("is refused when it %s", async (_what, damage, message) => {
    await writeModelFolder(folder, parts);
    await damage();
    const error: unknown = await readModelFolder(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toMatch(message);
  });

  it("is refused when files of two models are mixed", async () => {
    const other = await temporaryFolder();
    await writeModelFolder(folder, parts);
    await writeModelFolder(other, smallModel({ hidden_size: 16, num_attention_heads: 4, num_key_value_heads: 2 }));
    await copyFile(join(other, "config.json"), join(folder, "config.json"));
    await expect(readModelFolder(folder)).rejects.toThrow(/expected the shape .*as config\.json says/);
    await rename(join(other, "config.json"), join(folder, "config.json"));
    await expect(readModelFolder(other)).rejects.toThrow(ModelFileError);
  });

  it("is not written", async () => {
    await expect(writeModelFolder(folder, { ...parts, tensors: without(norm) })).rejects.toThrow(
      /"model\.norm\.weight" must be \[8\], found none/,
    );
    await expect(
      writeModelFolder(folder, { ...parts, tensors: new Map([...parts.tensors, ["x", filled([1])]]) }),
    ).rejects.toThrow(/no tensor "x"/);
    expect(await readdir(folder)).toEqual([]);
  });
});

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
