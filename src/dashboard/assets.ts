/** The page's own files, built into the package; nothing else is ever read for them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { packagePath } from "../text/index.js";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** By the path that asks for them: `/assets/index.js`; `/` is the page. Empty where the page was not built. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const folder = packagePath("dist/web");
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const type = TYPES[extname(entry.name)];
      const name = `/${relative(folder, path).replaceAll("\\", "/")}`;
      return type === undefined
        ? []
        : [[name === "/index.html" ? "/" : name, { bytes: new Uint8Array(readFileSync(path)), type }] as const];
    }),
  );
}
