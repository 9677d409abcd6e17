/** Options of commands whose work can be done by jobs of a scheduler. */
import { Option, type Command } from "commander";
import { PLACES, type JobFlags, type MoneyOptions, type Place } from "../../lab/index.js";
import type { SeriesPart } from "../../run/index.js";
import { UsageError } from "../../text/index.js";
import { oneOf, wholeNumber } from "../option-values.js";

export interface OnFlags extends JobFlags {
  readonly on: Place;
  readonly detach?: boolean;
}

/** Flags of a command that has no file in which jobs are described. */
export interface ClusterFlags extends OnFlags {
  readonly cluster?: string;
}

/** Flags of a command whose work is one list of measurements. */
export interface PartFlags extends ClusterFlags {
  readonly jobs?: number;
  /** Which part of the measurements a job makes. */
  readonly part?: SeriesPart;
}

export const USUAL_JOBS = 8;
const MOST_JOBS = 100_000;

/** @param what is done elsewhere: `cells are made` */
export const withJobs = (command: Command, what = "cells are made"): Command =>
  command
    .option("--on <place>", `where ${what}: ${PLACES.join(", ")}`, oneOf("place", PLACES), "local")
    .option("--max-parallel <count>", "jobs that run at a time", wholeNumber(1, MOST_JOBS))
    .option("--template <file>", "a batch script of yours for --on slurm, to which askew adds its command")
    .option("--detach", "submit the jobs and return; the same command follows them later");

export const withCluster = (command: Command, what: string): Command =>
  withJobs(command, what).option("--cluster <file>", "YAML with slurm: or ray: as in a study's file");

export const withParts = (command: Command, what: string): Command =>
  withCluster(command, what)
    .option("--jobs <count>", `jobs that share the work with --on (default: ${USUAL_JOBS})`, wholeNumber(1, MOST_JOBS))
    .addOption(new Option("--part <part>").argParser(partOf).hideHelp());

function partOf(text: string): SeriesPart {
  const [, index = 0, of = 0] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  if (index >= 1 && index <= of) return { index, of };
  throw new UsageError(`--part: expected a part such as 2/8, found ${JSON.stringify(text)}`);
}

const WITH_VALUE = new Set(["--on", "--max-parallel", "--template", "--cluster", "--jobs"]);

/** The words of a command without those that say where it runs: a job runs it where it is. */
export const withoutJobFlags = (words: readonly string[]): string[] =>
  words.filter(
    (word, i) =>
      !WITH_VALUE.has(word.split("=", 1)[0] ?? "") && !WITH_VALUE.has(words[i - 1] ?? "") && word !== "--detach",
  );

/** @throws {UsageError} where flags are given that only jobs have, and the work is done here */
export function refuseJobFlags({ on, maxParallel, template, detach, cluster, jobs }: PartFlags): void {
  if (on !== "local") return;
  const given = firstGiven({
    "--max-parallel": maxParallel,
    "--template": template,
    "--detach": detach,
    "--cluster": cluster,
    "--jobs": jobs,
  });
  if (given !== undefined) throw new UsageError(`${given} is for jobs of a scheduler`, "Add --on slurm or --on ray.");
}

/** @throws {UsageError} where a bound on money is given that no single process could keep */
export function refuseMoneyOfJobs({ on, maxCost, price, cache }: OnFlags & MoneyOptions): void {
  if (on === "local") return;
  const given = firstGiven({ "--max-cost": maxCost, "--price": price, "--cache": cache });
  if (given === undefined) return;
  throw new UsageError(`${given} holds for one process, and --on ${on} starts many`, `Leave ${given} out.`);
}

/** @throws {UsageError} where a result is to be printed that a job writes */
export function refuseJsonOfJobs({ on, json = false }: OnFlags & { readonly json?: boolean }): void {
  if (on === "local" || !json) return;
  throw new UsageError(
    `--json prints what this process finds, and with --on ${on} jobs find it`,
    "Leave --json out, and give the same command without --on once the jobs have ended.",
  );
}

const firstGiven = (flags: Readonly<Record<string, unknown>>): string | undefined =>
  Object.keys(flags).find((name) => flags[name] !== undefined);
