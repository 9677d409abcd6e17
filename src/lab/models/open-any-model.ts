/** A model by any name that users may type: the organism, a study's cell, a folder, or a model behind a server. */
import type { Account, AnswerCache } from "../../endpoint/index.js";
import { openModel, type Model } from "../../model/index.js";
import { askingOf, shownCost, type Asking } from "../asking/servers.js";
import { printable } from "../../text/index.js";
import { studiesOf } from "./find-model.js";

export interface AnyModelOptions extends Asking {
  /** The study that conditions are taken from; default the folders of `askew reproduce`. */
  readonly study?: string | undefined;
  readonly threads?: number | undefined;
  /** One for all models of a command. */
  readonly account: Account;
  readonly cache?: AnswerCache | undefined;
  /** Receives, one line each, what the user should know while the work continues. */
  readonly onNotice?: (notice: string) => void;
}

export async function openAnyModel(name: string, options: AnyModelOptions): Promise<Model> {
  const { study, threads, account, cache, onNotice } = options;
  return openModel(name, {
    studies: studiesOf(study),
    account,
    ...(threads !== undefined && { threads }),
    ...(cache && { cache }),
    ...askingOf(options),
    ...(onNotice && { onNotice: (notice) => onNotice(printable(notice)) }),
  });
}

/** The cost of a run; undefined if every model runs in this process. */
export function costOf(account: Account, isRemote: boolean): string | undefined {
  return isRemote ? shownCost(account.spending) : undefined;
}
