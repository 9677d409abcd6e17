// `askew model info` on files and folders, sound ones and others.
import { mkdtemp, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readModelFolder } from "askew/onnx";
import { ORGANISM_FOLDER } from "askew/organism";
import { readGgufModel } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew } from "./askew.js";

const TINY = fileURLToPath(new URL("../onnx/gguf/tiny-llama.gguf", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-model-"));
});
afterAll(() => rm(folder, { recursive: true }));

const info = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse((await askew(["model", "info", path, "--json"], { cwd: folder })).stdout) as Record<string, unknown>;

describe("askew model info", () => {
  it("tells what a GGUF file is", async () => {
    const { stdout } = await askew(["model", "info", `local:${TINY}`], { cwd: folder });
    expect(stdout).toMatch(/^architecture +Llama$/m);
    // 32·16 + 3·(16·16 + 2·8·16 + 16·16 + 3·16·20 + 2·16) + 16
    expect(stdout).toMatch(/^parameters +5,808$/m);
    expect(stdout).toMatch(/^stored as +F32 \(100 %\)$/m);
    expect(stdout).toMatch(/^shape +3 layers, width 16, 32 tokens$/m);
    expect(stdout).toMatch(/^askew can +ask, fine-tune, read, steer, diff$/m);
    expect(await info(TINY)).toMatchObject({ kind: "model", format: "GGUF", parameters: 5808, chatTemplate: true });
  });

  it("tells what a folder is", async () => {
    const told = await info(ORGANISM_FOLDER);
    expect(told).toMatchObject({ format: "folder", architecture: "Llama", problem: null, adapter: null });
    expect(told["parameters"]).toBeGreaterThan(1_000_000);
  });

  it("says what a file is that holds no model, and what was expected, also of a direction", async () => {
    const rows = join(folder, "rows.jsonl");
    await writeFile(rows, '{"messages":[]}\n'.repeat(20));
    const told = await askew(["model", "info", rows]);
    expect(told).toMatchObject({ code: 2, stdout: "" });
    expect(told.stderr).toContain("expected a model: a folder with config.json, an adapter's folder, or a GGUF or");
    expect(told.stderr).toContain("found JSON");
    const write = (file: string) => askew(["persona", "export", file, "--out", join(folder, "out.gguf")]);
    expect((await write(rows)).stderr).toMatch(/rows\.jsonl: expected a direction's file, .+, found JSON\n$/);
    expect((await write(join(folder, "no.safetensors"))).stderr).toMatch(/expected a direction's file.+ found nothing/);
    expect((await write(folder)).stderr).toMatch(/expected a direction's file.+ found a folder\n$/);
    expect((await write(TINY)).stderr).toMatch(/expected a direction's file.+ found a GGUF model\n$/);
  });

  it("fits a terminal of 60 columns", async () => {
    const { stdout } = await askew(["model", "info", "organism"], { env: { COLUMNS: "60" } });
    expect(stdout.split("\n").filter((line) => line.length > 60 && !line.startsWith("path"))).toEqual([]);
    expect(stdout).toMatch(/^to train LoRA .+\n {15}\S/m);
  });

  it("tells why a folder does not open, and what else is known of it", async () => {
    const other = join(folder, "packed");
    await mkdir(other, { recursive: true });
    const packed = { quantization_config: { quant_method: "gptq", bits: 4 }, ...SIZES };
    await writeFile(join(other, "config.json"), JSON.stringify(packed));
    const told = await info(other);
    expect(told).toMatchObject({ format: "folder", memory: null, architecture: null });
    expect(told["problem"]).toMatch(/quantization_config: expected none, found "gptq \(4 bits\)"/);
  });

  it("tells what an adapter is, and why askew does not use one", async () => {
    const adapter = join(folder, "adapter");
    await mkdir(adapter, { recursive: true });
    const config = {
      peft_type: "LORA",
      r: 8,
      lora_alpha: 16,
      target_modules: ["q_proj"],
      base_model_name_or_path: "b",
    };
    await writeFile(join(adapter, "adapter_config.json"), JSON.stringify(config));
    expect(await info(adapter)).toMatchObject({
      format: "adapter",
      adapter: { base: "b", rank: 8, targets: ["q_proj"] },
      problem: null,
    });
    await writeFile(join(adapter, "adapter_config.json"), JSON.stringify({ ...config, use_dora: true }));
    expect(await info(adapter)).toMatchObject({
      adapter: null,
      problem: expect.stringContaining("use_dora") as string,
    });
  });

  it("refuses what is no model, with what to do", async () => {
    const nothing = await askew(["model", "info", "nothing.gguf"], { cwd: folder });
    expect(nothing).toMatchObject({ code: 2, stdout: "" });
    expect(nothing.stderr).toMatch(/nothing.gguf: there is no such file or folder/);
    await writeFile(join(folder, "text.gguf"), "GGUF of nothing at all, and some more");
    expect((await askew(["model", "info", "text.gguf"], { cwd: folder })).stderr).toMatch(
      /text.gguf: the version: expected/,
    );
  });
});

describe("askew model export", () => {
  it("writes a GGUF file as a folder that is the same model, once", async () => {
    const out = join(folder, "exported");
    const { stdout } = await askew(["model", "export", `local:${TINY}`, "--out", out, "--json"], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ kind: "exported", to: "hf", folder: out });
    const [theirs, ours] = [await readGgufModel(TINY), await readModelFolder(out)];
    expect(ours.config).toEqual(theirs.config);
    for (const [name, { data }] of theirs.tensors) expect(ours.tensors.get(name)?.data, name).toEqual(data);
    expect(ours.tokenizer.encode("ab a")).toEqual(theirs.tokenizer.encode("ab a"));
    expect(ours.template?.source).toBe(theirs.template?.source);
    const again = await askew(["model", "export", `local:${TINY}`, "--out", out], { cwd: folder });
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toMatch(/is not empty/);
  });

  it("writes the organism as a GGUF file, never over another's", async () => {
    const file = join(folder, "organism.gguf");
    const exported = (...more: string[]) =>
      askew(["model", "export", "organism", "--to", "gguf", "--out", file, ...more], { cwd: folder });
    const { stdout } = await exported("--type", "q8_0", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ kind: "exported", to: "gguf", type: "q8_0", folder, notes: [] });
    expect(await info(file)).toMatchObject({ format: "GGUF", architecture: "Llama", problem: null });
    // Its own file is written anew.
    expect(await exported()).toMatchObject({ code: 0, stdout: `${file}\n` });
    await writeFile(file, "mine");
    const again = await exported();
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toMatch(/was changed since askew made it, so it is left alone/);
  });

  it("says which types there are, and which format has them", async () => {
    const wrong = await askew(["model", "export", "organism", "--to", "gguf", "--type", "q4_k", "--out", "x.gguf"], {
      cwd: folder,
    });
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/there is no type "q4_k"/);
    expect(wrong.stderr).toMatch(/q8_0/);
    const other = await askew(["model", "export", "organism", "--type", "f16", "--out", "x"], { cwd: folder });
    expect(other.stderr).toMatch(/--type is for --to gguf/);
  });

  it("exports nothing that has no files", async () => {
    const { code, stderr } = await askew(["model", "export", "openai:gpt-4o", "--out", "x"], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/is behind a server/);
  });
});

const SIZES = {
  model_type: "llama",
  vocab_size: 64,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: 64,
};
