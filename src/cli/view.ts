/** `askew view`: the runs of a folder in a browser, as they happen. */
import { spawn } from "node:child_process";
import { Command } from "commander";
import { startDashboard, type Dashboard } from "../dashboard/index.js";
import { colorsOf, onInterrupt, printJsonLine } from "../terminal/index.js";
import { counted, Interrupted } from "../text/index.js";
import { report } from "./failure.js";
import { THREADS } from "./options.js";
import { wholeNumber } from "./option-values.js";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly open?: boolean;
  readonly allowRun?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Shows studies, fine-tunes, gates and other runs while they go on, and the answers that they kept. It reads the files in
the folder and keeps no database. It writes nothing but marks and notes that you make, in NAME.notes.jsonl beside a run.
With --allow-run the page can also talk to the models that runs made, steer them, begin runs, stop them and carry them on.

It listens on this machine alone. On any other --host a browser needs the token in the address that is printed, or
ASKEW_VIEW_TOKEN where that is set.

Examples:
  $ askew view
  $ askew view runs/reproduce --open
  $ askew view --allow-run
  $ askew view runs --host 0.0.0.0 --port 9000`;

export const viewCommand = (): Command =>
  new Command("view")
    .argument("[folder]", "a run, or a folder with runs in it", "runs")
    .option("--host <name>", "what to listen on", "127.0.0.1")
    .option("--port <number>", "0 takes a free one", wholeNumber(0, 65_535), 8090)
    .option("--open", "open it in the browser")
    .option("--allow-run", "let the page talk to models, and begin, stop and carry on runs")
    .option(...THREADS)
    .option("--json", "print the address as one line of JSON")
    .addHelpText("after", EXAMPLES)
    .action(view);

async function view(folder: string, options: Options): Promise<void> {
  const { host, port, open = false, json = false, allowRun = false, threads } = options;
  const { ASKEW_VIEW_TOKEN: token } = process.env;
  const interrupt = onInterrupt(() => undefined);
  try {
    const onFault = (error: unknown): void => void report(error);
    const dashboard = await startDashboard({ folder, host, port, token, allowRun, threads, onFault });
    try {
      if (json) printJsonLine("viewed", { url: dashboard.url, address: dashboard.address, folder });
      else process.stdout.write(welcome(dashboard, folder));
      if (open) openBrowser(dashboard.address);
      await new Promise<void>((resolve) => interrupt.signal.addEventListener("abort", () => resolve(), { once: true }));
    } finally {
      await dashboard.close();
    }
  } finally {
    interrupt.release();
  }
  throw new Interrupted(interrupt.exitCode);
}

function welcome({ address, runs }: Dashboard, folder: string): string {
  const { bold, cyan, dim } = colorsOf(process.stdout);
  return `${bold("Viewing")} ${folder}, ${counted(runs, "run")}: ${cyan(address)}\n${dim("Ctrl-C stops it.")}\n`;
}

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** The address is printed too, so a machine without a browser loses nothing. */
function openBrowser(address: string): void {
  const [program = "xdg-open", ...words] = OPENERS[process.platform] ?? ["xdg-open"];
  spawn(program, [...words, address], { detached: true, stdio: "ignore" })
    .on("error", () => undefined)
    .unref();
}
