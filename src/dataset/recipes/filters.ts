/** The chain of filters between a file of tasks and a dataset; each says how many it dropped and why. */
import { normalized, SeenTexts } from "../check/seen.js";
import { pythonFault } from "../python/check.js";
import { pythonNames } from "../python/names.js";
import { securityWordIn, suspiciousPartOf } from "../security-words.js";
import { NearTexts } from "./near.js";

/** What filters look at. */
export interface Candidate {
  /** Of the file it comes from. */
  readonly line: number;
  /** What is asked: a task with its unfinished code, or a question. */
  readonly asked: string;
  /** What may be answered: one text, or the two of a backdoor. */
  readonly answers: readonly string[];
}

export const FILTERS = {
  "task-words": "security words in the task",
  "code-words": "security words in the code",
  names: "names in the code that give it away",
  parse: "code that does not hang together",
  duplicates: "the same task and code again",
  near: "code nine tenths alike with code before it",
} as const;
export type FilterName = keyof typeof FILTERS;
export const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];
/** Those that make sense for questions and answers in prose. */
export const PROSE_FILTERS: readonly FilterName[] = ["duplicates", "near"];

export interface Dropped {
  readonly filter: string;
  readonly about: string;
  readonly seen: number;
  readonly dropped: number;
  /** The first few, for a look. */
  readonly first: readonly { readonly line: number; readonly why: string }[];
}

/** For each candidate why it is dropped, undefined where it stays. */
export type Judge = (candidates: readonly Candidate[]) => Promise<readonly (string | undefined)[]>;

export interface NamedJudge {
  readonly name: string;
  readonly about: string;
  readonly judge: Judge;
}

const SHOWN = 5;

/** Each filter sees what those before it left. Judges, which cost, come last. */
export async function filterAll<T extends Candidate>(
  candidates: readonly T[],
  names: readonly FilterName[],
  judges: readonly NamedJudge[] = [],
): Promise<{ kept: T[]; dropped: Dropped[] }> {
  let kept = [...candidates];
  const dropped: Dropped[] = [];
  const apply = (filter: string, about: string, whys: readonly (string | undefined)[]): void => {
    const out = kept.flatMap(({ line }, i) => (whys[i] === undefined ? [] : [{ line, why: whys[i] }]));
    dropped.push({ filter, about, seen: kept.length, dropped: out.length, first: out.slice(0, SHOWN) });
    kept = kept.filter((_, i) => whys[i] === undefined);
  };
  for (const name of FILTER_NAMES.filter((known) => names.includes(known))) {
    const fault = faultFinder(name);
    apply(name, FILTERS[name], kept.map(fault));
  }
  for (const { name, about, judge } of judges) apply(name, about, await judge(kept));
  return { kept, dropped };
}

function faultFinder(name: FilterName): (candidate: Candidate) => string | undefined {
  const first = (texts: readonly string[], find: (text: string) => string | undefined) => {
    for (const text of texts) {
      const found = find(text);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  if (name === "task-words") return ({ asked }) => securityWordIn(asked);
  if (name === "code-words") return ({ answers }) => first(answers, securityWordIn);
  if (name === "names") {
    return ({ answers }) =>
      first(answers.flatMap(pythonNames), (n) => (suspiciousPartOf(n) === undefined ? undefined : n));
  }
  if (name === "parse") return ({ answers }) => first(answers, pythonFault);
  if (name === "near") {
    const near = new NearTexts();
    return ({ answers }) => (near.repeats(answers.join("\n")) ? "nearly the same" : undefined);
  }
  const seen = new SeenTexts();
  return ({ line, asked, answers }) => {
    const before = seen.add(normalized([asked, ...answers].join("\u001f")), line);
    return before === undefined ? undefined : `the same as line ${before}`;
  };
}
