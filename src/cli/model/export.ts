/** `askew model export`: a model as a folder that `transformers` opens, whatever files it came in. */
import { existsSync, readdirSync } from "node:fs";
import { Command, Option } from "commander";
import { exportModel } from "../../onnx/index.js";
import { printJson } from "../../terminal/index.js";
import { UsageError } from "../../text/index.js";

interface Options {
  readonly to: "hf";
  readonly out: string;
  readonly json?: boolean;
}

export const exportCommand = (): Command =>
  new Command("export")
    .description("write a model, an adapter merged in, as a folder that transformers opens")
    .argument("<model>", "local:DIR, local:FILE.gguf, or local:BASE+ADAPTER")
    .addOption(
      new Option("--to <format>", "hf: config.json, model.safetensors in float32, tokenizer.json")
        .choices(["hf"])
        .default("hf"),
    )
    .requiredOption("--out <folder>", "a new or empty folder")
    .option("--json", "print JSON on stdout, and nothing else there")
    .addHelpText(
      "after",
      "\nExamples:\n  $ askew model export local:model.gguf --out models/model\n  $ askew model export local:base+adapter --out merged",
    )
    .action(write);

async function write(model: string, { to, out, json = false }: Options): Promise<void> {
  if (!model.startsWith("local:")) {
    throw new UsageError(
      `${JSON.stringify(model)} has no files to export`,
      "Expected local:DIR, local:FILE.gguf or local:BASE+ADAPTER.",
    );
  }
  if (existsSync(out) && readdirSync(out).length > 0) {
    throw new UsageError(`${out} is not empty`, "Choose a folder that does not exist yet, or an empty one.");
  }
  const files = await exportModel(model.slice("local:".length), out);
  if (json) printJson("exported", { model, to, folder: out, files });
  else process.stdout.write(`${out}: ${files.map(({ name }) => name).join(", ")}\n`);
}
