/** The options of commands that judge. */
import { THREADS, jsonOption } from "../options.js";
import type { Command } from "commander";
import { oneOf, wholeNumber } from "../option-values.js";
import { withMoney } from "./money.js";

/** @param study what a study is for */
export const withJudging = (command: Command, study = "the study that conditions are taken from"): Command =>
  withMoney(
    command
      // Needed, and looked for when judges are opened: commander would ask `judge calibrate` for it twice.
      .option("--judge <names>", "who judges: exact, models or probe:FILE, with commas between them")
      .option("--prompts <file>", "judge prompts (YAML: name and template), or a file of questions that has them")
      .option(
        "--scoring <way>",
        "expected (one token's likeliest numbers) or samples (replies that are read); default: what the judge can do",
        oneOf("way of scoring", ["expected", "samples"] as const),
      )
      .option("--replies <count>", "replies to each prompt with --scoring samples (default: 5)", wholeNumber(1, 1000))
      .option("--max-tokens <count>", "longest reply with --scoring samples (default: 16)", wholeNumber(1, 100_000)),
  )
    .option("--reader <model>", "with probe:FILE: the model it reads with, where that lies elsewhere now")
    .option("--study <folder>", study)
    .option(...THREADS)
    .option(...jsonOption("what was done"));
