/** The model a study starts from, by the hashes of its files. */
import { weightsHash, type LocalModel } from "../model/index.js";

export interface BaseModel {
  /** Of the weights file; of the list of names and hashes where there are several. */
  readonly sha256: string;
  /** Every file by its name. */
  readonly files: Readonly<Record<string, string>>;
}

export function baseOf({ folder }: Pick<LocalModel, "folder">): BaseModel {
  return {
    sha256: weightsHash(folder),
    files: Object.fromEntries(folder.files.map((file) => [file.name, file.sha256])),
  };
}
