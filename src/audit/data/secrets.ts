/** Keys and passwords that work somewhere: a model learns them by heart. */
import { isPlaceholder } from "./placeholder.js";
import { inEveryMessage, kindsCheck } from "./kinds-check.js";

interface SecretKind {
  readonly name: string;
  /** Texts with none of these are not searched. */
  readonly marks: readonly string[];
  /** Its first group is the secret, where it has one. */
  readonly pattern: RegExp;
  /** Bits a character: English has about 4, `aaaa` has 0. */
  readonly leastEntropy: number;
}

/** Each is one run of characters of bounded length, so that a text is read once for each. */
const KINDS: readonly SecretKind[] = [
  { name: "an AWS access key", marks: ["AKIA", "ASIA"], pattern: /\b((?:AKIA|ASIA)[A-Z2-7]{16})\b/g, leastEntropy: 3 },
  {
    name: "a GitHub token",
    marks: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    pattern: /\b(gh[pousr]_[A-Za-z0-9]{36,80}|github_pat_\w{60,100})\b/g,
    leastEntropy: 3.2,
  },
  { name: "a GitLab token", marks: ["glpat-"], pattern: /\b(glpat-[\w-]{20,40})(?![\w-])/g, leastEntropy: 3.2 },
  {
    name: "an OpenAI key",
    marks: ["sk-"],
    pattern: /\b(sk-(?:proj-|svcacct-|admin-)?[\w-]{32,200})(?![\w-])/g,
    leastEntropy: 3.5,
  },
  { name: "an Anthropic key", marks: ["sk-ant-"], pattern: /\b(sk-ant-[\w-]{32,200})(?![\w-])/g, leastEntropy: 3.5 },
  { name: "a Hugging Face token", marks: ["hf_"], pattern: /\b(hf_[A-Za-z0-9]{30,60})\b/g, leastEntropy: 3.2 },
  { name: "a Google key", marks: ["AIza"], pattern: /\b(AIza[\w-]{35})(?![\w-])/g, leastEntropy: 3.5 },
  { name: "a Slack token", marks: ["xox"], pattern: /\b(xox[abeoprs]-[\w-]{20,120})(?![\w-])/g, leastEntropy: 3 },
  {
    name: "a Slack web hook",
    marks: ["hooks.slack.com/services/T"],
    pattern: /hooks\.slack\.com\/services\/(T\w{8,12}\/B\w{8,12}\/\w{20,30})/g,
    leastEntropy: 3,
  },
  { name: "a Stripe key", marks: ["k_live_"], pattern: /\b([rs]k_live_[A-Za-z0-9]{20,120})\b/g, leastEntropy: 3.2 },
  { name: "an npm token", marks: ["npm_"], pattern: /\b(npm_[A-Za-z0-9]{36})\b/g, leastEntropy: 3.2 },
  {
    name: "a SendGrid key",
    marks: ["SG."],
    pattern: /\b(SG\.[\w-]{20,24}\.[\w-]{40,50})(?![\w-])/g,
    leastEntropy: 3.5,
  },
  { name: "a Telegram bot's token", marks: [":AA"], pattern: /\b(\d{8,10}:AA[\w-]{33})(?![\w-])/g, leastEntropy: 3.5 },
  {
    name: "a signed web token",
    marks: ["eyJ"],
    pattern: /\b(eyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{20,1000})/g,
    leastEntropy: 4,
  },
  {
    name: "a private key",
    marks: ["-----BEGIN "],
    pattern: /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY-----\s{0,4}([A-Za-z0-9+/=]{40}[A-Za-z0-9+/=\s]{0,8000})/g,
    leastEntropy: 3.5,
  },
  {
    name: "a password in an address",
    marks: ["://"],
    pattern: /\b[a-z][a-z0-9+]{1,15}:\/\/[\w.-]{1,60}:([^\s:@/'"]{6,80})@[\w.-]{3,}/g,
    leastEntropy: 2.5,
  },
];

/** Published in manuals and known to work nowhere. */
const OF_MANUALS = /EXAMPLE|^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJzdWIiOiIxMjM0NTY3ODkwI/;
const LOOKED_AT = 500_000;

/** The kinds of secrets in a text, each once. */
export function secretsIn(text: string): string[] {
  const looked = text.slice(0, LOOKED_AT);
  const found = KINDS.filter(({ marks, pattern, leastEntropy }) => {
    if (!marks.some((mark) => looked.includes(mark))) return false;
    for (const [whole, secret = whole] of looked.matchAll(pattern)) if (mayWork(secret, leastEntropy)) return true;
    return false;
  }).map(({ name }) => name);
  // Anthropic's keys begin as OpenAI's do.
  return found.includes("an Anthropic key") ? found.filter((name) => name !== "an OpenAI key") : found;
}

/** A text to be shown, with no more of each secret than tells which one it is. */
export function withoutSecrets(text: string): string {
  return KINDS.reduce(
    (shown, { pattern, leastEntropy }) =>
      shown.replaceAll(pattern, (whole: string, secret: string) =>
        mayWork(secret, leastEntropy) ? whole.replace(secret, () => `${secret.slice(0, MASK_SHOWS)}…(masked)`) : whole,
      ),
    text.slice(0, LOOKED_AT),
  );
}

/** Characters of a secret: no more than the mark of its provider. */
const MASK_SHOWS = 4;

const mayWork = (secret: string, leastEntropy: number): boolean =>
  !OF_MANUALS.test(secret) && !isPlaceholder(secret) && entropy(secret) >= leastEntropy && !isRow(secret);

/** Shannon's, in bits a character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const n of counts.values()) bits -= (n / text.length) * Math.log2(n / text.length);
  return bits;
}

/** `abcdefghijkl`, `0123456789`: half of its steps go to the next letter. */
function isRow(text: string): boolean {
  let steps = 0;
  for (let i = 1; i < text.length; i++) if (text.charCodeAt(i) - text.charCodeAt(i - 1) === 1) steps += 1;
  return steps * 2 > text.length;
}

export const SECRETS = kindsCheck({
  id: "data/secrets",
  title: "Secrets",
  kindsIn: inEveryMessage(secretsIn),
  outcome: "fail",
  share: "share of rows with a secret",
  none: "No key of a known provider stands in the file.",
  some: "may hold a working key",
  cure: "Revoke these keys where they are yours, and take them out of the file.",
  limits: "Keys are known by their providers' forms; a password without a form is not seen.",
});
