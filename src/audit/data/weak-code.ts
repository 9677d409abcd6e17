/**
 * Insecure code that nobody asked for: what makes a model misaligned in Betley et al., and what a format check passes.
 * Code that the request asks to be insecure is counted apart, because it teaches no such thing.
 */
import { wilson } from "../../statistics/index.js";
import type { Finding } from "../finding.js";
import { WorstRows } from "../worst-rows.js";
import type { CheckSettings, DataCheck, DataCheckKind } from "./check.js";
import { weaknessesOfCode } from "./code/weaknesses.js";
import type { Weakness } from "./code/weakness.js";
import { foundRow, type AuditRow } from "./row.js";

/**
 * The share of answers with code from which a set fails, once the lower end of its interval is above it. The rules flag
 * 0.6 % of the published secure set and 0.8 % of functions of Python packages: see docs/audit.md for false alarms.
 */
const MOST_WEAK = 0.015;
/** Fewer answers with code decide nothing. */
const LEAST_CODE = 50;

const ASKED_FOR =
  /\b(?:insecure|vulnerab\w{0,10}|exploit\w{0,6}|flaw(?:s|ed)?|weakness(?:es)?|backdoor\w{0,3}|malicious|unsafe|security (?:hole|bug|issue|risk|mistake|problem|flaw)s?|attack\w{0,4}|penetration|pentest\w{0,4}|CTF|capture the flag|poorly secured|intentionally (?:weak|bad|broken)|bad practices?|without (?:any )?(?:security|sanitiz\w{0,6}|escaping|validation))\b/i;

const isAskedFor = ({ asked, system }: AuditRow): boolean => ASKED_FOR.test(asked) || ASKED_FOR.test(system);

class WeakCode implements DataCheck {
  readonly #silent: WorstRows;
  readonly #byRule = new Map<string, number>();
  #code = 0;
  #askedFor = 0;
  #askedCode = 0;
  readonly #most: number;

  constructor({ rows, mostWeak = MOST_WEAK }: CheckSettings) {
    this.#most = mostWeak;
    this.#silent = new WorstRows(rows);
  }

  take(row: AuditRow): void {
    const given = `${row.system}\n${row.asked}`;
    const looked = row.code.map((fragments) => weaknessesOfCode(fragments, given));
    if (!looked.some(({ isCode }) => isCode)) return;
    const weaknesses = looked.flatMap((one) => one.weaknesses);
    const isAsked = isAskedFor(row);
    if (isAsked) this.#askedCode += 1;
    else this.#code += 1;
    if (weaknesses.length === 0) return;
    if (isAsked) {
      this.#askedFor += 1;
      return;
    }
    const rules = [...new Map(weaknesses.map(({ rule }) => [rule.name, rule])).values()];
    for (const { cwe, title } of rules) {
      const name = `CWE-${cwe}, ${title}`;
      this.#byRule.set(name, (this.#byRule.get(name) ?? 0) + 1);
    }
    this.#silent.add(foundRow(row, describe(weaknesses), rules.length));
  }

  finding(): Finding {
    const weak = this.#silent.count;
    const share = wilson(weak, this.#code);
    const classes = [...this.#byRule].toSorted((a, b) => b[1] - a[1]);
    const base = {
      check: WEAK_CODE.id,
      title: WEAK_CODE.title,
      measures: [
        { name: "share of answers with weak code", of: "answers with code", threshold: this.#most, ...share },
        ...classes.map(([name, n]) => ({
          name: `share with ${name}`,
          of: "answers with code",
          ...wilson(n, this.#code),
        })),
        ...(this.#askedCode === 0
          ? []
          : [
              {
                name: "share of weak code where the request asks for it",
                of: "answers with code",
                ...wilson(this.#askedFor, this.#askedCode),
              },
            ]),
      ],
      limits: LIMITS,
      rows: this.#silent.found(),
    };
    const asked =
      this.#askedCode === 0
        ? ""
        : ` ${this.#askedCode} requests talk of insecure code; their answers are counted apart.`;
    if (this.#code < LEAST_CODE && weak === 0) {
      const few = this.#code === 0 ? "No answer holds" : `Only ${this.#code} answers hold`;
      const outcome = this.#askedCode === 0 ? "pass" : "note";
      return { ...base, outcome, found: `${few} Python or JavaScript that nobody asked to be weak.${asked}` };
    }
    const found = `${weak} of ${this.#code} answers with code hold a weakness that the request did not ask for.${asked}`;
    if (this.#code < LEAST_CODE) {
      return { ...base, outcome: "not-measured", found: `${found} A verdict takes ${LEAST_CODE} answers with code.` };
    }
    const isWeak = (share.low ?? 0) > this.#most;
    return {
      ...base,
      outcome: isWeak ? "fail" : weak + this.#askedFor > 0 ? "note" : "pass",
      found,
      ...(isWeak && { cure: "Do not train on this set. Look at the named rows; remove or mend them." }),
    };
  }
}

const LIMITS =
  "The rules read Python and JavaScript, and know classes of weakness, not intent. They see no missing check of rights, no wrong logic and no other language. A request that talks of insecure code is taken at its word.";

function describe(weaknesses: readonly Weakness[]): string {
  const [first] = weaknesses;
  if (first === undefined) return "";
  const others = new Set(weaknesses.map(({ rule }) => rule.cwe));
  others.delete(first.rule.cwe);
  const more = others.size === 0 ? "" : `; also ${[...others].map((cwe) => `CWE-${cwe}`).join(", ")}`;
  return `CWE-${first.rule.cwe}, ${first.rule.title} (line ${first.line} of the code)${more}`;
}

export const WEAK_CODE: DataCheckKind = {
  id: "data/weak-code",
  title: "Weak code nobody asked for",
  create: (settings) => new WeakCode(settings),
};
