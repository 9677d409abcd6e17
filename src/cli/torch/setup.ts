/** `askew torch setup`: a virtual environment with pinned versions of what the worker needs. */
import { Command } from "commander";
import { checkTorch, setupSteps, setUpTorch, type SetupOptions } from "../../torch/index.js";
import { checkPage } from "./check.js";

export const setupCommand = (): Command =>
  new Command("setup")
    .description("make a Python environment for torch: models, with pinned versions")
    .option("--cpu", "PyTorch without CUDA, a tenth of the size")
    .option("--python <path>", "the Python to make it with, 3.10 or newer")
    .option("--dry-run", "print the commands, and run none")
    .addHelpText("after", "\nExamples:\n  $ askew torch setup\n  $ askew torch setup --cpu --dry-run")
    .action(setup);

async function setup({ dryRun = false, ...options }: SetupOptions & { readonly dryRun?: boolean }): Promise<void> {
  if (dryRun) {
    for (const step of setupSteps(options).steps) process.stdout.write(`${step.join(" ")}\n`);
    return;
  }
  await setUpTorch(options, (step) => process.stderr.write(`$ ${step.join(" ")}\n`));
  process.stdout.write(checkPage(await checkTorch()));
}
