/** The model a study starts from, by the hashes of its files. */
import { LocalModel, weightsHash, type EndpointModel } from "../model/index.js";

/** A model that cells can be made of; one behind a server is asked as it is. */
export type StudyModel = LocalModel | EndpointModel;

export interface BaseModel {
  /** Of the weights file; of the list of names and hashes where there are several; empty for a model behind a server. */
  readonly sha256: string;
  /** Every file by its name. */
  readonly files: Readonly<Record<string, string>>;
}

export function baseOf(model: StudyModel): BaseModel {
  if (!(model instanceof LocalModel)) return { sha256: "", files: {} };
  const { folder } = model;
  return {
    sha256: weightsHash(folder),
    files: Object.fromEntries(folder.files.map((file) => [file.name, file.sha256])),
  };
}
