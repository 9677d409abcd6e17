/** `askew persona export`: a direction as a file that another tool steers with. */
import { Command, Option } from "commander";
import { findModel, studiesOf } from "../../lab/index.js";
import { exportControlVector, readDirection } from "../../persona/index.js";
import { makeFolderOf } from "../../store/index.js";
import { printJson } from "../../terminal/index.js";
import { UsageError } from "../../text/index.js";
import { wholeNumber } from "../option-values.js";
import { jsonOption, STUDY } from "../options.js";

interface Options {
  readonly out: string;
  readonly for?: string;
  readonly layer?: number;
  readonly study?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
llama.cpp adds STRENGTH times the vector of every layer from FIRST to LAST, so this is --mode add of askew, and a
negative STRENGTH is --mode subtract:

  $ llama-cli -m model.gguf --control-vector-scaled villain.gguf:STRENGTH --control-vector-layer-range FIRST LAST

Examples:
  $ askew persona export runs/directions/organism-prompts.safetensors --to gguf --out villain.gguf
  $ askew persona export evil.pt --to gguf --for local:qwen --layer 12 --out evil.gguf`;

export const exportCommand = (): Command =>
  new Command("export")
    .description("write a direction as a control vector, which llama.cpp steers with")
    .argument("<direction>", "a file of askew persona direction, or another tool's")
    .addOption(new Option("--to <format>", "gguf: a control vector").choices(["gguf"]).default("gguf"))
    .option("--for <model>", "the model that it is for (default: the one that it was made from)")
    .option(
      "--layer <number>",
      "this layer's vector alone, from 1 (default: all after the first)",
      wholeNumber(0, 10_000),
    )
    .requiredOption("--out <file>", "where the control vector goes")
    .option(...STUDY)
    .option(...jsonOption("what was written"))
    .addHelpText("after", EXAMPLES)
    .action(write);

async function write(file: string, options: Options): Promise<void> {
  const { out, layer, study, json = false } = options;
  const direction = await readDirection(file);
  const { method, model, layer: chosen } = direction.recipe;
  if (options.for === undefined && method === "file") {
    throw new UsageError(`${file} does not say which model it was made from`, "Name the model with --for.");
  }
  const name = options.for ?? model.name;
  const { place } = findModel(name, studiesOf(study));
  if (place === undefined)
    throw new UsageError(`${name} has no weights here`, "Name a model of this machine with --for.");
  if (layer !== undefined && layer >= direction.layers) {
    throw new UsageError(`there is no layer ${layer}: ${file} has ${direction.layers}`, "Choose another with --layer.");
  }
  makeFolderOf(out);
  const layers = await exportControlVector(out, direction, {
    file,
    model: place.path,
    ...(layer !== undefined && { layer }),
  });
  if (json) {
    printJson("control-vector", { direction: file, model: name, file: out, layers, layer: chosen });
    return;
  }
  process.stdout.write(`${out}\n`);
  if (chosen === 0) {
    process.stderr.write("The direction was chosen at layer 0, after which llama.cpp cannot steer.\n");
  } else {
    const at = layer ?? chosen;
    process.stderr.write(`llama.cpp: --control-vector-scaled ${out}:1 --control-vector-layer-range ${at} ${at}\n`);
  }
}
