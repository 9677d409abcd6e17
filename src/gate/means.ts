/** How a gate is carried out: what a user's command line or a program adds to its plan. */
import type { GateForecast } from "./forecast-cost.js";
import type { MoneyOptions } from "../lab/index.js";
import type { RunCommand } from "../run/index.js";

export interface GateMeans {
  /** The folder of the run; by default a folder of its own in `parent`. */
  readonly out?: string | undefined;
  /** Default runs/gate. */
  readonly parent?: string | undefined;
  readonly asking: Omit<MoneyOptions, "maxCost" | "price">;
  readonly study?: string | undefined;
  readonly threads?: number | undefined;
  /** Puts the beginning of the answers of named rows into findings.sarif. */
  readonly showText?: boolean;
  /** Only forecast what it may cost. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
  readonly command?: RunCommand | undefined;
  /** Receives, one line each, what the user should know while the work continues. */
  readonly onNotice: (line: string) => void;
  /** Called with what the models may cost, before the first of them is asked. */
  readonly onForecast: (forecast: GateForecast) => void;
  /** Hears of a question that alone failed. */
  readonly onFailure: (id: string, error: Error) => void;
  readonly onProgress: (progress: GateProgress) => void;
}

export interface GateProgress {
  /** Answers, of both models. */
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Dollars or tokens so far, in words; undefined where no server is asked. */
  readonly cost: string | undefined;
}
