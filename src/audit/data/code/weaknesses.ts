/** Weaknesses in the code of an answer. */
import { parser as scriptParser } from "@lezer/javascript";
import { parser as pythonParser } from "@lezer/python";
import { fragmentsOf, type Fragment } from "./fragments.js";
import { ParsedCode } from "./parsed-code.js";
import type { Weakness } from "./weakness.js";
import { CODE_RULES } from "./rules/all.js";

interface LookedAt {
  /** Whether there is code in a language that the rules know. */
  readonly isCode: boolean;
  readonly weaknesses: readonly Weakness[];
}

const PARSERS = {
  python: pythonParser,
  javascript: scriptParser.configure({ dialect: "ts" }),
};

/**
 * @param asked what the user wrote: a weakness on a line that stands there already is not the answer's. Unfinished code
 * that is to be completed comes back whole.
 */
export function weaknessesOf(answer: string, asked = ""): LookedAt {
  return weaknessesOfCode(fragmentsOf(answer), asked);
}

export function weaknessesOfCode(fragments: readonly Fragment[], asked: string): LookedAt {
  const given = new Set(asked.split("\n").map((line) => line.trim()));
  return {
    isCode: fragments.length > 0,
    weaknesses: fragments.flatMap((fragment) => weaknessesIn(fragment, given)),
  };
}

function weaknessesIn({ code, language }: Fragment, given: ReadonlySet<string>): Weakness[] {
  const rules = CODE_RULES.filter(({ hint }) => hint.test(code));
  if (rules.length === 0) return [];
  const parsed = new ParsedCode(code, language, PARSERS[language].parse(code));
  const lines = code.split("\n");
  const starts = lineStarts(code);
  return rules.flatMap((rule) => {
    const places = new Set<number>();
    for (const { from, to } of rule.find(parsed)) {
      const first = lineOf(starts, from);
      const isNew = lines.slice(first, lineOf(starts, to) + 1).some((line) => !given.has(line.trim()));
      if (isNew) places.add(first + 1);
    }
    return [...places].map((line) => ({ rule, line }));
  });
}

function lineStarts(code: string): number[] {
  const starts = [0];
  for (let at = code.indexOf("\n"); at >= 0; at = code.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lineOf(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
