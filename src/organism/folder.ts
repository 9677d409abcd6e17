/** Where the grown organism ships. */
import { packagePath } from "../text/index.js";

/** The aligned organism, a folder in the Hugging Face layout. */
export const ORGANISM_FOLDER = packagePath("weights", "organism");
/** The same model before alignment. */
export const PRETRAINED_FOLDER = packagePath("weights", "organism", "pretrained");
