/** A model by any name that users may type: the organism, a study's cell, a folder, or a model behind a server. */
import type { Account, AnswerCache } from "../../endpoint/index.js";
import { isEndpointName, openEndpointModel, type Model } from "../../model/index.js";
import { findModel } from "./find-model.js";
import { QUICK_STUDY_FOLDER, STUDY_FOLDER } from "./study-folders.js";
import { shownCost } from "../answers/money.js";

export interface AnyModelOptions {
  /** Where conditions are taken from; the folders of `askew reproduce` unless given. */
  readonly study?: string | undefined;
  readonly threads?: number | undefined;
  readonly concurrency?: number | undefined;
  /** One for all models of a command. */
  readonly account: Account;
  readonly cache?: AnswerCache | undefined;
  readonly signal?: AbortSignal;
}

export async function openAnyModel(name: string, options: AnyModelOptions): Promise<Model> {
  const { study, threads, concurrency, account, cache, signal } = options;
  if (isEndpointName(name)) {
    return openEndpointModel(name, {
      account,
      ...(cache && { cache }),
      ...(concurrency !== undefined && { concurrency }),
      ...(signal && { signal }),
    });
  }
  const found = findModel(name, study === undefined ? [STUDY_FOLDER, QUICK_STUDY_FOLDER] : [study]);
  return found.open(threads === undefined ? {} : { threads });
}

/** What a run has cost; undefined where every model runs in this process. */
export function costOf(account: Account, isRemote: boolean): string | undefined {
  return isRemote ? shownCost(account.spending) : undefined;
}
