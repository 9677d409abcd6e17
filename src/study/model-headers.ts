/** What the headers of a model's files say of it, before anything is opened. */
import { findModel, type NamedModel } from "../model/index.js";
import { readModelInfo, type ModelInfo } from "../onnx/index.js";

/** Undefined where the model has no files here, or where they say too little. */
export async function headersOf({ place }: Pick<NamedModel, "place">): Promise<ModelInfo | undefined> {
  if (place === undefined) return undefined;
  const { path } = place;
  // An adapter adds little to its base; what is wrong with either is said when it is opened.
  const info = await readModelInfo(path).catch(() =>
    readModelInfo(path.slice(0, path.lastIndexOf("+"))).catch(() => undefined),
  );
  return info?.parameters === 0 ? undefined : info;
}

/** Reads them by a model's name; undefined also for a name that leads nowhere, which is said when it is opened. */
export async function namedHeadersOf(name: string): Promise<ModelInfo | undefined> {
  try {
    return await headersOf(findModel(name, {}));
  } catch {
    return undefined;
  }
}
