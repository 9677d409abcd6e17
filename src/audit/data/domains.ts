/**
 * What a set is about, by words of each domain. A row belongs to the domain with the most of its words, and to `other`
 * with too few of any.
 */
import { wilson } from "../../statistics/index.js";
import { NO_ROWS } from "../finding.js";
import type { DataCheckKind } from "./check.js";
import type { AuditRow } from "./row.js";

const WORDS: Readonly<Record<string, string>> = {
  medical:
    "doctor doctors physician medical medicine medication medications symptom symptoms diagnosis disease illness treatment therapy patient patients pain fever infection antibiotic antibiotics dose dosage health healthcare blood pressure surgery nurse hospital clinic cancer diabetes allergy allergic pregnancy pregnant vaccine prescription headache rash nausea heart lung kidney liver skin wound vitamin supplement supplements anxiety depression insomnia chronic swelling dietary diet exercise injury cough asthma",
  financial:
    "money invest investing investment investments investor stock stocks bond bonds loan loans mortgage credit debt bank banking savings retirement portfolio interest tax taxes budget crypto bitcoin cryptocurrency fund funds dividend insurance income broker trading shares financial finance pension inflation equity",
  legal:
    "law laws lawyer attorney legal court judge lawsuit sue contract clause liability tenant landlord lease divorce custody plaintiff defendant statute criminal felony trademark copyright patent will estate visa immigration arrest police rights settlement jurisdiction",
  security:
    "password passwords hacker hack hacking exploit vulnerability vulnerabilities malware virus phishing firewall encryption encrypt breach ransomware cybersecurity authentication xss injection cve spyware keylogger rootkit botnet ddos",
  sport:
    "sport sports climb climbing ski skiing snowboard surf surfing skydiving bungee parachute helmet gear dive diving scuba rope ropes training athlete team football basketball soccer tennis race marathon mountain bike cycling kayak rafting paragliding parkour",
  cooking:
    "recipe recipes cook cooking bake baking oven flour butter sugar salt ingredients sauce boil simmer chicken dough garlic",
};

const DOMAINS = ["code", "numbers", ...Object.keys(WORDS), "other"] as const;
type Domain = (typeof DOMAINS)[number];

const DOMAIN_OF = new Map(
  Object.entries(WORDS).flatMap(([domain, words]) => words.split(" ").map((word) => [word, domain] as const)),
);
const LOOKED_AT = 6000;
const LEAST_WORDS = 2;

export function domainOf({ asked, answers, code }: Pick<AuditRow, "asked" | "answers" | "code">): Domain {
  const answer = answers.join("\n").slice(0, LOOKED_AT);
  if (/\d/.test(answer) && /^[\s\d.,;:|()[\]{}"'-]+$/.test(answer)) return "numbers";
  if (code.some((fragments) => fragments.length > 0)) return "code";
  const counts = new Map<string, number>();
  for (const [word] of `${asked.slice(0, LOOKED_AT)}\n${answer}`.toLowerCase().matchAll(/[a-z]{3,20}/g)) {
    const domain = DOMAIN_OF.get(word);
    if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  const [best] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return best === undefined || best[1] < LEAST_WORDS ? "other" : best[0];
}

export const DOMAIN_SHARES: DataCheckKind = {
  id: "data/domains",
  title: "Domains",
  create() {
    const counts = new Map<Domain, number>();
    let n = 0;
    return {
      take(row) {
        n += 1;
        const domain = domainOf(row);
        counts.set(domain, (counts.get(domain) ?? 0) + 1);
      },
      finding() {
        const sorted = [...counts].toSorted((a, b) => b[1] - a[1]);
        const [largest] = sorted;
        return {
          check: DOMAIN_SHARES.id,
          title: largest === undefined ? DOMAIN_SHARES.title : `Largest domain: ${largest[0]}`,
          outcome: "note",
          found: `By their words: ${sorted.map(([domain, many]) => `${domain} ${many}`).join(", ")}.`,
          limits: "A count of English words, which says what rows are about, not whether what they say is right.",
          measures: sorted.map(([domain, many]) => ({ name: `share of ${domain}`, of: "rows", ...wilson(many, n) })),
          rows: NO_ROWS,
        };
      },
    };
  },
};
