/** `askew gate init`: a file to begin with. */
import { writeFile } from "node:fs/promises";
import { Argument, Command } from "commander";
import { GATE_TEMPLATE } from "../../gate/index.js";
import { codeOf, makeFolderOf } from "../../store/index.js";
import { askewCommand, quoted } from "../../terminal/index.js";
import { UsageError } from "../../text/index.js";

export const initCommand = (): Command =>
  new Command("init")
    .description("write a commented gate to begin with; nothing is overwritten")
    .addArgument(new Argument("[file]", "where to").default("gate.yaml"))
    .addHelpText("after", "\nExample:\n  $ askew gate init gate.yaml")
    .action(async (file: string) => {
      makeFolderOf(file);
      try {
        await writeFile(file, GATE_TEMPLATE.replaceAll("FILE", file), { flag: "wx" });
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error;
        throw new UsageError(`${file} is there already`, "Name another file; nothing was changed.");
      }
      process.stdout.write(`${file} is written.\nNext: ${askewCommand()} gate ${quoted(file)} --dry-run\n`);
    });
