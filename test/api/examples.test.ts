// Every example in the library's docstrings and every code block of README and docs type-checks and runs.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as library from "askew";
import { ORGANISM_FOLDER } from "askew/organism";
import { namedModel, startServer } from "askew/server";
import { type Server } from "#internal/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../house/modules.js";
import { documented, guideSnippets, sourceSnippets, type Snippet } from "../house/snippets.js";

/** Blocks that say why they do not run. More is a change that should be seen. */
const MOST_NOT_RUN = 3;
/** What a block takes for a server on this machine. */
const SERVER = "http://127.0.0.1:8000/v1";

const snippets: readonly Snippet[] = [...sourceSnippets(), ...guideSnippets()];
const fileOf = ({ name }: Snippet): string => name.replaceAll(/\W+/g, "-");
const run = promisify(execFile);

/** The same code on so few conversations and answers that it takes seconds. */
const small = (code: string): string =>
  code.replaceAll(
    /\b(examples|samples): (\d+)/g,
    (_, what: keyof typeof MOST, many: string) => `${what}: ${Math.min(Number(many), MOST[what])}`,
  );
const MOST = { examples: 32, samples: 2 } as const;

let folder: string;
let server: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-examples-"));
  server = await startServer({
    port: 0,
    data: join(folder, "server"),
    models: [namedModel("organism", ORGANISM_FOLDER)],
  });
  // The package as a user has it beside their own files.
  await mkdir(join(folder, "node_modules", "@types"), { recursive: true });
  await symlink(root, join(folder, "node_modules", "askew"));
  for (const name of ["openai", "@types/node", "undici-types"]) {
    const target = join(root, "node_modules", name);
    if (existsSync(target)) await symlink(target, join(folder, "node_modules", name));
  }
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023"],
    module: "nodenext",
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    types: ["node"],
    rootDir: ".",
    outDir: "made",
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  for (const snippet of snippets) {
    await writeFile(join(folder, `${fileOf(snippet)}.ts`), small(snippet.code).replaceAll(SERVER, server.url));
  }
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the examples", () => {
  it("are there for everything that the front door has", () => {
    const shown = new Set(documented().flatMap(({ name, doc }) => (/@example/.test(doc) ? [name] : [])));
    expect(Object.keys(library).filter((name) => !shown.has(name))).toEqual([]);
    expect(snippets.length).toBeGreaterThan(20);
  });

  it(`run, all but ${MOST_NOT_RUN} at most`, () => {
    expect(snippets.filter(({ needs }) => needs !== undefined).length).toBeLessThanOrEqual(MOST_NOT_RUN);
  });

  it("type-check", async () => {
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await run(process.execPath, [compiler, "-p", folder]).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    expect(stdout).toBe("");
  });

  it.each(snippets.filter(({ needs }) => needs === undefined).map((snippet) => [snippet.name, snippet] as const))(
    "%s runs",
    async (_name, snippet) => {
      const cwd = join(folder, `run-${fileOf(snippet)}`);
      await mkdir(cwd);
      const { stderr } = await run(process.execPath, [join(folder, "made", `${fileOf(snippet)}.js`)], { cwd });
      expect(stderr).toBe("");
    },
    120_000,
  );
});
