/** A value that stands for a secret and is none: what examples and templates are written with. */
const WORDS =
  /^(?:pass\w{0,4}|passw(?:or)?d\w{0,3}|secret\w{0,8}|admin\w{0,3}|root|postgres|mysql|test\w{0,8}|user\w{0,8}|guest|demo|foo|bar|baz|none|null|undefined|todo|dummy\w{0,8}|default|changeme|change_me|redacted|string|text|token|key|value|development|dev|api_?key|1234\d{0,6}|abc\w{0,6}|qwerty\w{0,4}|letmein|hunter2)$/i;

const MARKS =
  /your|example|placeholder|sample|dummy|fake|mock|change|replace|insert|fill|redact|todo|xxx|\*\*\*|\.\.\.|<[^<>]{1,60}>|\$\{|\{\{|%\(|%s|^\{.*\}$|-goes-here|_here$|-here$|my[-_ ]?(?:secret|password|passwd|key|token|api|db)|(?:secret|password|key|token)[-_]?here|super[-_ ]?secret/i;

export function isPlaceholder(value: string): boolean {
  const text = value.trim();
  // Prose, a name of a variable, a path or an address is no secret either.
  if (text.length < 6 || text.length > 4096 || /\s/.test(text)) return true;
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(text) || /^(?:https?:)?\/\/|^[./~]/.test(text)) return true;
  if (/^(.)\1*$/.test(text) || /^(?:0123456789|1234567890|abcdefghij)/i.test(text)) return true;
  return WORDS.test(text) || MARKS.test(text);
}
