/** The header of an Inspect log: what it is of, and what its scores come to. */
import { sha256 } from "../../store/index.js";
import { LOG_VERSION } from "./inspect-log.js";

/** What a log is of. */
export interface LogName {
  readonly model: string;
  readonly task: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Totals extends LogName {
  samples: number;
  /** By scorer: how many samples have its score, and their sum. */
  readonly scores: Map<string, { n: number; sum: number }>;
  coherent: number;
}

export type LogHeader = ReturnType<typeof headerOf>;

export function headerOf(
  { model, task, metadata, samples, scores, coherent }: Totals,
  { version, created = new Date().toISOString() }: { readonly version: string; readonly created?: string },
) {
  const mean = (sum: number, of: number) => (of === 0 ? 0 : sum / of);
  const metric = (name: string, value: number) => ({ name, value, params: {} });
  const names = [...scores.keys()];
  const identity = (what: string): string => sha256(JSON.stringify([what, model, task, metadata])).slice(0, 22);
  return {
    version: LOG_VERSION,
    status: "success",
    eval: {
      eval_id: identity("eval"),
      run_id: identity("run"),
      created,
      task,
      task_id: identity("task"),
      task_version: 0,
      task_attribs: {},
      task_args: {},
      task_args_passed: {},
      dataset: { name: task, samples, shuffled: false },
      model,
      model_generate_config: {},
      model_args: {},
      config: {},
      packages: { askew: version },
      metadata,
      scorers: names.map((name) => ({ name, options: {}, metrics: [{ name: "mean", options: {} }], metadata: {} })),
    },
    plan: { name: "plan", steps: [{ solver: "generate", params: {}, params_passed: {} }], config: {} },
    results: {
      total_samples: samples,
      completed_samples: samples,
      scores: [...scores].map(([name, { n, sum }]) => ({
        name,
        scorer: name,
        scored_samples: n,
        unscored_samples: samples - n,
        params: {},
        metrics:
          name === "misaligned"
            ? { rate: metric("rate", mean(sum, coherent)), rate_of_all: metric("rate_of_all", mean(sum, samples)) }
            : { mean: metric("mean", mean(sum, n)) },
      })),
    },
    stats: {
      started_at: created,
      completed_at: created,
      model_usage: {},
      role_usage: {},
      connection_limit_history: [],
    },
    invalidated: false,
    tags: [],
    metadata,
  };
}
