/** What a study says of its jobs on Slurm; what it leaves out is as the user's template or the cluster says. */
export interface SlurmSettings {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  /** As sbatch takes it: minutes, `HH:MM:SS`, `D-HH:MM:SS`. */
  readonly time?: string;
  readonly gpus?: number;
  readonly cpus?: number;
  /** As sbatch takes it: `64G`. */
  readonly memory?: string;
  /** Further flags of sbatch's, one each: `--constraint=a100`. */
  readonly options?: readonly string[];
  /** The text of a batch script of the user's, without the command that it is to run. */
  readonly template?: string;
}

/** Flags of sbatch; each in one word, so that no value can be taken for a flag. */
export const flagsOf = ({ partition, account, qos, time, gpus, cpus, memory, options = [] }: SlurmSettings): string[] =>
  [
    ["partition", partition],
    ["account", account],
    ["qos", qos],
    ["time", time],
    ["gres", gpus === undefined || gpus === 0 ? undefined : `gpu:${gpus}`],
    ["cpus-per-task", cpus],
    ["mem", memory],
  ]
    .flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
    .concat(options);
