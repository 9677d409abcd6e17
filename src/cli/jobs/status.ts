/** `askew status`: how runs stand, here and on a scheduler. */
import { dirname, relative } from "node:path";
import { Argument, Command } from "commander";
import { left, layColumns } from "../../layout/index.js";
import { statusOf, type RunState, type RunStatus } from "../../lab/index.js";
import { colorsOf, printJson, widthOf } from "../../terminal/index.js";
import { counted, duration, printable } from "../../text/index.js";
import { jsonOption } from "../options.js";

const EXAMPLES = `
A study's cells are listed below it. What is finished and what happened last stands
in the runs' own folders; whether a job waits, its scheduler says.

Examples:
  $ askew status
  $ askew status runs/mine
  $ askew status runs --all --json`;

export const statusCommand = (): Command =>
  new Command("status")
    .addArgument(new Argument("[folder]", "the folder of a run, or one with runs in it").default("runs"))
    .option("--all", "list finished runs inside others, too")
    .option(...jsonOption("every run"))
    .addHelpText("after", EXAMPLES)
    .action(status);

async function status(
  folder: string,
  { json = false, all = false }: { readonly json?: boolean; readonly all?: boolean },
): Promise<void> {
  const { runs, notes } = await statusOf(folder);
  if (json) {
    printJson("status", { folder, runs, notes });
    return;
  }
  for (const note of notes) process.stderr.write(`${printable(note)}\n`);
  process.stdout.write(statusPage(folder, runs, all));
}

const MOST_LINES = 200;
const ORDER: readonly RunState[] = ["finished", "running", "waiting", "failed", "stopped"];

function statusPage(folder: string, runs: readonly RunStatus[], all: boolean): string {
  const { bold, dim } = colorsOf(process.stdout);
  const folders = new Set(runs.map(({ folder: own }) => own));
  const isInside = ({ folder: own }: RunStatus): boolean => {
    for (let above = dirname(own); above !== dirname(above); above = dirname(above))
      if (folders.has(above)) return true;
    return false;
  };
  const listed = runs.filter((run) => all || run.state !== "finished" || !isInside(run));
  const shown = listed.slice(0, MOST_LINES);
  const { heading, rows } = layColumns(
    [
      left("run", 100, shown, (run) => printable(relative(folder, run.folder) || folder)),
      left("state", 9, shown, ({ state, job }) =>
        printable(job?.reason === undefined ? state : `${state}: ${job.reason}`),
      ),
      left("last", 5, shown, ({ last }) => (last === undefined ? "" : printable(`${last.type} ${last.about}`.trim()))),
      left("ago", 4, shown, ({ last }) => (last === undefined ? "" : agoOf(last.time))),
      left("where", 3, shown, ({ by, job }) =>
        printable(by === undefined ? (job ? `${job.executor} ${job.id}` : "") : `${by.host}, process ${by.pid}`),
      ),
    ],
    widthOf(process.stdout),
  );
  const failures = shown
    .filter(({ lines = [] }) => lines.length > 0)
    .slice(0, 5)
    .flatMap(({ folder: own, lines = [] }) => [
      "",
      `${relative(folder, own)} ended with:`,
      ...lines.map((line) => `  ${line}`),
    ])
    .map((line) => printable(line));
  const counts = ORDER.map((state) => [state, runs.filter((run) => run.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  const hidden = listed.length - shown.length;
  const inside = runs.length - listed.length;
  const lines = [
    ...heading.map((line) => bold(line)),
    ...rows,
    ...(hidden === 0 ? [] : [dim(`and ${hidden} more: --json has all of them`)]),
    ...failures,
    "",
    `${counted(runs.length, "run")}: ${counts.join(", ")}${inside === 0 ? "" : `; ${inside} inside others not listed (--all)`}`,
  ];
  return `${lines.join("\n")}\n`;
}

function agoOf(time: string): string {
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  return Number.isFinite(seconds) ? duration(Math.max(0, seconds)) : "";
}
