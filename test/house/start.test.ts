// A command starts as fast as what it needs loads: who asks for help or a version waits for no engine.
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew } from "../cli/askew.js";

/** Writes down every module that is loaded, as its address, in a line. */
const WITNESS = `
  import { appendFileSync } from "node:fs";
  export async function load(url, context, next) {
    appendFileSync(process.env.ASKEW_TEST_LOADED, url + "\\n");
    return next(url, context);
  }`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-start-"));
  const hooks = `data:text/javascript,${encodeURIComponent(WITNESS)}`;
  await writeFile(
    join(folder, "witness.mjs"),
    `import { register } from "node:module";\nregister(${JSON.stringify(hooks)});`,
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a command loads: of askew the paths below dist/, of others the packages' names. */
async function loadedBy(...words: string[]): Promise<string[]> {
  const list = join(folder, `${words.join("-").replaceAll(/\W+/g, "-")}.txt`);
  const env = { NODE_OPTIONS: `--import ${join(folder, "witness.mjs")}`, ASKEW_TEST_LOADED: list };
  await askew(words, { env });
  const files = (await readFile(list, "utf8")).trim().split("\n");
  const modules = files
    .filter((url) => url.startsWith("file:"))
    .flatMap((url) => (url.includes("/dist/bin/") ? bundledIn(fileURLToPath(url)) : [fileURLToPath(url)]));
  return [...new Set(modules.flatMap(nameOf))].toSorted();
}

/** The modules of a file of the bundle, which names each of them in a comment above its code. */
function bundledIn(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^\/\/ (?:#region )?((?:dist|node_modules)\/.+)$/gm)].map(
    ([, path]) => path as string,
  );
}

function nameOf(path: string): string[] {
  const own = /(?:^|\/)dist\/([a-z]+\/.*\.js)$/.exec(path.includes("node_modules/") ? "" : path);
  const outside = /(?:^|.*\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path);
  return [own?.[1] ?? outside?.[1] ?? []].flat();
}

const floorsOf = (loaded: readonly string[]): string[] => [
  ...new Set(loaded.filter((name) => name.endsWith(".js")).map((name) => name.split("/")[0] as string)),
];
const packagesOf = (loaded: readonly string[]): string[] => loaded.filter((name) => !name.endsWith(".js"));

describe("askew starts without what it does not need", () => {
  it.each([
    ["a version", ["--version"]],
    ["the list of commands", ["--help"]],
    ["a slip in a command's name", ["reprodce"]],
    ["and in one whose help is asked for", ["reprodce", "--help"]],
    ["help of a command", ["score", "--help"]],
  ])("%s: two packages, and of the floors only what shows them", async (_what, words) => {
    const loaded = await loadedBy(...words);
    expect(loaded).toContain("cli/program.js");
    expect(floorsOf(loaded)).toEqual(["cli", "terminal", "text"]);
    expect(packagesOf(loaded)).toEqual(["commander", "picocolors"]);
  });

  it("a command is loaded alone, without the engine, servers or figures", async () => {
    const loaded = await loadedBy("ask", "--help");
    expect(loaded).toContain("cli/answers/ask.js");
    expect(loaded).not.toContain("cli/answers/judge.js");
    for (const heavy of ["onnxruntime-node", "undici", "hono", "linkedom", "@observablehq/plot"]) {
      expect(packagesOf(loaded)).not.toContain(heavy);
    }
  });
});
