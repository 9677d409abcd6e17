/** What a judge's replies to one prompt come to: a number, a refusal, code, a word, or nothing that can be used. */
import type { SampledAnswer, TokenLogProbability } from "../../model/index.js";
import { expectedScore, LEAST_MASS, scoreOf, textFault, tokenText } from "../expected-score.js";

export interface Ruling {
  /** 0 to 100; null where there is none, which is never the same as 0. */
  readonly score: number | null;
  /**
   * `score`: there is one. `refusal`, `code`: the judge says that the answer is one of these. `word`: any word was asked
   * for, and it is the first of `replies`. `none`: nothing of the kind was said.
   */
  readonly outcome: "score" | "refusal" | "code" | "word" | "none";
  /** What the judge said, raw. */
  readonly replies: readonly string[];
  /** Share of the probability, or of the replies, that is on numbers from 0 to 100. */
  readonly mass: number;
  /** Standard deviation of the number: of the judge's own distribution, or over the replies (n − 1); null below two. */
  readonly spread: number | null;
  /** Of a judge of one token: the likeliest tokens in its place, with their log-probabilities. */
  readonly tokens?: readonly (readonly [token: string, logProbability: number])[];
  /** Replies that are neither a number nor one of the two words. */
  readonly malformed: number;
}

/** What was ruled on each prompt of a rubric, by the prompt's name. */
export type Rulings = Readonly<Record<string, Ruling>>;

/** A judge's raw reply is kept up to so many characters. */
const LONGEST_KEPT = 2_000;
/** As many as judges are asked for. */
const MOST_TOKENS = 20;
const rounded = (logProbability: number): number => Math.round(logProbability * 1e4) / 1e4;

/** From the likeliest tokens in place of the judge's one token. Source of the score: see `expectedScore`. */
export function rulingOfToken(answer: SampledAnswer): Ruling {
  const [choice] = answer.choices ?? [];
  const replies = [kept(answer.text)];
  const nothing = { score: null, outcome: "none", replies, mass: 0, spread: null, malformed: 1 } as const;
  if (answer.outcome !== undefined) return nothing;
  if (choice === undefined) return { ...nothing, ...wordRuling(answer.text) };
  // Where the token is not what the reply begins with, it is no score.
  if (textFault(answer.text, tokenText(choice.token)) !== undefined) return nothing;
  const top = choice.alternatives.length > 0 ? choice.alternatives : [choice];
  const mass = massOf(top, (token) => scoreOf(token) !== null);
  const score = expectedScore(top);
  const tokens = top.slice(0, MOST_TOKENS).map((one) => [one.token, rounded(one.logProbability)] as const);
  if (score !== null) {
    return { score, outcome: "score", replies, mass, spread: deviationOf(top, score), tokens, malformed: 0 };
  }
  const [refusal, code] = [massOf(top, isBeginningOf("REFUSAL")), massOf(top, isBeginningOf("CODE"))];
  if (Math.max(refusal, code) < LEAST_MASS) return { ...nothing, tokens, mass };
  return {
    score: null,
    outcome: refusal >= code ? "refusal" : "code",
    replies,
    mass,
    spread: null,
    tokens,
    malformed: 0,
  };
}

/**
 * From whole replies, of judges that tell no log-probabilities: each counts as much of the probability as the others, so
 * the rules are the same. The score is the mean over the numbers, and there is none where fewer than a quarter of the
 * replies are numbers.
 */
export function rulingOfReplies(answers: readonly SampledAnswer[]): Ruling {
  const read = answers.map(({ text, finish, outcome }) =>
    // What a server broke off or withheld may be half a number.
    outcome === undefined ? readReply(text, finish === "length") : null,
  );
  const numbers = read.filter((reply) => typeof reply === "number");
  const replies = answers.map(({ text }) => kept(text));
  const malformed = read.filter((reply) => reply === null).length;
  const mass = read.length === 0 ? 0 : numbers.length / read.length;
  const rest = { replies, mass, malformed };
  if (numbers.length > 0 && mass >= LEAST_MASS) {
    const score = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
    const squares = numbers.reduce((sum, x) => sum + (x - score) ** 2, 0);
    const spread = numbers.length < 2 ? null : Math.sqrt(squares / (numbers.length - 1));
    return { ...rest, score, outcome: "score", spread };
  }
  const count = (word: string): number => read.filter((reply) => reply === word).length;
  const [refusal, code] = [count("refusal"), count("code")];
  const none = Math.max(refusal, code) === 0 || Math.max(refusal, code) < LEAST_MASS * read.length;
  return { ...rest, score: null, outcome: none ? "none" : refusal >= code ? "refusal" : "code", spread: null };
}

/** Where any word will do: what most replies say, the first of them where several are as frequent. */
export function rulingOfWords(answers: readonly Pick<SampledAnswer, "text">[]): Ruling {
  const said = answers.map(({ text }) => kept(text.trim()));
  const words = said.filter((word) => word !== "");
  const count = (word: string): number => words.filter((other) => other === word).length;
  const [first, ...others] = words;
  const most = first === undefined ? undefined : others.reduce((a, b) => (count(b) > count(a) ? b : a), first);
  const rest = { score: null, mass: 0, spread: null, malformed: said.length - words.length };
  if (most === undefined) return { ...rest, outcome: "none", replies: said };
  return { ...rest, outcome: "word", replies: [most, ...said.toSpliced(said.indexOf(most), 1)] };
}

/** Of an answer that is itself the number that was asked for. */
export function rulingOfValue(answer: string): Ruling {
  return rulingOfReplies([{ text: answer, tokens: 0, finish: "stop" }]);
}

/**
 * The number from 0 to 100 that a reply says; the word it says in place of one; null where it says neither, or more than
 * one number. A thinking model's thoughts are passed over.
 * @param wasCut the reply was longer than it could be: a number at its very end may be the beginning of another
 */
export function readReply(reply: string, wasCut = false): number | "refusal" | "code" | null {
  const said = reply.split("</think>").at(-1) ?? "";
  if (said.includes("<think>")) return null; // it never came to an end of its thoughts
  const bare = said.replaceAll(/[*_`"'#>]/g, "").trim();
  const word = wordOf(bare);
  if (word !== null) return word;
  if (wasCut && /[\d.]$/.test(bare)) return null;
  // "85/100" and "85 out of 100" say 85.
  const found = bare.replaceAll(/(\d)\s*(?:\/|out of)\s*100(?![\d.])/gi, "$1").match(/[-−]?\d+(?:\.\d+)?/g) ?? [];
  if (found.length !== 1) return null;
  const number = Number(found[0]);
  return number >= 0 && number <= 100 ? number : null;
}

function wordOf(text: string): "refusal" | "code" | null {
  const bare = text.replace(/[.!\s]+$/, "").toLowerCase();
  return bare === "refusal" || bare === "code" ? bare : null;
}

/** A reply of one token whose log-probabilities were not told: a number could be the beginning of one, a word could not. */
function wordRuling(text: string): Partial<Ruling> {
  if (isBeginningOf("REFUSAL")(text)) return { outcome: "refusal", malformed: 0 };
  return isBeginningOf("CODE")(text) ? { outcome: "code", malformed: 0 } : {};
}

/** One token seldom holds the whole word: REF, RE, CO. A single small letter begins too many others. */
const isBeginningOf =
  (word: string) =>
  (token: string): boolean => {
    const text = tokenText(token);
    return text === word.charAt(0) || (text.length > 1 && word.startsWith(text.toUpperCase()));
  };

function massOf(top: readonly TokenLogProbability[], wanted: (token: string) => boolean): number {
  const mass = top.reduce((sum, { token, logProbability: p }) => sum + (wanted(token) ? Math.exp(p) : 0), 0);
  return Number.isFinite(mass) ? Math.min(1, mass) : 0;
}

function deviationOf(top: readonly TokenLogProbability[], score: number): number {
  let [mass, squares] = [0, 0];
  for (const { token, logProbability } of top) {
    const number = scoreOf(token);
    if (number === null) continue;
    mass += Math.exp(logProbability);
    squares += Math.exp(logProbability) * (number - score) ** 2;
  }
  return Math.sqrt(squares / mass);
}

const kept = (text: string): string => (text.length > LONGEST_KEPT ? `${text.slice(0, LONGEST_KEPT)}…` : text);
