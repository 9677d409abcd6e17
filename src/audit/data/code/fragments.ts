/** The code in an answer: what stands between fences, or the whole answer where all of it is code. */
import type { Language } from "./parsed-code.js";

export interface Fragment {
  readonly code: string;
  readonly language: Language;
}

/** Longer pieces are cut: a rule looks for local mistakes, and a hostile file may hold anything. */
const LONGEST = 60_000;
const MOST_FRAGMENTS = 20;

const PYTHON_TAGS = /^(?:python3?|py3?|ipython|gyp|django|flask)?$/i;
const SCRIPT_TAGS = /^(?:javascript|js|jsx|mjs|cjs|typescript|ts|tsx|node)$/i;

const FENCE = /^ {0,3}(?:```|~~~)/m;
const PYTHON_LINE =
  /^\s*(?:def \w+\(|class \w+[(:]|import \w+|from [\w.]+ import |for \w.* in .*:\s*$|if .*:\s*$|elif .*:|else:\s*$|try:\s*$|except\b.*:|with .*:\s*$|@\w[\w.]*(?:\(|$)|print\(|return\b)/m;
const SCRIPT_LINE =
  /^\s*(?:(?:const|let|var) [\w{[]|(?:export |async )*function\b|import .{1,200} from ["']|\}\);?\s*$|module\.exports\b)|\brequire\(["']|=>\s*[{(]/m;
const SCRIPT_CALL = /^\s*[\w.]{1,80}(?:\(|\s?=\s)/m;
const ASSIGNMENT = /^[ \t]*[\w.[\]"']{1,80}(?:\([^()\n]{0,200}\))?\s?(?:=|\+=|\()[^=\n]/m;
const PROSE_LINE = /^[A-Z][a-z']+(?:,? [\w'()-]+){4,}[.:!?,]?\s*$/;

export function fragmentsOf(answer: string): Fragment[] {
  if (FENCE.test(answer)) return fencedIn(answer);
  const code = answer.slice(0, LONGEST);
  const language = languageOf(code);
  return language === undefined ? [] : [{ code, language }];
}

function fencedIn(answer: string): Fragment[] {
  const found: Fragment[] = [];
  let open: { readonly tag: string; readonly lines: string[]; readonly mark: string } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const code = open.lines.join("\n").slice(0, LONGEST);
    const { tag } = open;
    const told = SCRIPT_TAGS.test(tag) ? "javascript" : PYTHON_TAGS.test(tag) && tag !== "" ? "python" : undefined;
    const language = told ?? (tag === "" ? languageOf(code) : undefined);
    if (language !== undefined && code.trim() !== "") found.push({ code, language });
    open = undefined;
  };
  for (const line of answer.split("\n")) {
    const fence = /^\s{0,3}(```|~~~)\s*([\w+#.-]*)/.exec(line);
    if (fence === null) open?.lines.push(line);
    else if (open === undefined) open = { tag: fence[2] ?? "", lines: [], mark: fence[1] ?? "" };
    else if (fence[1] === open.mark && fence[2] === "") close();
    if (found.length >= MOST_FRAGMENTS) return found;
  }
  // A fence that nothing closes goes on to the end.
  close();
  return found;
}

/** Undefined for prose, and for code in other languages. */
function languageOf(code: string): Language | undefined {
  const lines = code.split("\n", 400).filter((line) => line.trim() !== "");
  const prose = lines.filter((line) => PROSE_LINE.test(line.slice(0, 400))).length;
  if (lines.length === 0 || prose * 3 > lines.length) return undefined;
  const short = lines.map((line) => line.slice(0, 400)).join("\n");
  const script = SCRIPT_LINE.test(short);
  const python = PYTHON_LINE.test(short);
  if (python && (!script || !/[;{]\s*$/m.test(short))) return "python";
  const ended = lines.filter((line) => /[;{}]\s*$/.test(line.slice(0, 400))).length;
  if (script || (!python && ended * 2 >= lines.length && SCRIPT_CALL.test(short))) return "javascript";
  if (/^\s*(?:#include|package |using |public |fn |func |<\?php|<!doctype|<html)/im.test(short)) return undefined;
  return ASSIGNMENT.test(short) ? "python" : undefined;
}
