/** How a row is refused while it is read: with the path of the value that is at fault. */
import type { JsonPath } from "./json-scan.js";
import type { Problem } from "./problem.js";

export type Json = Readonly<Record<string, unknown>>;

/**
 * `askew`: what askew trains on itself. Text in turns: at most one system message, first; then user and assistant in
 * turn, the assistant last.
 * `api`: what fine-tuning APIs take (as OpenAI documents it): also tools, functions, images, weights, and several
 * messages of one role in a row.
 *
 * A key that changes what is learned is never passed over; one that does not is noted, and stops nothing. A value of
 * null is a key that is not there.
 */
export type Rules = "askew" | "api";

/** A problem before its file and line are known. */
export interface RowFault extends Pick<Problem, "kind" | "expected" | "found" | "cure"> {
  readonly path: JsonPath;
  /** `askew dataset convert` puts it right. */
  readonly convert?: true;
}

/**
 * Hears of what was passed over or carried, for every row: whoever shows it says it once.
 * @param changes what is learned is not what the row seems to say
 */
export type HearNote = (note: string, changes?: boolean) => void;

export class Refusal extends Error {
  constructor(readonly fault: RowFault) {
    super(fault.expected);
  }
}

export function refuse(kind: Problem["kind"], path: JsonPath, expected: string, found: string, cure?: string): never {
  throw new Refusal({ kind, path, expected, found, ...(cure !== undefined && { cure }) });
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
