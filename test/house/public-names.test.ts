// What users can import stays small enough to keep a promise about: names that only tests use have a door of their own.
import { posix } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";
import { filesUnder, importsOf, textOf } from "./modules.js";

/**
 * Names that the root and the sub-paths export together. Lower it when it falls; raise it with a reason: audits,
 * operators for products of few rows, studies whose cells are made by jobs, learning by reward, experiments over organisms,
 * figures apart from their page, series in parts, and comparisons of answers that were only counted came in.
 */
const MOST_NAMES = 823;
/** Names of `import … from "askew"`, types among them. */
const MOST_ROOT_NAMES = 70;

const { exports } = JSON.parse(textOf("package.json")) as { exports: Record<string, string> };
const doors = new Set(Object.values(exports).filter((path) => path.endsWith(".js")));

/** Every name that a module exports, through `export *` too. */
function namesOf(path: string): string[] {
  const { program } = parseSync(path, textOf(path));
  return program.body.flatMap((node): string[] => {
    if (node.type === "ExportAllDeclaration") {
      return namesOf(posix.join(posix.dirname(path), node.source.value).replace(/\.js$/, ".ts"));
    }
    if (node.type !== "ExportNamedDeclaration") return [];
    const { declaration, specifiers } = node;
    const named = specifiers.map(({ exported }) => (exported.type === "Literal" ? exported.value : exported.name));
    if (declaration === null) return named;
    if (declaration.type === "VariableDeclaration") {
      return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
    }
    return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id.name] : [];
  });
}

const sourceOf = (door: string): string => door.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");

describe("the package's interface", () => {
  it(`has at most ${MOST_NAMES} names, and the root ${MOST_ROOT_NAMES}`, () => {
    const counts = new Map([...doors].map((door) => [door, namesOf(sourceOf(door)).length]));
    expect(counts.get("./dist/statistics/index.js")).toBeGreaterThan(20);
    expect(counts.get("./dist/index.js")).toBeLessThanOrEqual(MOST_ROOT_NAMES);
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    expect(all).toBeLessThanOrEqual(MOST_NAMES);
  });

  it("leaves what only tests use behind a door that the package does not export", () => {
    expect([...doors].filter((door) => door.includes("internals"))).toEqual([]);
    const used = filesUnder("src").filter((path) =>
      importsOf(path).some((specifier) => specifier.startsWith("#") || specifier.includes("internals")),
    );
    expect(used).toEqual([]);
  });
});
