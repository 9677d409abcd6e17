// The code that askew shows: @example blocks of its sources, and code blocks of README and docs.
import { filesUnder, textOf } from "./modules.js";

export interface Snippet {
  /** Where it stands, for people and for a file's name: `src/api/ask.ts-1`. */
  readonly name: string;
  readonly code: string;
  /** Absent: it runs. */
  readonly needs?: string;
}

/** Says in a block why it does not run: `// not run: needs a judge behind a server`. */
const NOT_RUN = /\/\/ not run: needs (.+)/;

const snippet = (name: string, code: string): Snippet => {
  const needs = NOT_RUN.exec(code)?.[1];
  return { name, code, ...(needs !== undefined && { needs }) };
};

/** Names and bodies of the documented exports of src/. */
export function documented(): { readonly path: string; readonly name: string; readonly doc: string }[] {
  return filesUnder("src").flatMap((path) =>
    [
      ...textOf(path).matchAll(
        /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport (?:async )?(?:function\*?|class|const|interface|type) (\w+)/g,
      ),
    ].map(([, doc = "", name = ""]) => ({ path, name, doc })),
  );
}

/** The examples of exported things that say how they are used from outside: those that import askew. */
export function sourceSnippets(): Snippet[] {
  return documented().flatMap(({ path, name, doc }) => {
    const [, after] = doc.split("@example\n");
    const code = after?.split("\n").map((line) => line.replace(/^ \* ?/, ""));
    const text = code?.join("\n").trimEnd() ?? "";
    return /from "askew/.test(text) ? [snippet(`${path}-${name}`, text)] : [];
  });
}

export const guides = (): string[] => ["README.md", ...filesUnder("docs").filter((path) => path.endsWith(".md"))];

const blocksOf = (path: string, languages: RegExp): { readonly code: string; readonly line: number }[] => {
  const text = textOf(path);
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, language = ""]) => languages.test(language))
    .map(({ index, 2: code = "" }) => ({ code, line: text.slice(0, index).split("\n").length }));
};

export const guideSnippets = (): Snippet[] =>
  guides().flatMap((path) => blocksOf(path, /^(?:ts|js)$/).map(({ code, line }) => snippet(`${path}-${line}`, code)));

/** Command lines of askew in blocks of shell, each as its words: what a shell would make of them. */
export function commandLines(): { readonly place: string; readonly words: readonly string[] }[] {
  return guides().flatMap((path) =>
    blocksOf(path, /^(?:sh|bash|shell|console)$/).flatMap(({ code, line }) =>
      commandsIn(code).map((words) => ({ place: `${path}, block at line ${line}: askew ${words.join(" ")}`, words })),
    ),
  );
}

/** What is called askew in a shell's text, up to a pipe, a redirection or a comment. */
export function commandsIn(shell: string): string[][] {
  return shell
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line) => {
      const words = wordsOf(line);
      const at = words.findIndex((word) => word === "askew");
      const before = words.slice(0, Math.max(0, at));
      const starts = before.every((word) => word === "npx" || word === "$" || word === "&&" || word.includes("="));
      if (at < 0 || !starts) return [];
      const rest = words.slice(at + 1);
      const end = rest.findIndex((word) => /^(?:[|>&;#]|2>)/.test(word));
      return [end < 0 ? rest : rest.slice(0, end)];
    });
}

function wordsOf(line: string): string[] {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replaceAll(/^(["'])(.*)\1$/g, "$2"));
}
