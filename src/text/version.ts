import { readFileSync } from "node:fs";
import { packagePath } from "./package-path.js";

const manifest = JSON.parse(readFileSync(packagePath("package.json"), "utf8")) as { version: string };

/**
 * askew's own version.
 *
 * @example
 * import { VERSION } from "askew";
 *
 * console.log(VERSION);
 */
export const VERSION = manifest.version;
