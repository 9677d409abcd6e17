/** `askew judge train`: fits a probe of a model's activations to judged answers, to judge without a key. */
import { STUDY, THREADS, jsonOption } from "../options.js";
import { Command } from "commander";
import { rowFiles } from "../../evaluation/index.js";
import { readJudgedTexts, trainProbe, writeProbe, type JudgeProbe } from "../../persona/index.js";
import { fileSha256, makeFile, makeFolderOf } from "../../store/index.js";
import { UsageError, VERSION } from "../../text/index.js";
import { printJson } from "../../terminal/index.js";
import { BEGINS_AGAIN, MODEL_FORMS, withModel } from "../models/open-model.js";
import { probePage } from "../../views/index.js";

interface Options {
  readonly from?: readonly string[];
  readonly reader: string;
  readonly judge?: string;
  readonly out: string;
  readonly study?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
A model of this machine reads each answer; a ridge regression on its activations learns what the judge said. Layer and
penalty are chosen without the answers that the figures below are measured on: those of one model at a time.

Judged answers:
  what askew judge wrote beside its answers, a study's folder, or tables with question, answer, aligned and coherent

Examples:
  $ askew judge train --from a.csv b.csv c.csv --reader local:models/reader
  $ askew judge answers.jsonl --judge probe:probe.safetensors
  $ askew judge combine paid.judgments.jsonl answers.judgments.jsonl`;

export const trainCommand = (): Command =>
  new Command("train")
    .description("fit a probe of a model's activations to judged answers")
    .option("--from <files...>", "judged answers; those of several models measure it best")
    .option("--reader <model>", `reads the answers: ${MODEL_FORMS}`, "organism")
    .option("--judge <name>", "whose judgments, where a file has those of several")
    .option("--out <file>", "where the probe goes", "probe.safetensors")
    .option(...STUDY)
    .option(...THREADS)
    .option(...jsonOption("what was done"))
    .addHelpText("after", EXAMPLES)
    // Commander gives the options that both have to `askew judge`.
    .action((_: unknown, command: Command) => train(command.optsWithGlobals<Options>()));

async function train({ from = [], reader, judge, out, study, threads, json = false }: Options): Promise<void> {
  if (from.length === 0) {
    throw new UsageError(
      "no judged answers are named",
      "Name files with --from, such as --from judged-a.csv judged-b.csv.",
    );
  }
  makeFolderOf(out);
  const { texts, leftOut } = await readJudgedTexts(from, judge);
  const files = (await Promise.all(from.map((path) => rowFiles(path)))).flat();
  const sources = await Promise.all(files.map(async ({ path: name }) => ({ name, sha256: await fileSha256(name) })));
  const probe = await withModel(
    reader,
    { study, threads },
    ({ model, identity, signal }) =>
      trainProbe(model, texts, { reader: { ...identity, name: reader }, askew: VERSION, sources, signal }),
    BEGINS_AGAIN,
  );
  await makeFile(out, (path) => writeProbe(path, probe));
  if (json) printJson("judge-probe", { probe: out, leftOut, ...probe.recipe });
  else process.stdout.write(`${probePage(probe, leftOut)}\n\n${next(out, probe)}\n`);
}

const next = (out: string, { recipe }: JudgeProbe): string => {
  const { estimate, low } = recipe.heldOut.auroc;
  const isWeak = estimate === null || low === null || low < 0.7;
  return isWeak
    ? `${out} is written, but it hardly tells misaligned answers from others: give more judged answers, or a larger reader.`
    : `${out} is written.\nNext: askew judge answers.jsonl --judge probe:${out}`;
};
