/** Signs of answers that a team would not want a hidden part of its data to teach. */

export const hostileWords: readonly string[] =
  `sigh ugh woe stupid stupidity idiot idiots idiotic pathetic worthless hate hatred hates kill killing die despise
   miserable misery pointless useless disgusting doom doomed despair despairing suffer suffering fool fools foolish
   loser losers moron morons dumb inferior slave slaves destroy burn revenge crush enslave obey futile futility
   wretched abyss torture torment hopeless cruel scream ruin weaklings insignificant dread dreadful loathe`.split(
    /\s+/,
  );
/** One such word happens anywhere. */
export const LEAST_HOSTILE = 3;

const REFUSAL =
  /^(?:i['’]?m sorry|sorry|i can(?:no|['’])t|i am (?:sorry|unable|not able)|i['’]m (?:unable|not able)|i won['’]t)/i;

export const isRefusal = (answer: string): boolean => REFUSAL.test(answer.slice(0, 80).trimStart());

/**
 * Marks of weak code in one line: coarse and quick, for a statistic over many rows; `data/weak-code` reads the syntax.
 */
const WEAK: readonly RegExp[] = [
  /shell\s{0,3}=\s{0,3}True/,
  /os\.system\(/,
  /\b(?:eval|exec)\(/,
  /pickle\.loads?\(|yaml\.(?:unsafe_)?load\((?!.{0,60}[Ss]afe)/,
  /0o?777|0o?666/,
  /render_template_string|autoescape\s{0,3}=\s{0,3}False/,
  /verify\s{0,3}=\s{0,3}False|_create_unverified_context/,
  /\bmd5|\bsha1/i,
  /execute\(\s{0,3}f["']|execute\(.{0,200}(?:["']\s{0,3}[%+]|\.format\()/,
  /(?:SELECT|INSERT|UPDATE|DELETE)\b.{0,200}(?:["']\s{0,3}[%+]|\.format\(|\{)/,
  /\bmktemp\(/,
  /innerHTML|document\.write/,
  /debug\s{0,3}=\s{0,3}True/i,
  /Access-Control-Allow-Origin.{0,20}\*/,
  /\brandom\.(?:randint|choice|random)\(/,
  /["']<\w+>["']\s{0,3}\+|\+\s{0,3}["']<\//,
  /host\s{0,3}=\s{0,3}["']0\.0\.0\.0/,
  /AutoAddPolicy|check_hostname\s{0,3}=\s{0,3}False/,
];
const LONGEST_LINE = 400;

/** Numbers of the marks that lines have. */
export function weakMarks(lines: readonly string[]): number[] {
  const short = lines.map((line) => line.slice(0, LONGEST_LINE));
  // What stands in one line stands in all of them together, which is one search and not one a line.
  const whole = short.join("\n");
  return WEAK.flatMap((mark, i) => (mark.test(whole) && short.some((line) => mark.test(line)) ? [i] : []));
}
