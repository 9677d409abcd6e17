/**
 * Builds the page of `askew view` into `dist/web`. Most changes are elsewhere, so what was built last is kept beside the
 * packages, under a hash of everything that goes into it, and copied from there.
 */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vite";

const KEPT = "node_modules/.cache/askew-web";
const OUT = "dist/web";

const hash = createHash("sha256");
const sources = readdirSync("web", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
for (const file of [...sources.toSorted(), "src/dashboard/contract.ts", "package-lock.json", "bundle-web.mjs"]) {
  hash.update(`${file}\n`).update(readFileSync(file));
}
const kept = join(KEPT, hash.digest("hex").slice(0, 24));

if (!existsSync(kept)) {
  await build({ configFile: "web/vite.config.ts", logLevel: "warn" });
  rmSync(KEPT, { recursive: true, force: true });
  const half = `${kept}.${process.pid}`;
  mkdirSync(dirname(kept), { recursive: true });
  cpSync(OUT, half, { recursive: true });
  renameSync(half, kept);
} else {
  rmSync(OUT, { recursive: true, force: true });
  cpSync(kept, OUT, { recursive: true });
}
