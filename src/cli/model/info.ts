/** `askew model info`: what a file or folder of weights is, and what askew can do with it. */
import { Command } from "commander";
import { shippedFolder } from "../../model/index.js";
import { readModelInfo, type ModelInfo } from "../../onnx/index.js";
import { count } from "../../text/index.js";
import { wrap } from "../../layout/index.js";
import { printJson, widthOf } from "../../terminal/index.js";

export const infoCommand = (): Command =>
  new Command("info")
    .description("tell what a file or folder of weights is: architecture, size, memory it takes")
    .argument("<model>", "organism, a folder, a GGUF or safetensors file, or local: and one of these")
    .option("--json", "print JSON on stdout, and nothing else there")
    .addHelpText(
      "after",
      "\nExamples:\n  $ askew model info models/Qwen3-0.6B\n  $ askew model info local:gemma.gguf --json",
    )
    .action(info);

async function info(model: string, { json = false }: { readonly json?: boolean }): Promise<void> {
  const found = await readModelInfo(shippedFolder(model) ?? model.replace(/^local:/, ""));
  if (!json) {
    process.stdout.write(page(found));
    return;
  }
  const { path, format, name, architecture, parameters, bytes, types, memory, adapter, problem, config } = found;
  printJson("model", {
    path,
    format,
    name,
    architecture: architecture ?? null,
    parameters,
    bytes,
    types,
    chatTemplate: found.chatTemplate,
    config: config ?? null,
    memory: memory ?? null,
    adapter: adapter ?? null,
    problem: problem ?? null,
  });
}

function page(found: ModelInfo): string {
  const { path, format, name, architecture, parameters, bytes, types, memory, adapter, config, problem } = found;
  const rows: [string, string][] = [
    ["path", printable(path)],
    ["format", format === "folder" ? "a folder in the Hugging Face layout" : format],
    ["name", printable(name)],
    ...(architecture === undefined ? [] : ([["architecture", architecture]] as [string, string][])),
    ["parameters", count(parameters)],
    ["size", size(bytes)],
    [
      "stored as",
      Object.entries(types)
        .map(([kind, n]) => `${kind} (${share(n, parameters)})`)
        .join(", ") || "nothing",
    ],
  ];
  if (config) {
    rows.push(["shape", `${config.layers} layers, width ${config.width}, ${count(config.vocabSize)} tokens`]);
    rows.push(["longest text", `${count(config.maxPositions)} tokens`]);
    rows.push(["chat template", found.chatTemplate ? "yes" : "none: it cannot be asked questions as they are"]);
  }
  if (adapter) {
    rows.push(["adapter", `LoRA of rank ${adapter.rank} on ${adapter.targets.join(", ")}`]);
    rows.push(["base model", adapter.base === "" ? "not named" : printable(adapter.base)]);
  }
  if (memory) {
    rows.push(["memory to ask", `about ${size(memory.ask)}`]);
    rows.push(["to train LoRA", `about ${size(memory.trainAdapter)}, with 4 texts of 256 tokens at a time`]);
    rows.push(["to train all", `about ${size(memory.trainAll)}, with 4 texts of 256 tokens at a time`]);
  }
  const can = memory
    ? "ask, fine-tune, read, steer, diff"
    : adapter
      ? "use as an adapter of its base model"
      : "nothing";
  rows.push(["askew can", can]);
  const widest = Math.max(...rows.map(([label]) => label.length));
  const width = widthOf(process.stdout);
  const lines = rows.flatMap(([label, text]) => wrap(`${label.padEnd(widest)}  ${text}`, width, widest + 2));
  return `${[...lines, ...(problem === undefined ? [] : ["", ...wrap(problem, width)])].join("\n")}\n`;
}

const share = (part: number, all: number): string => `${Math.round((100 * part) / Math.max(1, all))} %`;

/** Text from a stranger's file must not move the cursor. */
const printable = (text: string): string => text.slice(0, 200).replaceAll(/\p{Cc}/gu, "?");

function size(bytes: number): string {
  const gigabytes = bytes / 1e9;
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
