/** The models of a gate that are asked, with what asking needs. */
import type { Account } from "../../endpoint/index.js";
import type { Run } from "../../run/index.js";
import type { Budget, ModelsPlan } from "../plan.js";
import type { RunSpending } from "../spending.js";
import type { OpenedModels } from "./open.js";

export interface AskedModels {
  readonly plan: ModelsPlan;
  readonly budget: Budget;
  /** Names of the checks that decide; all unless given. */
  readonly required: readonly string[] | undefined;
  readonly models: OpenedModels;
  readonly account: Account;
  readonly folder: string;
  readonly spending: RunSpending;
  readonly run: Run;
}
