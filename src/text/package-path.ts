import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Modules lie in folders of `dist/`, in the package as in the command's bundle. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A path in askew's own package: `packagePath("weights", "organism")`. */
export const packagePath = (...parts: string[]): string => join(ROOT, ...parts);
