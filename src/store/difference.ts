/** Whether a folder was begun with the same plan: one folder never mixes two. */
import { StoreError } from "./file-error.js";

/** Where two JSON values first differ. */
export interface Difference {
  /** `dose.learningRate`, `questions[2].samples`. */
  readonly path: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** Keys in the order of `left`, then those that only `right` has; a key that is undefined counts as absent. */
export function firstDifference(left: unknown, right: unknown, path = ""): Difference | undefined {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) {
    return Object.is(left, right) ? undefined : { path, left, right };
  }
  if (Array.isArray(left) !== Array.isArray(right)) return { path, left, right };
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const inside = Array.isArray(left) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    const difference = firstDifference(a[key], b[key], inside);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/**
 * Refuses work in a folder that other work was begun in.
 * @throws {StoreError} which names the first difference
 */
export function refuseOtherPlan(folder: string, found: unknown, wanted: unknown): void {
  const difference = firstDifference(found, wanted);
  if (difference === undefined) return;
  const { path, left, right } = difference;
  throw new StoreError(
    `${folder} was begun with another plan: ${path} is ${asJson(left)} there and ${asJson(right)} now. ` +
      "Choose another folder with --out, or delete this one.",
  );
}

function asJson(value: unknown): string {
  if (value === undefined) return "absent";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
