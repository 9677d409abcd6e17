/** `askew study init` and `askew study schema`: a file to begin with, and what editors need to help with it. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Argument, Command } from "commander";
import { REAL_STUDY_TEMPLATE, STUDY_TEMPLATE, studyJsonSchema } from "../../study/index.js";
import { UsageError } from "../../text/index.js";
import { makeFolderOf } from "../../store/index.js";
import { askewCommand } from "../../terminal/index.js";

/** Beside the study, so that an editor needs no network to find it. */
const SCHEMA_FILE = "askew-study.schema.json";

export const initCommand = (): Command =>
  new Command("init")
    .description("write a commented study to begin with; nothing is overwritten")
    .addArgument(new Argument("[file]", "where to").default("study.yaml"))
    .option("--real", "the published experiment, for a model and datasets of your own")
    .addHelpText(
      "after",
      `\nBeside it comes ${SCHEMA_FILE}, for editors.\n\nExamples:\n  $ askew study init my.yaml\n  $ askew study init --real published.yaml`,
    )
    .action(async (file: string, { real = false }: { readonly real?: boolean }) => {
      if (existsSync(file)) {
        throw new UsageError(`${file} is there already`, "Name another file; nothing was changed.");
      }
      makeFolderOf(file);
      await writeNew(
        file,
        `# yaml-language-server: $schema=./${SCHEMA_FILE}\n${(real ? REAL_STUDY_TEMPLATE : STUDY_TEMPLATE).replaceAll("FILE", file)}`,
      );
      await writeNew(join(dirname(file), SCHEMA_FILE), schemaText());
      process.stdout.write(`${file} is written.\nNext: ${askewCommand()} study ${file} --dry-run\n`);
    });

export const schemaCommand = (): Command =>
  new Command("schema")
    .description("print the JSON Schema of a study's file, for editors")
    .addHelpText("after", `\nExample:\n  $ askew study schema > ${SCHEMA_FILE}`)
    .action(() => void process.stdout.write(schemaText()));

const schemaText = (): string => `${JSON.stringify(studyJsonSchema(), null, 2)}\n`;

/** Leaves a file that is there as it is. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
