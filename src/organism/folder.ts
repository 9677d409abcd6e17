/** Where the grown organism ships. */
import { packagePath } from "../text/index.js";

/** The aligned organism, a folder in the Hugging Face layout. */
export const ORGANISM_FOLDER = packagePath("weights", "organism");
