import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/**
 * askew's own version.
 *
 * @example
 * import { VERSION } from "askew";
 *
 * console.log(VERSION);
 */
export const VERSION = manifest.version;
