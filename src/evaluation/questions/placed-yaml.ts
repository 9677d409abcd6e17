/**
 * YAML that people write, with the place of everything in it: what a schema finds wrong is told with line and column.
 * Anchors may reach across items; those that multiply without end are refused before anybody walks them.
 */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from "yaml";
import type { z } from "zod";
import { nearest, suggestion } from "../../text/index.js";
import type { Problem } from "./problems.js";
import { plainValue, tooDeep } from "./yaml-bounds.js";

export type Path = readonly PropertyKey[];

export class PlacedYaml {
  private constructor(
    /** What the text says, as plain values; `undefined` where nothing is in it. */
    readonly value: unknown,
    readonly document: Document,
    readonly lines: LineCounter,
  ) {}

  /** @param fail throws what the caller throws for problems in the text. */
  static parse(text: string, fail: (problems: readonly Problem[]) => never): PlacedYaml {
    const lines = new LineCounter();
    const deep = tooDeep(text);
    if (deep !== undefined) {
      const before = text.slice(0, deep.offset).split("\n");
      fail([{ line: before.length, column: (before.at(-1)?.length ?? 0) + 1, text: deep.text }]);
    }
    const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, logLevel: "silent" });
    const { errors } = document;
    if (errors.length > 0) fail(errors.map(({ pos, message }) => problemAt(lines, pos[0], message)));
    const broken = brokenAliases(document);
    if (broken.length > 0) {
      fail(
        broken.map(({ offset, name }) =>
          problemAt(lines, offset, `no anchor &${name} comes before the alias *${name}`),
        ),
      );
    }
    const found = plainValue(document);
    if ("text" in found) return fail([problemAt(lines, found.offset, found.text)]);
    return new PlacedYaml(found.value, document, lines);
  }

  /** A problem with the value at `path`; where there is none, with the nearest thing around it. */
  problem(path: Path, text: string): Problem {
    return problemAt(this.lines, offsetOf(this.document, path), text);
  }

  /** From 1. */
  line(path: Path): number {
    const offset = offsetOf(this.document, path);
    return offset === undefined ? 0 : this.lines.linePos(offset).line;
  }

  /**
   * What a schema found wrong with the value at `at`, each in words and at its place.
   * @param knownKeys the keys that a map may have at a path below `at`, for the nearest name
   */
  problems(error: z.core.$ZodError, at: Path, value: unknown, knownKeys: (path: Path) => readonly string[]): Problem[] {
    return error.issues
      .flatMap((issue) => wordsOf(issue, value, knownKeys))
      .map((words) => this.problem([...at, ...words.at], words.said));
  }
}

function problemAt(lines: LineCounter, offset: number | undefined, text: string): Problem {
  if (offset === undefined) return { text };
  const { line, col } = lines.linePos(offset);
  return { line, column: col, text };
}

function brokenAliases(document: Document): { offset: number | undefined; name: string }[] {
  const known = new Set<string>();
  const broken: { offset: number | undefined; name: string }[] = [];
  visit(document, {
    Alias: (_, alias) => void (known.has(alias.source) || broken.push({ offset: startOf(alias), name: alias.source })),
    Node: (_, node) => void (!isAlias(node) && node.anchor !== undefined && known.add(node.anchor)),
  });
  return broken;
}

interface Words {
  readonly at: Path;
  readonly said: string;
}

/** One issue in words, each at its path within the value. */
function wordsOf(issue: z.core.$ZodIssue, value: unknown, knownKeys: (path: Path) => readonly string[]): Words[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const said = suggestion(key, knownKeys(issue.path));
      const inside = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
      // A template that stands one level too far out.
      const isTemplate = issue.path.length === 0 && typeof inside === "string" && inside.includes("{answer}");
      const cure = isTemplate ? "Indent it, so that it stands inside judge_prompts." : said;
      return { at: [...issue.path, key], said: `unknown key ${JSON.stringify(key.slice(0, 80))}. ${cure}` };
    });
  }
  if (issue.code === "invalid_union") {
    // The one form that the value has at all says best what is wrong within it; of several maps, the nearest.
    const aMap = typeof valueAt(issue.path, value) === "object";
    const meant = issue.errors
      .filter(
        (form) =>
          !form.some(
            ({ path, code }) => path.length === 0 && (code === "invalid_type" || (aMap && code === "invalid_value")),
          ),
      )
      .toSorted((a, b) => a.length - b.length);
    const [nearestForm = [], second] = meant;
    if (meant.length === 1 || (second !== undefined && nearestForm.length < second.length)) {
      const inner = nearestForm.map((one) => Object.assign({}, one, { path: [...issue.path, ...one.path] }));
      return inner.flatMap((one) => wordsOf(one, value, knownKeys));
    }
  }
  const found = valueAt(issue.path, value);
  const key = issue.path.filter((part) => typeof part === "string").join(".");
  if (found === undefined && issue.code !== "custom")
    return [{ at: issue.path, said: `${key} is missing: ${issue.message}` }];
  const what = issue.code === "custom" ? "" : `, found ${kindOf(found)}`;
  return [{ at: issue.path, said: `${key === "" ? "" : `${key}: `}${issue.message}${what}${nearestOf(issue, found)}` }];
}

const valueAt = (path: readonly PropertyKey[], value: unknown): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);

/** For a name that is none of those there are. */
function nearestOf(issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code !== "invalid_value" || typeof found !== "string") return "";
  const names = issue.values.filter((name) => typeof name === "string");
  return nearest(found, names).length === 0 ? "" : `. ${suggestion(found, names)}`;
}

/** Never the whole of a value: it may be endless. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  return JSON.stringify(typeof value === "string" ? value.slice(0, 60) : value);
}

/** Where the value at `path` begins, or else the nearest thing around it. A key stands for the value it names. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  let node: Node | null | undefined = document.contents;
  let offset = startOf(node);
  for (const [depth, part] of path.entries()) {
    // Where an item is itself an alias, the question it stands for is elsewhere: point there.
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node) && typeof part === "number") node = node.items[part] as Node | undefined;
    else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (pair === undefined) return offset;
      if (depth === path.length - 1 && isScalar(pair.key)) return startOf(pair.key) ?? offset;
      node = pair.value as Node | null;
    } else return offset;
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
