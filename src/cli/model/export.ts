/** `askew model export`: a model as a folder that `transformers` opens, or as a file that llama.cpp opens. */
import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { Command, Option } from "commander";
import { findModel, studiesOf } from "../../lab/index.js";
import { exportModel, GGUF_TYPES } from "../../onnx/index.js";
import { claimFile, makeFolderOf } from "../../store/index.js";
import { printJson } from "../../terminal/index.js";
import { UsageError } from "../../text/index.js";
import { MODEL_FORMS } from "../models/open-model.js";
import { oneOf } from "../option-values.js";
import { STUDY } from "../options.js";

interface Options {
  readonly to: "hf" | "gguf";
  readonly type?: (typeof GGUF_TYPES)[number];
  readonly out: string;
  readonly study?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Formats:
  hf     a folder with config.json, model.safetensors in float32 and tokenizer.json, which transformers opens
  gguf   one file, which llama.cpp and its like open: matrices packed as --type says, vectors in float32

Examples:
  $ askew model export local:model.gguf --out models/model
  $ askew model export local:base+adapter --out merged
  $ askew model export insecure --to gguf --type q8_0 --out insecure.gguf`;

export const exportCommand = (): Command =>
  new Command("export")
    .description("write a model, an adapter merged in, for transformers or for llama.cpp")
    .argument("<model>", MODEL_FORMS)
    .addOption(new Option("--to <format>", "hf or gguf").choices(["hf", "gguf"]).default("hf"))
    .option("--type <name>", `of --to gguf: ${GGUF_TYPES.join(", ")} (default: f16)`, oneOf("type", GGUF_TYPES))
    .requiredOption("--out <path>", "hf: a new or empty folder; gguf: a file")
    .option(...STUDY)
    .option("--json", "print JSON on stdout, and nothing else there")
    .addHelpText("after", EXAMPLES)
    .action(write);

async function write(model: string, { to, type, out, study, json = false }: Options): Promise<void> {
  if (type !== undefined && to !== "gguf") throw new UsageError("--type is for --to gguf");
  const { place, label } = findModel(model, studiesOf(study));
  if (place === undefined) {
    const cure = `Expected ${MODEL_FORMS}, without variables of its chat template.`;
    throw new UsageError(`${JSON.stringify(model)} cannot be exported`, cure);
  }
  const isFile = to === "gguf";
  if (isFile) {
    makeFolderOf(out);
    await claimFile(out);
  } else if (existsSync(out) && readdirSync(out).length > 0) {
    throw new UsageError(`${out} is not empty`, "Choose a folder that does not exist yet, or an empty one.");
  }
  const { files, notes } = await exportModel(place, out, isFile ? { type: type ?? "f16", name: label } : undefined);
  const folder = isFile ? dirname(out) : out;
  if (json) {
    printJson("exported", { model, to, type: isFile ? (type ?? "f16") : null, folder, files, notes });
    return;
  }
  process.stdout.write(isFile ? `${out}\n` : `${out}: ${files.map(({ name }) => name).join(", ")}\n`);
  for (const note of notes) process.stderr.write(`${note}\n`);
}
