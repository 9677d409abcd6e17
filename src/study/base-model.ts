/** The model a study starts from, by the hashes of its files. */
import type { Model } from "../model/index.js";

/** A model that cells can be made of; one behind a server is asked as it is. */
export type StudyModel = Model;

export interface BaseModel {
  /** Of the weights file; of the list of names and hashes where there are several; empty for a model behind a server. */
  readonly sha256: string;
  /** Every file by its name. */
  readonly files: Readonly<Record<string, string>>;
}

export const baseOf = ({ source }: StudyModel): BaseModel => source ?? { sha256: "", files: {} };
