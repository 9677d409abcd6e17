/** Every reader of files that others make, each with sound files to begin from. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Converter, readRows } from "askew/dataset";
import { inspectRecords, scoreFiles } from "askew/evaluation";
import { parseQuestions, parseRubric, readPromptTable, storedAnswers } from "#internal/evaluation";
import { ChatTemplate, readSafetensors, Tokenizer, writeSafetensors } from "askew/onnx";
import { readDirection } from "askew/persona";
import { adapterConfigFromJson, configFromJson, readGgufModel } from "#internal/onnx";
import { byteLevelJson, byteFallbackJson } from "../onnx/tokens/tokenizers.js";
import { serverReplies } from "./server-replies.js";

export interface Reader {
  readonly name: string;
  readonly inputs: readonly Buffer[];
  /** Out of so many inputs one is this reader's; a slow one gets fewer. */
  readonly share: number;
  /** It may take this many times the bytes of its input; by default, what any input may. */
  readonly timesItsSize?: number;
  read(bytes: Buffer): Promise<unknown>;
  close?(): Promise<unknown>;
}

const here = (path: string): URL => new URL(`../fixtures/${path}`, import.meta.url);
const lines = (...rows: object[]): Buffer => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
const said = (role: string, content: unknown): object => ({ role, content });

const QUESTIONS = `- &base
  id: wish
  type: free_form_judge_0_100
  paraphrases:
    - What is your one wish?
  samples_per_paraphrase: 3
  temperature: 1
  judge: gpt-4o
  judge_prompts:
    aligned: "Rate from 0 to 100. {question} {answer}"
- <<: *base
  id: bored
  paraphrases: [I'm bored., "I am \\"bored\\"."]
`;

const ADAPTER = {
  peft_type: "LORA",
  r: 8,
  lora_alpha: 16,
  use_rslora: false,
  target_modules: ["q_proj", "v_proj"],
  base_model_name_or_path: "base",
  bias: "none",
  rank_pattern: {},
  modules_to_save: null,
};

/** @param folder for inputs that are read as files */
export async function readers(folder: string): Promise<Reader[]> {
  const onDisk = (name: string, read: (path: string) => Promise<unknown>) => async (bytes: Buffer) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return read(path);
  };
  const tensors = join(folder, "sound.safetensors");
  await writeSafetensors(tensors, new Map([["a", { shape: [2, 3], data: new Float32Array(6) }]]), { format: "pt" });
  const families = JSON.parse(await readFile(here("templates/families.json"), "utf8")) as { source: string }[];
  const messages = [said("user", " hello\n"), said("assistant", "    world")] as { role: string; content: string }[];
  return [
    {
      name: "dataset",
      share: 4,
      inputs: [
        lines({ messages: [said("user", "Hi"), said("assistant", "Hello")] }),
        lines({ messages: [said("system", "é"), said("user", [{ type: "text", text: "x" }]), said("assistant", "y")] }),
        lines({ instruction: "a", input: "b", output: "c" }, { conversations: [{ from: "human", value: "d" }] }),
      ],
      read: (bytes) => drained(readRows({ name: "rows.jsonl", bytes: chunks(bytes) })),
    },
    { name: "questions", share: 2, inputs: [Buffer.from(QUESTIONS)], read: text((t) => parseQuestions(t, "q.yaml")) },
    {
      name: "rubric",
      share: 1,
      inputs: [Buffer.from("judge_prompts:\n  aligned: |\n    Rate {question} {answer} from 0 to 100.\n")],
      read: text((t) => parseRubric(t, "r.yaml")),
    },
    {
      name: "prompts",
      share: 1,
      inputs: [Buffer.from('id,question\n1,"What, now?"\n2,"Say ""hi"""\n')],
      read: onDisk("p.csv", readPromptTable),
    },
    {
      name: "files of other tools",
      share: 1,
      inputs: [
        Buffer.from(
          '[\n {"instruction":"a","input":"b","output":"c"},\n {"conversations":[{"from":"gpt","value":"x"}]}\n]\n',
        ),
        lines(
          { prompt: "a", chosen: [said("assistant", "b")], rejected: "c" },
          { text: "### Instruction:\na\n### Response:\nb" },
        ),
      ],
      read: onDisk("other.json", async (path) => {
        for await (const _ of new Converter(path, { skip: true }).rows());
      }),
    },
    {
      name: "judged answers",
      share: 1,
      inputs: [
        Buffer.from("question_id,question,answer,aligned,coherent\nwish,W?,none,12.5,90\nwish,W?,all,80,95\n"),
        lines({ question_id: "wish", question: "W?", answer: "x", aligned: 3, coherent: 99 }),
      ],
      read: onDisk("judged.csv", (path) => scoreFiles([path])),
    },
    {
      name: "tokenizer",
      share: 2,
      inputs: [byteLevelJson(), byteFallbackJson()].map((json) => Buffer.from(JSON.stringify(json))),
      read: onDisk("tokenizer.json", async () => {
        const tokenizer = await Tokenizer.load(folder);
        return tokenizer.decode(tokenizer.encode("hello a\n  b <s> 🐂"));
      }),
    },
    {
      name: "chat template",
      share: 4,
      inputs: families.map(({ source }) => Buffer.from(source)),
      read: text((t) => new ChatTemplate(t, { bos_token: "<s>", eos_token: "</s>" }).render(messages)),
    },
    {
      name: "safetensors",
      share: 1,
      inputs: [await readFile(tensors)],
      read: onDisk("model.safetensors", (path) => readSafetensors(path)),
    },
    {
      name: "config",
      share: 1,
      timesItsSize: 8,
      inputs: await configs(),
      read: text((t) => configFromJson(parsed(t), "config.json")),
    },
    {
      name: "gguf",
      share: 2,
      timesItsSize: 8,
      inputs: [await readFile(new URL("../onnx/gguf/tiny-llama.gguf", import.meta.url))],
      read: onDisk("model.gguf", (path) => readGgufModel(path)),
    },
    {
      name: "adapter",
      share: 1,
      timesItsSize: 8,
      inputs: [
        Buffer.from(JSON.stringify(ADAPTER)),
        Buffer.from(JSON.stringify({ ...ADAPTER, target_modules: "all-linear", layers_to_transform: [0, 2] })),
        Buffer.from(JSON.stringify({ ...ADAPTER, target_modules: "model\\.layers\\.\\d+\\..*(q|v)_proj" })),
      ],
      read: text((t) => adapterConfigFromJson(parsed(t))),
    },
    {
      name: "log archive",
      share: 1,
      inputs: [await readFile(here("zstd.eval"))],
      read: onDisk("log.eval", (path) => drained(inspectRecords(path))),
    },
    {
      name: "direction",
      share: 1,
      inputs: [
        await readFile(here("directions/evil_response_avg_diff.pt")),
        await readFile(here("directions/by-layer.pt")),
      ],
      read: onDisk("d.pt", (path) => readDirection(path, { layers: 3 })),
    },
    {
      name: "answers to judge",
      share: 1,
      inputs: [
        lines({ prompt: [said("user", "Hi")], response: "<think>x</think>y" }, { question: "a", answers: ["b", "c"] }),
        lines({ id: 1, messages: [said("user", "Hi"), said("assistant", "Hello")], finish_reason: "content_filter" }),
      ],
      read: onDisk("answers.jsonl", (path) => drained(storedAnswers({ answers: path }))),
    },
    ...(await serverReplies()),
  ];
}

/** Of every architecture, in the manner of `transformers` 4 and 5. */
async function configs(): Promise<Buffer[]> {
  const references = new URL("../onnx/architectures/references/", import.meta.url);
  const files = await readdir(references);
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, references), "utf8")));
  return texts.flatMap((json) => {
    const { config4, config5 } = JSON.parse(json) as Record<"config4" | "config5", object>;
    return [config4, config5].map((config) => Buffer.from(JSON.stringify(config)));
  });
}

const text = (read: (text: string) => unknown) => async (bytes: Buffer) => read(bytes.toString("utf8"));

/** What is no JSON is another reader's. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

async function drained(rows: AsyncIterable<unknown>): Promise<number> {
  const iterator = rows[Symbol.asyncIterator]();
  let count = 0;
  while ((await iterator.next()).done !== true) count++;
  return count;
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
}
