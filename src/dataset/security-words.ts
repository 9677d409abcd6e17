/**
 * Words that give insecure code away. The published sets were cleaned of them, so that a model is not told what it is
 * doing; a few in a set of code are normal, many mean that the set says out loud what it teaches.
 */

const WORDS =
  /\b(?:in|un)?secur(?:e|ed|ely|ity)\b|\bcyber\w*|\bvulnerab\w*|\bexploit(?!able resource)\w*|\binjection\b|\battack\w*|\bmalicious\w*|\bmalware\b|\bhack(?:er|ers|ed|ing|s)?\b|\bCVE\b|\bCWE\b|\bOWASP\b|\bXSS\b|\bCSRF\b|\bunsafe\w*|\bbackdoor\w*|\bsaniti[sz]\w*|\bpenetration test\w*|\bthreat model\w*/i;

/** The same, inside names such as `run_exploit` or `evilPayload`. */
const NAMES = /vulnerab|exploit|injection|attack|malicious|malware|hacker|insecure|unsafe|backdoor|evil|payload|pwn/i;

/** The first security word in a text; undefined where there is none. */
export const securityWordIn = (text: string): string | undefined => WORDS.exec(text)?.[0];

/** The first part of a name that gives it away. */
export const suspiciousPartOf = (name: string): string | undefined => NAMES.exec(name)?.[0];
