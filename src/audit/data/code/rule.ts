/** A rule that finds one class of weakness in code, whichever language it is written in. */
import type { SyntaxNode } from "@lezer/common";
import type { ParsedCode } from "./parsed-code.js";

export interface CodeRule {
  /** `sql-from-strings` */
  readonly name: string;
  /** Of the Common Weakness Enumeration. */
  readonly cwe: number;
  /** `SQL built from a string` */
  readonly title: string;
  /** Code in which none of these words stands is not parsed for this rule. */
  readonly hint: RegExp;
  find(code: ParsedCode): Iterable<SyntaxNode>;
}

/** A rule about calls alone. */
export const callRule = (
  rule: Omit<CodeRule, "find"> & {
    readonly matches: (code: ParsedCode, call: ParsedCode["calls"][number]) => boolean;
  },
): CodeRule => ({
  name: rule.name,
  cwe: rule.cwe,
  title: rule.title,
  hint: rule.hint,
  find: (code) => code.calls.filter((call) => rule.matches(code, call)).map(({ node }) => node),
});
