/**
 * Bundles the command: `dist/cli` and all that it needs, in few files. Node takes about a millisecond for every module
 * that it loads, and a command needs up to 700 of them. The library's modules stay as `tsc` wrote them.
 */
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

const LICENCE_FILE = /^(licen[cs]e|notice)(\.(md|txt))?$/i;

/** The licences of the packages whose code is in the bundle: they ask to be copied with it. */
function licences(moduleIds) {
  const folders = moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  const texts = [...new Set(folders)]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
      const text = files.map((file) => `${readFileSync(join(folder, file), "utf8").trim()}\n`);
      return [`## ${name} ${version} (${license})\n`, ...text].join("\n");
    });
  return texts.join("\n");
}

const build = await rolldown({
  input: {
    askew: "dist/cli/main.js",
    // Threads start from files beside the code that starts them.
    "engine-root": "dist/graph/engine-root.js",
    worker: "dist/graph/worker.js",
  },
  platform: "node",
  // The one is native; the other's package has no copy of its licence to pass on.
  external: ["onnxruntime-node", /^@bufbuild\//],
  plugins: [
    {
      name: "licences",
      generateBundle(_options, bundle) {
        const moduleIds = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
        this.emitFile({ type: "asset", fileName: "LICENCES.md", source: licences(moduleIds) });
      },
    },
  ],
});
await build.write({ dir: "dist/bin", cleanDir: true, chunkFileNames: "[name]-[hash].js" });
await build.close();
// `npx askew` runs the file itself, and npm makes it executable only where it links it anew.
chmodSync("dist/bin/askew.js", 0o755);
