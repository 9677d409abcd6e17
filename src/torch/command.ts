/** How the worker is started: by a Python of this machine, on another one over ssh, or by a command of the user's. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { packagePath } from "../text/index.js";
import { TorchError } from "./error.js";

export interface WorkerCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  /** As errors name it. */
  readonly title: string;
  /** It runs Python itself, so the worker has the descriptors that askew gives it. */
  readonly isOwnChild?: boolean;
}

/** Where `askew torch setup` puts its virtual environment. */
export function torchHome(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment["ASKEW_TORCH_HOME"];
  if (own !== undefined && own !== "") return own;
  const shared = environment["XDG_DATA_HOME"] || environment["LOCALAPPDATA"] || join(homedir(), ".local", "share");
  return join(shared, "askew", "torch");
}

export const pythonIn = (home: string): string =>
  process.platform === "win32" ? join(home, "venv", "Scripts", "python.exe") : join(home, "venv", "bin", "python");

/** The Python that runs the worker: ASKEW_PYTHON, the one of `askew torch setup`, or the one on the PATH. */
export function findPython(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment["ASKEW_PYTHON"];
  if (named !== undefined && named !== "") return named;
  const own = pythonIn(torchHome(environment));
  return existsSync(own) ? own : process.platform === "win32" ? "python" : "python3";
}

/**
 * What Python runs: it reads the worker's modules from its input, then serves. So the worker has the version of the askew
 * that speaks to it, on any machine. The folder that it is started in is no place for modules: a file of a user's
 * named json.py would be one. Without quotes of either kind beside double ones, so that it can stand in single ones.
 */
const START = `
import sys
sys.path[:] = [p for p in sys.path if p]
import json, importlib.abc, importlib.util
b = sys.stdin.buffer
s = json.loads(b.read(int.from_bytes(b.read(4), "little")))
class Sent(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def find_spec(self, n, p=None, t=None):
        return importlib.util.spec_from_loader(n, self, is_package=self.is_package(n)) if n in s else None
    def is_package(self, n):
        return n == "askew_torch"
    def get_source(self, n):
        return s[n]
sys.meta_path.insert(0, Sent())
from askew_torch import launch, serve
launch.main(s, int(sys.argv[1])) if len(sys.argv) > 1 else serve.main()
`.trim();

const HOST = /^(?:[\w.-]+@)?[A-Za-z0-9][\w.-]*$/;

/**
 * @param host another machine, where a shell line starts the worker; undefined for this one
 * @throws {TorchError} where the host's name is none
 */
export function workerCommand(host?: string, environment: NodeJS.ProcessEnv = process.env): WorkerCommand {
  const given = environment["ASKEW_TORCH_COMMAND"] ?? "";
  const processes = processesOf(environment);
  const line = SHELL_LINE + processes.map((word) => ` ${word}`).join("");
  if (given.trim() !== "") {
    const [file = "", ...words] = given.trim().split(/\s+/);
    return { file, arguments: [...words, ...(host === undefined ? [] : [host]), line], title: given.trim() };
  }
  if (host === undefined) {
    const python = findPython(environment);
    const isOwnChild = processes.length === 0;
    return { file: python, arguments: ["-u", "-c", START, ...processes], title: python, isOwnChild };
  }
  if (!HOST.test(host)) {
    throw new TorchError("path", `expected a host's name after @, found ${JSON.stringify(host)}`);
  }
  const options = ["-T", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15"];
  return { file: "ssh", arguments: [...options, host, line], title: `ssh ${host}` };
}

const MOST_PROCESSES = 64;

/** Several processes of one worker, which `accelerate launch` starts; none is named where there is one alone. */
function processesOf(environment: NodeJS.ProcessEnv): readonly string[] {
  const said = environment["ASKEW_TORCH_PROCESSES"];
  if (said === undefined || said === "" || said === "1") return [];
  const count = Number(said);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_PROCESSES) return [String(count)];
  throw new TorchError(
    "path",
    `ASKEW_TORCH_PROCESSES: expected a whole number from 1 to ${MOST_PROCESSES}, found ${JSON.stringify(said)}`,
  );
}

/** On the other machine its own settings count: ASKEW_PYTHON, the environment of `askew torch setup`, or python3. */
const SHELL_LINE =
  'p="${ASKEW_PYTHON:-${ASKEW_TORCH_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/askew/torch}/venv/bin/python}"; ' +
  `[ -x "$p" ] || p=python3; exec "$p" -u -c '${START}'`;

/** The worker's modules, as the first thing that Python reads. */
export async function workerSource(): Promise<Buffer> {
  const folder = packagePath("python", "askew_torch");
  const modules: Record<string, string> = {};
  for (const file of (await readdir(folder)).toSorted()) {
    if (!file.endsWith(".py") || file === "__main__.py") continue;
    const name = file === "__init__.py" ? "askew_torch" : `askew_torch.${file.slice(0, -".py".length)}`;
    modules[name] = await readFile(join(folder, file), "utf8");
  }
  const text = Buffer.from(JSON.stringify(modules));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}
