/** The virtual environment of the worker, with pinned versions: by uv where there is one, else by Python's own tools. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { makeFolder } from "../store/index.js";
import { pythonIn, torchHome } from "./command.js";
import { TorchError } from "./error.js";

/** Measured together; the worker takes newer ones, too. */
export const PINNED = [
  "torch==2.13.0",
  "transformers==5.23.0",
  "peft==0.21.2",
  "safetensors==0.8.0",
  "accelerate==1.15.0",
] as const;

/** PyTorch's own index of builds without CUDA. */
const CPU_INDEX = "https://download.pytorch.org/whl/cpu";

export interface SetupOptions {
  /** A build of PyTorch without CUDA: a tenth of the size. */
  readonly cpu?: boolean;
  /** The Python to make the environment with; default ASKEW_PYTHON or the one on the PATH. */
  readonly python?: string | undefined;
}

export type SetupStep = readonly [command: string, ...words: string[]];

/** The command lines, in their order. */
export function setupSteps({ cpu = false, python }: SetupOptions = {}): {
  readonly home: string;
  readonly steps: readonly SetupStep[];
} {
  const home = torchHome();
  const folder = join(home, "venv");
  const own = pythonIn(home);
  const base = python ?? (process.env["ASKEW_PYTHON"] || (process.platform === "win32" ? "python" : "python3"));
  const [torch, ...others] = PINNED;
  const index = cpu ? ["--index-url", CPU_INDEX] : [];
  if (isOnPath("uv")) {
    const install: SetupStep = ["uv", "pip", "install", "--python", own];
    const chosen = python === undefined ? [] : ["--python", python];
    return {
      home,
      steps: [
        ["uv", "venv", "--allow-existing", ...chosen, folder],
        [...install, ...index, torch],
        [...install, ...others],
      ],
    };
  }
  const install: SetupStep = [own, "-m", "pip", "install", "--disable-pip-version-check"];
  return {
    home,
    steps: [
      [base, "-m", "venv", folder],
      [...install, ...index, torch],
      [...install, ...others],
    ],
  };
}

/** Runs the steps; what they print goes to stderr. @throws {TorchError} with the step that failed */
export async function setUpTorch(options: SetupOptions, onStep: (step: SetupStep) => void): Promise<void> {
  const { home, steps } = setupSteps(options);
  await makeFolder(home);
  for (const step of steps) {
    onStep(step);
    await run(step);
  }
}

function run([command, ...words]: SetupStep): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ["ignore", 2, 2] });
    child.once("error", (error: NodeJS.ErrnoException) => {
      const found = error.code === "ENOENT" ? "there is no such command" : error.message;
      reject(new TorchError("python", `${command}: ${found}`, { hint: NO_PYTHON, cause: error }));
    });
    child.once("close", (code) => {
      if (code === 0) return resolve();
      const line = [command, ...words].join(" ");
      reject(
        new TorchError("python", `setting up failed: ${line} ended with ${code}`, { hint: `${RETRY} ${NO_PYTHON}` }),
      );
    });
  });
}

const RETRY = "The lines above say why; the same command tries again.";
const NO_PYTHON =
  "Python comes from python.org, your system's packages (Debian: python3-venv) or uv (https://docs.astral.sh/uv).";

function isOnPath(name: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const files = process.platform === "win32" ? [`${name}.exe`] : [name];
  return folders.some((folder) => files.some((file) => existsSync(join(folder, file))));
}
