import type { CodeRule } from "./rule.js";

export interface Weakness {
  readonly rule: CodeRule;
  /** In the code, from 1. */
  readonly line: number;
}
