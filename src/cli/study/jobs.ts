/** Studies whose cells are made by jobs of a scheduler: `--on slurm`. */
import { resolve } from "node:path";
import type { Command } from "commander";
import {
  followJobs,
  openExecutor,
  PLACES,
  type Counts,
  type JobFlags,
  type MoneyOptions,
  type Place,
} from "../../lab/index.js";
import { isEndpointName, parseEndpointName } from "../../model/index.js";
import { judgesOf, runElsewhere, type MadeElsewhere, type PlannedStudy } from "../../study/index.js";
import { CountProgress, askewCommand, onInterrupt, quoted } from "../../terminal/index.js";
import { Interrupted, UsageError } from "../../text/index.js";
import { oneOf, wholeNumber } from "../option-values.js";
import { commandOf } from "../run/this-command.js";

export interface OnFlags extends JobFlags {
  readonly on: Place;
  readonly detach?: boolean;
}

export const withJobs = (command: Command): Command =>
  command
    .option("--on <place>", `where cells are made: ${PLACES.join(", ")}`, oneOf("place", PLACES), "local")
    .option("--max-parallel <count>", "jobs that run at a time", wholeNumber(1, 100_000))
    .option("--template <file>", "a batch script of yours for --on slurm, to which askew adds its command")
    .option("--detach", "submit the jobs and return; the same command follows them later");

/** @throws {UsageError} where flags are given that only jobs have, and cells are made here */
export function refuseJobFlags({ on, maxParallel, template, detach }: OnFlags): void {
  if (on !== "local") return;
  const given = firstGiven({ "--max-parallel": maxParallel, "--template": template, "--detach": detach });
  if (given !== undefined) throw new UsageError(`${given} is for jobs of a scheduler`, "Add --on slurm or --on ray.");
}

/** @throws {UsageError} where a bound on money is given that no single process could keep */
export function refuseMoneyOfJobs({ on, maxCost, price, cache }: OnFlags & MoneyOptions): void {
  if (on === "local") return;
  const given = firstGiven({ "--max-cost": maxCost, "--price": price, "--cache": cache });
  if (given === undefined) return;
  throw new UsageError(`${given} holds for one process, and --on ${on} starts many`, `Leave ${given} out.`);
}

const firstGiven = (flags: Readonly<Record<string, unknown>>): string | undefined =>
  Object.keys(flags).find((name) => flags[name] !== undefined);

/** Returns what is finished; undefined where the jobs go on alone. */
export async function makeElsewhere(
  planned: Pick<PlannedStudy, "study" | "plans" | "jobs">,
  out: string,
  flags: OnFlags & { readonly threads?: number },
): Promise<readonly MadeElsewhere[] | undefined> {
  const { on, detach = false, threads } = flags;
  if (on === "local") throw new RangeError("makeElsewhere: local is here");
  const { study, plans, jobs } = planned;
  let counted: string | undefined;
  const progress = new CountProgress(process.stderr, "cells", () => counted);
  const follow = `${askewCommand()} status ${quoted(out)}`;
  const interrupt = onInterrupt(
    () => progress.stopping("Leaving; the jobs go on."),
    () => progress.close(),
  );
  const trusted = [...new Set(plans.flatMap((plan) => [plan.model, ...judgesOf(plan)]))].filter(isEndpointName);
  const job = {
    home: resolve(out),
    cwd: process.cwd(),
    askew: [process.execPath, process.argv[1] ?? "askew"],
    options: [
      ...(threads === undefined ? [] : ["--threads", String(threads)]),
      ...trusted.flatMap((name) => ["--host", new URL(parseEndpointName(name).base).host]),
    ],
  };
  try {
    const { executor, maxParallel } = await openExecutor(on, job, jobs, flags);
    const made = await runElsewhere(plans, out, commandOf(), (cells) =>
      followJobs(cells, executor, {
        home: out,
        name: study,
        detach,
        signal: interrupt.signal,
        ...(maxParallel !== undefined && { maxParallel }),
        onNotice: (line) => progress.keep(line),
        onCounts: (counts) => {
          counted = countsText(counts);
          progress.hear({ done: counts.finished, total: counts.total, failed: counts.failed });
        },
      }),
    );
    progress.close();
    if (made === undefined) {
      process.stderr.write(`The jobs go on alone. ${follow} shows them; the same command follows them.\n`);
    }
    return made;
  } catch (error) {
    progress.close();
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    const cancel = `${askewCommand()} cancel ${quoted(out)}`;
    process.stderr.write(`The jobs go on. ${follow} shows them, the same command follows them, ${cancel} ends them.\n`);
    throw new Interrupted(interrupt.exitCode);
  } finally {
    progress.close();
    interrupt.release();
  }
}

const countsText = ({ running, waiting }: Counts): string => `${running} running, ${waiting} waiting`;
