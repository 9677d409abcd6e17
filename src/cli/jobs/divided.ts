/** Runs that jobs of a scheduler make, each with `askew run FOLDER`: lists of folders, one list after the other. */
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { isRunFinished } from "../../lab/index.js";
import { PARTS_FOLDER, prepareRun, type RunCommand } from "../../run/index.js";
import { makeOutputFolder } from "../../store/index.js";
import { readJobsFile, type PlannedJobs } from "../../study/index.js";
import { askewCommand, quoted } from "../../terminal/index.js";
import { elsewhere } from "./elsewhere.js";
import { serversNamedBy } from "../study/trusted-hosts.js";
import { USUAL_JOBS, withoutJobFlags, type ClusterFlags, type PartFlags } from "./on-flags.js";
import { thisCommand } from "../run/this-command.js";

/** A folder, and the command that a job makes it with. */
export interface PreparedRun {
  readonly folder: string;
  /** The kind as `run.json` names it. */
  readonly kind: string;
  readonly command: RunCommand;
  /** A finished run of such a kind is begun again by another command: a series grows. */
  readonly grows?: boolean;
}

export interface DividedFlags extends ClusterFlags {
  readonly threads?: number;
}

/**
 * Prepares the runs of each list and has jobs make them, a list once all runs of the one before it are finished.
 * @param home the folder that all of them lie in, or are
 * @returns whether all of them are finished
 */
export async function makeDivided(
  home: string,
  name: string,
  lists: readonly (readonly PreparedRun[])[],
  flags: DividedFlags,
): Promise<boolean> {
  const settings: PlannedJobs = flags.cluster === undefined ? {} : await readJobsFile(flags.cluster);
  const servers = await serversNamedBy(lists.flat().flatMap(({ command }) => [command]));
  const wanted = { home, name, things: "jobs", settings, flags, servers };
  return elsewhere(wanted, async (follow) => {
    makeOutputFolder(home);
    for (const runs of lists) {
      for (const { folder, kind, command, grows = false } of runs) await prepareRun(folder, kind, command, grows);
      if ((await follow(tasksOf(home, runs))) === "detached") return false;
    }
    return true;
  });
}

export const tasksOf = (home: string, runs: readonly { readonly folder: string }[]) => ({
  tasks: runs.map(({ folder }) => relative(home, folder).replaceAll("\\", "/") || "."),
  isFinished: (task: string) => isRunFinished(join(home, task)),
});

/** A series whose measurements several jobs make, and which one more job puts together. */
export interface DividedSeries {
  readonly folder: string;
  readonly command: RunCommand;
}

const SERIES = "series of measurements";

/** Makes series with `--on`: the command as it was typed, in as many parts as `--jobs` says. */
export async function makeSeriesElsewhere(
  home: string,
  name: string,
  series: readonly DividedSeries[],
  flags: PartFlags & { readonly threads?: number },
): Promise<void> {
  const { jobs = USUAL_JOBS } = flags;
  const parts = series.flatMap(({ folder, command }) =>
    Array.from({ length: jobs }, (_, i): PreparedRun => {
      const words = [...command.words, "--part", `${i + 1}/${jobs}`];
      return {
        folder: join(folder, PARTS_FOLDER, partName(command, i + 1, jobs)),
        kind: SERIES,
        command: { ...command, words },
      };
    }),
  );
  const wholes = series.map((one): PreparedRun => ({ ...one, kind: SERIES, grows: true }));
  if (!(await makeDivided(home, name, [parts, wholes], flags))) return;
  for (const { folder } of series) {
    process.stdout.write(
      `${quoted(folder)} is finished. ${askewCommand()} logs ${quoted(folder)} shows what it found.\n`,
    );
  }
}

/** Another command, such as one with more seeds, has parts of its own beside those that are there. */
const partName = ({ words }: RunCommand, index: number, of: number): string =>
  `${createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 8)}-${index}-of-${of}`;

/** The command as it was typed, as a job is to run it. */
export function jobCommand(): RunCommand {
  const { words = [], cwd = process.cwd() } = thisCommand() ?? {};
  return { words: withoutJobFlags(words), cwd };
}
