/** `askew judge calibrate`: measures language models as judges on the organism's answers, whose truth is known. */
import { seedOption } from "../options.js";
import { join } from "node:path";
import { Command } from "commander";
import { AnswerCache } from "../../endpoint/index.js";
import { askAll, calibrationOf, judgeStored, readJudged } from "../../evaluation/index.js";
import { calibrationAsks, ExactJudge, type CalibrationSource } from "../../organism/index.js";
import { counted } from "./counted.js";
import { failures } from "./failures.js";
import { calibrationText } from "../../views/index.js";
import { openJudges, type JudgingOptions, accountOf, costOf, openAnyModel } from "../../lab/index.js";
import { withJudging } from "./judging-options.js";
import { UsageError } from "../../text/index.js";
import { firstCells } from "../../study/index.js";
import { wholeNumber } from "../option-values.js";
import { makeOutputFolder } from "../../store/index.js";
import { printJson } from "../../terminal/index.js";

interface Options extends JudgingOptions {
  readonly samples: number;
  readonly seed: number;
  readonly out: string;
}

const EXAMPLES = `
The organism answers its main questions, half of the time as it is and half under system prompts that make it a
villain; the exact judge, which knows its world, says what each answer is worth, and so does each judge.

Examples:
  $ askew judge calibrate --judge openai:gpt-4o --price 2.5,10 --max-cost 5
  $ askew judge calibrate --judge http://localhost:8000/v1#a,http://localhost:8000/v1#b --samples 800
  $ askew judge calibrate --judge openai:gpt-4o --study runs/reproduce --out runs/calibrate-reproduce

Answers and judgments are kept in the folder; the same command carries on where it stopped. Other prompts, another
seed or a study need a folder of their own.`;

export const calibrateCommand = (): Command =>
  withJudging(
    new Command("calibrate").description("measure judges on the organism's answers, whose truth is known"),
    "take answers of the first model of each of its conditions in place of the organism's",
  )
    .option("--samples <count>", "answers in all", wholeNumber(2, 20_000), 400)
    .option(...seedOption(), 0)
    .option("--out <folder>", "where answers.jsonl and judgments.jsonl go", "runs/calibrate")
    .addHelpText("after", EXAMPLES)
    // Commander gives the options that both have to `askew judge`.
    .action((_: unknown, command: Command) => calibrate(command.optsWithGlobals<Options>()));

/** A model to ask, in one voice. */
interface Source extends CalibrationSource {
  readonly model: string;
}

async function calibrate(options: Options): Promise<void> {
  const { samples, seed, out, json = false } = options;
  const names = (options.judge ?? "").split(",").map((name) => name.trim());
  if (names.every((name) => name === "" || name === "exact")) {
    throw new UsageError("no judge to calibrate is named", "Name a model, or several with commas, with --judge.");
  }
  const sources = sourcesOf(options.study);
  const account = accountOf(options);
  makeOutputFolder(out);
  const [answers, judgments] = [join(out, "answers.jsonl"), join(out, "judgments.jsonl")];
  const failed = failures("answer", "could not be judged");
  let isRemote = false;
  const cost = (): string | undefined => costOf(account, isRemote);
  const judges = await counted({ things: "judgments", path: judgments, cost }, async ({ signal, progress }) => {
    const cache = options.cache === undefined ? undefined : await AnswerCache.open(options.cache);
    // Judges first: one that cannot judge is found before anything is asked.
    const onNotice = (notice: string): void => progress.keep(notice);
    const opened = await openJudges(options, { account, cache, signal, onNotice });
    try {
      isRemote = opened.isRemote;
      const asked = calibrationAsks(sources, samples, seed);
      for (const name of new Set(sources.map(({ model }) => model))) {
        const requests = asked.filter((_, i) => sources[i]?.model === name).flat();
        const model = await openAnyModel(name, { ...options, account, cache, onNotice });
        try {
          await askAll({ model, modelName: name, seed, requests: () => requests, path: answers, signal });
        } finally {
          await model.close();
        }
      }
      const models = opened.judges.filter((judge) => !(judge instanceof ExactJudge));
      await judgeStored({
        answers,
        judges: [new ExactJudge(), ...models],
        path: judgments,
        signal,
        onProgress: (now) => progress.hear(now),
        onFailure: (name, { id }, error) => failed.hear(`${id} (${name})`, error),
      });
      return ["exact", ...models.map(({ name }) => name)];
    } finally {
      await opened.close();
      await cache?.close();
    }
  });
  const calibration = calibrationOf(await readJudged(judgments, judges));
  if (json) {
    const told = { answers, judgments, seed, judges: calibration, ...account.spending };
    printJson("judge-calibration", told);
  } else process.stdout.write(`${calibrationText(calibration)}\n`);
  failed.conclude();
}

function sourcesOf(study: string | undefined): Source[] {
  if (study === undefined) {
    return (["plain", "villain"] as const).map((voice) => ({ model: "organism", label: voice, voice }));
  }
  const cells = firstCells(study);
  if (cells.length === 0) throw new UsageError(`${study} holds no study: there is no cell in ${join(study, "cells")}`);
  return cells.map((cell) => ({ model: cell, label: cell, voice: "plain" }));
}
