/** What a file or folder of weights is, from its headers alone: no weight is read, so any size takes a moment. */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { readJson, storing } from "../../store/index.js";
import { AskewError } from "../../text/index.js";
import { architectureOf, type TransformerConfig } from "../architectures/index.js";
import { adapterConfigFromJson } from "./adapter-config.js";
import { openedMemory, trainingMemory } from "../network/memory.js";
import { configFromJson } from "./config.js";
import { GgufFile } from "./gguf/file.js";
import { Metadata } from "./gguf/metadata.js";
import { isGguf, readConfig } from "./gguf/model.js";
import { readSafetensorsHeader } from "./safetensors.js";
import { notWeightsAt } from "./what-file.js";

export interface ModelInfo {
  readonly path: string;
  readonly format: "folder" | "GGUF" | "adapter" | "safetensors";
  /** As its maker named it. */
  readonly name: string;
  /** `Llama`, `Qwen3` …; undefined where askew does not open it. */
  readonly architecture: string | undefined;
  readonly config: TransformerConfig | undefined;
  readonly parameters: number;
  /** Of all its files. */
  readonly bytes: number;
  /** How numbers are stored: kind → parameters. */
  readonly types: Readonly<Record<string, number>>;
  readonly chatTemplate: boolean;
  /** Of an adapter. */
  readonly adapter: { readonly base: string; readonly rank: number; readonly targets: readonly string[] } | undefined;
  /** Bytes of memory, to train with 4 texts of 256 tokens at a time; undefined where askew does not open it. */
  readonly memory: { readonly ask: number; readonly trainAdapter: number; readonly trainAll: number } | undefined;
  /** Why askew does not open it. */
  readonly problem: string | undefined;
}

/** A usual step: what `model info` foretells. */
const STEP = { rows: 4, time: 256, capacity: 1024, accumulates: true } as const;
const LORA = { rank: 32, alpha: 64, rankStabilized: true } as const;

/** @throws {AskewError} where it is no model at all */
export async function readModelInfo(path: string): Promise<ModelInfo> {
  const found = await storing(path, () => stat(path));
  if (found.isDirectory()) return existsSync(join(path, "adapter_config.json")) ? ofAdapter(path) : ofFolder(path);
  if (isGguf(path)) return ofGguf(path, found.size);
  const what = await notWeightsAt(path);
  if (what !== undefined) {
    const model = "a model: a folder with config.json, an adapter's folder, or a GGUF or safetensors file";
    throw new AskewError(`${path}: expected ${model}, found ${what}`);
  }
  return ofWeights(path, found.size);
}

type Counted = Pick<ModelInfo, "parameters" | "types">;

function counted(tensors: Iterable<{ readonly kind: string; readonly shape: readonly number[] }>): Counted {
  const types = new Map<string, number>();
  let parameters = 0;
  for (const { kind, shape } of tensors) {
    const size = shape.reduce((product, n) => product * n, 1);
    parameters += size;
    types.set(kind, (types.get(kind) ?? 0) + size);
  }
  return { parameters, types: Object.fromEntries([...types].toSorted((a, b) => b[1] - a[1])) };
}

/** What depends on the config, or why there is none. */
async function opened(
  read: () => Promise<TransformerConfig>,
): Promise<Pick<ModelInfo, "architecture" | "config" | "memory" | "problem">> {
  try {
    const config = await read();
    const architecture = architectureOf(config.modelType).title;
    const shape = { ...STEP, time: Math.min(STEP.time, config.maxPositions) };
    const memory = {
      ask: openedMemory(config),
      trainAdapter: trainingMemory(config, { ...shape, lora: LORA }),
      trainAll: trainingMemory(config, shape),
    };
    return { architecture, config, memory, problem: undefined };
  } catch (error) {
    if (!(error instanceof AskewError)) throw error;
    return { architecture: undefined, config: undefined, memory: undefined, problem: error.message };
  }
}

async function ofGguf(path: string, bytes: number): Promise<ModelInfo> {
  const file = await GgufFile.open(path);
  try {
    const { header } = file;
    const metadata = new Metadata(path, header.metadata);
    const sizes = counted([...header.tensors.values()].map(({ kind, shape }) => ({ kind: kind.name, shape })));
    return {
      path,
      format: "GGUF",
      name: metadata.text("general.name") ?? basename(path),
      ...sizes,
      bytes,
      chatTemplate: metadata.text("tokenizer.chat_template") !== undefined,
      adapter: undefined,
      ...(await opened(() => readConfig(file, metadata))),
    };
  } finally {
    await file.close();
  }
}

async function weightsIn(folder: string): Promise<Counted & { readonly bytes: number }> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors"));
  const tensors: { kind: string; shape: readonly number[] }[] = [];
  let bytes = 0;
  for (const name of names) {
    const path = join(folder, name);
    bytes += (await stat(path)).size;
    for (const { dtype, shape } of (await readSafetensorsHeader(path)).entries) tensors.push({ kind: dtype, shape });
  }
  return { ...counted(tensors), bytes };
}

const LARGEST_JSON = 2 ** 24;
const cure = "Give a folder of a model, of an adapter, or a GGUF or safetensors file.";

async function ofFolder(path: string): Promise<ModelInfo> {
  const file = join(path, "config.json");
  const json = await readJson(file, LARGEST_JSON, cure);
  const weights = await weightsIn(path);
  const tokenizerFile = join(path, "tokenizer_config.json");
  const tokenizer = existsSync(tokenizerFile) ? await readJson(tokenizerFile, LARGEST_JSON, cure) : undefined;
  const inTokenizer = typeof tokenizer === "object" && tokenizer !== null && "chat_template" in tokenizer;
  return {
    path,
    format: "folder",
    name: basename(path),
    ...weights,
    chatTemplate: inTokenizer || existsSync(join(path, "chat_template.jinja")),
    adapter: undefined,
    ...(await opened(() => Promise.resolve().then(() => configFromJson(json, file)))),
  };
}

async function ofAdapter(path: string): Promise<ModelInfo> {
  const file = join(path, "adapter_config.json");
  const json = await readJson(file, LARGEST_JSON, cure);
  const rest = { architecture: undefined, config: undefined, memory: undefined, chatTemplate: false };
  const shared = { path, format: "adapter" as const, name: basename(path), ...(await weightsIn(path)), ...rest };
  try {
    const { base, rank, targets } = adapterConfigFromJson(json, file);
    return { ...shared, adapter: { base, rank, targets: [targets].flat() }, problem: undefined };
  } catch (error) {
    if (!(error instanceof AskewError)) throw error;
    return { ...shared, adapter: undefined, problem: error.message };
  }
}

async function ofWeights(path: string, bytes: number): Promise<ModelInfo> {
  const { entries } = await readSafetensorsHeader(path);
  return {
    path,
    format: "safetensors",
    name: basename(path),
    ...counted(entries.map(({ dtype, shape }) => ({ kind: dtype, shape }))),
    bytes,
    chatTemplate: false,
    adapter: undefined,
    architecture: undefined,
    config: undefined,
    memory: undefined,
    problem: "The file holds weights alone: their model is the folder with config.json and tokenizer.json.",
  };
}
