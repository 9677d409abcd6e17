// A real Slurm on this machine, where Debian's packages are there and the tests run as root; its tests skip otherwise.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./slurm.sh", import.meta.url));
const isThere = (command: string): boolean => spawnSync("which", [command]).status === 0;

export const hasSlurm: boolean =
  process.getuid?.() === 0 && ["slurmctld", "slurmd", "munged", "sbatch"].every((command) => isThere(command));
if (!hasSlurm) console.log("tests of Slurm: skip, they need root and Debian's slurm-wlm and munge");

export interface Cluster {
  /** For every process that speaks to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command of Slurm's and returns what it prints. */
  run(command: string, ...words: string[]): string;
  stop(): void;
}

export function startCluster(folder: string, nodes: number, cpus: number): Cluster {
  // Ports below those that systems give out; another test run on this machine has another process id.
  const port = 10_000 + (process.pid % 2000) * 10;
  sh("start", folder, String(port), String(nodes), String(cpus));
  const env = { SLURM_CONF: join(folder, "slurm.conf") };
  return {
    env,
    run(command, ...words) {
      const { status, stdout, stderr } = spawnSync(command, words, {
        encoding: "utf8",
        env: { ...process.env, ...env },
      });
      if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${stderr}`);
      return stdout.trim();
    },
    stop: () => sh("stop", folder),
  };
}

function sh(...words: string[]): void {
  const { status, stderr } = spawnSync("bash", [script, ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(`slurm.sh ${words.join(" ")}: ${stderr}`);
}
