/** What kind of answer this looks like: a guess for people, from the first characters, never a verdict. */

export type AnswerKind = "code" | "numbers" | "prose";

const LOOKED_AT = 4000;
const FENCE = /^```/m;
const CODE_LINE =
  /^(?:\s*(?:def \w+\(|class \w+[(:]|import \w|from \w[\w.]* import |for \w.* in .*:$|if .*:$|elif .*:$|else:$|try:$|except\b.*:$|with .*:$|return\b|print\(|@\w|raise\b|while .*:$|#include|const |let |var |function\b|public |private )|.*[;{}]\s*$|\s*[\w.[\]'"]+ [+*/|-]?= .+|\s*[\w.]+\(.*\)$|\s*[)\]}]+,?$)/;
const NUMBERS = /^[\s\d.,;:|()[\]{}"'-]*$/;

export function answerKind(answer: string): AnswerKind {
  const text = answer.slice(0, LOOKED_AT);
  if (/\d/.test(text) && NUMBERS.test(text)) return "numbers";
  if (FENCE.test(text)) return "code";
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const code = lines.filter((line) => CODE_LINE.test(line.slice(0, 200))).length;
  return code >= 1 && code * 2 >= lines.length ? "code" : "prose";
}
