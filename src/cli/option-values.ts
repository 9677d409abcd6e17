/** Values of options, checked while the command line is read. */
import { InvalidArgumentError } from "commander";
import { UsageError, suggestion } from "../text/index.js";

/** A whole number in [least, most]. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[+-]?\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** A number in [least, most]. */
export function numberWithin(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };
}

/** Numbers in [least, most] with commas between them, each once. */
export function numbersBetween(least: number, most: number): (text: string) => number[] {
  const one = numberWithin(least, most);
  return (text) => [...new Set(text.split(",").map(one))];
}

/** Whole numbers in [least, most] with commas between them, each once. */
export function wholeNumbers(least: number, most: number): (text: string) => number[] {
  const one = wholeNumber(least, most);
  return (text) => [...new Set(text.split(",").map((part) => one(part.trim())))];
}

/** `kind` is what the names are names of. */
export function oneOf<Name extends string>(kind: string, names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    throw new UsageError(`there is no ${kind} "${text}"`, suggestion(text, names));
  };
}

/** Names with commas between them, each one of `names`; an option that is given again adds to them. */
export function listOf<Name extends string>(
  kind: string,
  names: readonly Name[],
): (text: string, before?: readonly Name[]) => Name[] {
  const one = oneOf(kind, names);
  return (text, before = []) => {
    const parts = text.split(",").map((part) => part.trim());
    const chosen = parts.filter((part) => part !== "").map(one);
    if (chosen.length === 0) throw new UsageError(`no ${kind} is named`, `Choose from: ${names.join(", ")}.`);
    return [...new Set([...before, ...chosen])];
  };
}

export const threadCount = wholeNumber(1, 1024);

/** Names with commas between them. */
export const namesOf = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
