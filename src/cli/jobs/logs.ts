/** `askew logs`: what the job of a run has printed. */
import { Argument, Command } from "commander";
import { logOf } from "../../lab/index.js";
import { onInterrupt } from "../../terminal/index.js";
import { Interrupted, printable } from "../../text/index.js";

export const logsCommand = (): Command =>
  new Command("logs")
    .addArgument(new Argument("<folder>", "a run that a job was submitted for, such as a cell of a study"))
    .option("--follow", "go on until the job has ended")
    .addHelpText("after", "\nExamples:\n  $ askew logs runs/mine/cells/insecure-1 --follow")
    .action(logs);

async function logs(folder: string, { follow = false }: { readonly follow?: boolean }): Promise<void> {
  const interrupt = onInterrupt(() => undefined);
  try {
    for await (const text of logOf(folder, follow, interrupt.signal)) process.stdout.write(printable(text));
  } catch (error) {
    if (interrupt.signal.aborted) throw new Interrupted(interrupt.exitCode);
    throw error;
  } finally {
    interrupt.release();
  }
}
