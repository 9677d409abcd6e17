/** `askew torch check`: Python, versions, devices and their memory. */
import { Command } from "commander";
import { printJson } from "../../terminal/index.js";
import { gigabytes, printable } from "../../text/index.js";
import { checkTorch, type TorchCheck } from "../../torch/index.js";

export const checkCommand = (): Command =>
  new Command("check")
    .description("tell which Python, versions and devices torch: models run with")
    .option("--host <name>", "look on another machine, over ssh")
    .option("--json", "print JSON on stdout, and nothing else there")
    .addHelpText("after", "\nExamples:\n  $ askew torch check\n  $ askew torch check --host me@gpu.example.org --json")
    .action(check);

async function check({ host, json = false }: { readonly host?: string; readonly json?: boolean }): Promise<void> {
  const found = await checkTorch(host);
  if (json) printJson("torch", found);
  else process.stdout.write(checkPage(found));
}

export function checkPage(found: TorchCheck): string {
  const { executable, python, torch, transformers, peft, platform, cuda, bitsandbytes, devices } = found;
  const rows = [
    ["Python", `${python}, ${executable}`],
    ["PyTorch", cuda === null ? torch : `${torch}, CUDA ${cuda}`],
    ["transformers", transformers],
    ["PEFT", peft],
    ["4-bit bases", bitsandbytes ? "yes, bitsandbytes is there" : "no: bitsandbytes is not there"],
    ["system", platform],
    ...devices.map(({ name, title, bytes, free, bf16 }) => [
      name,
      [title, ...(bytes === null ? [] : [memoryOf(bytes, free)]), ...(bf16 ? ["bfloat16"] : [])].join(", "),
    ]),
  ];
  const widest = Math.max(...rows.map(([label = ""]) => label.length));
  return `${rows.map(([label = "", text = ""]) => `${label.padEnd(widest)}  ${printable(text)}`).join("\n")}\n`;
}

const memoryOf = (bytes: number, free: number | null): string =>
  free === null ? gigabytes(bytes) : `${gigabytes(free)} free of ${gigabytes(bytes)}`;
