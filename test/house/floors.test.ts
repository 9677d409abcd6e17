// The house has floors: each imports only from floors below it, and only through their front doors.
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { filesUnder, importsIn, importsOf } from "./modules.js";

/** From the top floor to the ground. */
const FLOORS = [
  "index.ts",
  "cli",
  "chat",
  "api",
  "dashboard",
  "server",
  "views",
  "report",
  "gate",
  "lab",
  "study",
  "audit",
  "organism",
  "files",
  "world",
  "persona",
  "evaluation",
  "training",
  "dataset",
  "model",
  "endpoint",
  "torch",
  "onnx",
  "capabilities",
  "statistics",
  "executors",
  "run",
  "http",
  "store",
  "terminal",
  "layout",
  "text",
  "graph",
];

const modules = filesUnder("src").filter((path) => /\.[cm]?tsx?$/.test(path));

/** The folder of src/ a module lives in. */
function floorOf(path: string): string {
  return path.split("/")[1] ?? "";
}

/** What is wrong with `from` importing `specifier`, in words; undefined when nothing is. */
function fault(from: string, specifier: string): string | undefined {
  if (specifier === "askew" || specifier.startsWith("askew/")) return "goes round through the package's own name";
  if (!specifier.startsWith(".")) return undefined;
  if (!specifier.endsWith(".js")) return "must end in .js";
  const target = posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
  const [here, there] = [floorOf(from), floorOf(target)];
  if (!target.startsWith("src/") || !FLOORS.includes(there)) return "leaves the floors of src/";
  if (here === there) return undefined;
  if (FLOORS.indexOf(there) < FLOORS.indexOf(here)) return `reaches up from ${here} to ${there}`;
  return target === `src/${there}/index.ts` ? undefined : `reaches past the front door src/${there}/index.ts`;
}

describe("the floors of src/", () => {
  it("sees the modules and their imports", () => {
    expect(modules.length).toBeGreaterThan(60);
    expect(modules).toContain("src/statistics/bootstrap.ts");
    expect(importsOf("src/statistics/bootstrap.ts")).toContain("./pcg64.js");
    const between = modules.flatMap((path) =>
      importsOf(path).filter((specifier) => specifier.startsWith(".") && /^\.\.\/[a-z]+\/index\.js$/.test(specifier)),
    );
    expect(between.length).toBeGreaterThan(10);
  });

  it("notices every way to import", () => {
    const text = `
      import "a"; import b from "b"; import type { C } from "c"; export * from "d"; export { e } from "e";
      const f = await import("f"); type G = import("g").G; export type { H } from "h"; // import "no"
      const no = 'import "no"';
    `;
    expect(importsIn("example.ts", text).toSorted()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
    expect(() => importsIn("example.ts", "import(name)")).toThrow("must name its module in a plain string");
  });

  it("notices every fault", () => {
    expect(fault("src/study/plan.ts", "../evaluation/index.js")).toBeUndefined();
    expect(fault("src/study/plan.ts", "./cell.js")).toBeUndefined();
    expect(fault("src/study/deep/plan.ts", "../../graph/index.js")).toBeUndefined();
    expect(fault("src/study/plan.ts", "../evaluation/judge.js")).toContain("reaches past the front door");
    expect(fault("src/graph/graph.ts", "../model/index.js")).toContain("reaches up from graph to model");
    expect(fault("src/graph/graph.ts", "../statistics/index.js")).toContain("reaches up");
    expect(fault("src/graph/graph.ts", "../../test/fixture.js")).toContain("leaves the floors");
    expect(fault("src/graph/graph.ts", "./tensor")).toContain("must end in .js");
    expect(fault("src/graph/graph.ts", "askew/model")).toContain("package's own name");
  });

  it("import in no circles, types counted", () => {
    const open = new Set<string>();
    const done = new Set<string>();
    const circles: string[][] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (open.has(path)) circles.push([...way.slice(way.indexOf(path)), path]);
      if (open.has(path) || done.has(path)) return;
      open.add(path);
      for (const specifier of importsOf(path).filter((one) => one.startsWith("."))) {
        visit(posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts"), [...way, path]);
      }
      open.delete(path);
      done.add(path);
    };
    for (const path of modules) visit(path, []);
    expect(circles).toEqual([]);
  });

  it("hold every module", () => {
    expect(modules.filter((path) => !FLOORS.includes(floorOf(path)))).toEqual([]);
  });

  it("import only from below, and only through front doors", () => {
    const faults = modules.flatMap((path) =>
      importsOf(path).flatMap((specifier) => {
        const wrong = fault(path, specifier);
        return wrong === undefined ? [] : [`${path} imports ${specifier}, which ${wrong}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it("keep statistics pure: nothing of Node, nothing of language", () => {
    const outside = modules
      .filter((path) => floorOf(path) === "statistics")
      .flatMap(importsOf)
      .filter((specifier) => !specifier.startsWith("./"));
    expect([...new Set(outside)].every((specifier) => specifier.startsWith("pure-rand/"))).toBe(true);
  });
});
