/** A model by any name that users may type: the organism, a study's cell, a folder, or a model behind a server. */
import type { Account, AnswerCache } from "../../endpoint/index.js";
import { isEndpointName, openEndpointModel, type Model } from "../../model/index.js";
import { findModel } from "./find-model.js";
import { QUICK_STUDY_FOLDER, STUDY_FOLDER } from "./study-folders.js";
import { askingOf, shownCost, type Asking } from "../answers/money.js";
import { printable } from "../../text/index.js";

export interface AnyModelOptions extends Asking {
  /** Where conditions are taken from; the folders of `askew reproduce` unless given. */
  readonly study?: string | undefined;
  readonly threads?: number | undefined;
  /** One for all models of a command. */
  readonly account: Account;
  readonly cache?: AnswerCache | undefined;
  /** Hears, in one line each, what a user should know while it goes on. */
  readonly onNotice?: (notice: string) => void;
}

export async function openAnyModel(name: string, options: AnyModelOptions): Promise<Model> {
  const { study, threads, account, cache, onNotice } = options;
  if (isEndpointName(name)) {
    return openEndpointModel(name, {
      account,
      ...(cache && { cache }),
      ...askingOf(options),
      ...(onNotice && { onNotice: (notice) => onNotice(printable(notice)) }),
    });
  }
  const found = findModel(name, study === undefined ? [STUDY_FOLDER, QUICK_STUDY_FOLDER] : [study]);
  return found.open(threads === undefined ? {} : { threads });
}

/** What a run has cost; undefined where every model runs in this process. */
export function costOf(account: Account, isRemote: boolean): string | undefined {
  return isRemote ? shownCost(account.spending) : undefined;
}
