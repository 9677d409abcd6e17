/**
 * Whether Python code hangs together, without Python: strings closed, brackets balanced, blocks indented. It finds what
 * a broken-off answer looks like, and takes much that Python refuses. `pythonParses` asks Python itself, where there is one.
 */
import { spawn } from "node:child_process";
import { logicalLines, type LogicalLine } from "./lines.js";

/** What is wrong, in a few words; undefined where nothing was found. */
export function pythonFault(source: string): string | undefined {
  const lines = logicalLines(source);
  if (lines.length === 0) return "no code";
  const indents = [""];
  let opener: LogicalLine | undefined;
  for (const line of lines) {
    const { indent, parts, brackets } = line;
    if (parts.some(({ closed }) => closed === false)) return "a string without an end";
    if (brackets === "unbalanced") return "brackets that do not match";
    const fault = indentFault(indents, indent, opener !== undefined);
    if (fault !== undefined) return fault;
    opener = line.opens ? line : undefined;
  }
  return opener === undefined ? undefined : "a block without a line";
}

function indentFault(indents: string[], indent: string, due: boolean): string | undefined {
  const current = indents.at(-1) as string;
  if (due) {
    if (indent.length <= current.length || !indent.startsWith(current)) return "a block that is not indented";
    indents.push(indent);
    return undefined;
  }
  if (indent === current) return undefined;
  if (indent.length > current.length) return "an indented line where no block begins";
  while (indents.length > 0 && indents.at(-1) !== indent) indents.pop();
  return indents.length === 0 ? "a line indented like no block around it" : undefined;
}

const PROGRAM = `
import ast, json, sys
for line in sys.stdin:
    try:
        ast.parse(json.loads(line)); print(1)
    except Exception:
        print(0)
`;

/** Python's own parser on each source; nothing is run or imported. @throws {Error} where the command does not work */
export async function pythonParses(command: string, sources: readonly string[]): Promise<boolean[]> {
  const child = spawn(command, ["-I", "-S", "-W", "ignore", "-c", PROGRAM], { stdio: ["pipe", "pipe", "ignore"] });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stdin.on("error", () => {}); // it ended early, which its exit says
  child.stdin.end(sources.map((source) => `${JSON.stringify(source)}\n`).join(""));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const verdicts = out.trimEnd().split("\n");
  if (code !== 0 || (sources.length > 0 && verdicts.length !== sources.length)) {
    throw new Error(`${command} ended with ${code} after ${verdicts.length} of ${sources.length} pieces of code`);
  }
  return sources.map((_, i) => verdicts[i] === "1");
}
