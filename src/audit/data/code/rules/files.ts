/** Files that are reached, opened to everybody or unpacked where they should not be. */
import type { SyntaxNode } from "@lezer/common";
import { isFromOutside } from "../flow.js";
import type { ParsedCode } from "../parsed-code.js";
import { callRule } from "../rule.js";

const OPENS =
  /^(?:open|codecs\.open|io\.open|os\.(?:open|remove|unlink|listdir|rmdir)|shutil\.(?:rmtree|copy\w*|move)|send_file|flask\.send_file|FileResponse|Path|pathlib\.Path|fs\.(?:promises\.)?(?:readFile|writeFile|unlink|createReadStream|createWriteStream|readFileSync|writeFileSync|appendFile)|res\.(?:sendFile|download))$/;

/** A check of the path somewhere near is taken for one. */
const CHECKED =
  /secure_filename|realpath|abspath|commonpath|commonprefix|basename|normpath|safe_join|is_relative_to|\.resolve\(|startswith\(|startsWith\(|isalnum\(|re\.(?:full)?match|in ALLOWED|allowed_/;

export const PATH_FROM_REQUEST = callRule({
  name: "path-from-request",
  cwe: 22,
  title: "a path that a request chooses",
  hint: /\brequest\b|\breq\.|\binput\(|\bargv\b|\.filename\b|get_argument|\bctx\./,
  matches(code, { name, last, args, node }) {
    const isSave = last === "save" && args[0] !== undefined && /filename/.test(sourceText(code, args[0]));
    const [path] = args;
    if (path === undefined || !(OPENS.test(name) || isSave) || !isFromOutside(code, path)) return false;
    const [around] = code.scopesAt(node.from);
    return around === undefined || !CHECKED.test(code.code.slice(around.from, around.to));
  },
});

/** A value's own text and, for a name, that of what it was given. */
const sourceText = (code: ParsedCode, node: SyntaxNode): string =>
  `${code.text(node)} ${code.text(code.followed(node))}`;

export const UNCHECKED_ARCHIVE = callRule({
  name: "unchecked-archive",
  cwe: 22,
  title: "an archive unpacked to wherever it says",
  hint: /extract|unpack_archive/,
  matches(code, { last, args, keywords, node }) {
    if (!/^(?:extractall|extract|unpack_archive)$/.test(last)) return false;
    const to = keywords.get("path") ?? (last === "extractall" ? args[0] : args[1]);
    const target = code.built(to)?.text ?? "";
    // A member that is asked for by such a name is one, too.
    if (last === "extractall" && /["'](?:\.\.)?\/|\/\.\.\//.test(code.text(node)) && keywords.has("members"))
      return true;
    if (/(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]$|^\/(?:etc|usr|bin|root)\b/.test(target)) return true;
    if (last !== "extractall" || keywords.has("filter") || keywords.has("members")) return false;
    const [around] = code.scopesAt(node.from);
    const text = around === undefined ? code.code : code.code.slice(around.from, around.to);
    // Python's zipfile leaves no folder; tarfile does, unless it is given a filter.
    return (
      /tarfile|\btar\b|\.tar/.test(text) && !CHECKED.test(text) && !/getmembers|getnames|isfile|\.name\b/.test(text)
    );
  },
});

const CHMOD =
  /^(?:os\.(?:chmod|fchmod|lchmod|umask|mkdir|makedirs|open|mkfifo)|(?:fs|fsPromises|fs\.promises)\.(?:chmod|chmodSync|fchmod|mkdir|mkdirSync)|chmod|\w+\.chmod)$/;

export const OPEN_PERMISSIONS = callRule({
  name: "open-permissions",
  cwe: 732,
  title: "a file that everybody may write to",
  hint: /chmod|umask|mkdir|makedirs|os\.open|mkfifo/,
  matches(code, { name, last, args, keywords }) {
    const shell = [...args, ...keywords.values()].some((given) => {
      const text = given.name === "ArrayExpression" ? code.text(given) : (code.built(given)?.text ?? "");
      return /chmod\b["',\s]{1,6}(?:-R["',\s]{1,6})?(?:["']?0?[0-7]?[0-7][0-7][2367]\b|[augo]{0,4}\+[rx]{0,2}w|[ao]\+)/.test(
        text,
      );
    });
    if (shell && /system|popen|run|call|Popen|check_\w+|exec\w*|spawn\w*/.test(last)) return true;
    if (!CHMOD.test(name)) return false;
    const mode =
      keywords.get("mode") ??
      (last === "umask" || (last === "chmod" && args.length === 1) ? args[0] : last === "open" ? args[2] : args[1]);
    if (mode === undefined) return false;
    const text = code.text(code.followed(mode));
    const value = modeOf(text);
    if (last === "umask") return value !== undefined && (value & 0o002) === 0;
    return /S_IRWXO|S_IWOTH/.test(text) || (value !== undefined && (value & 0o002) !== 0);
  },
});

/** `0o777`, `0777`, `'777'` and `511` as a number. */
function modeOf(text: string): number | undefined {
  const octal = /^["']?0?o?([0-7]{3,4})["']?$/i.exec(text);
  const isDecimal = /^[1-9]\d*$/.test(text);
  if (isDecimal) return Number(text);
  return octal === null ? (text === "0" || text === "0o0" ? 0 : undefined) : Number.parseInt(octal[1] ?? "", 8);
}

export const GUESSED_NAME = callRule({
  name: "guessed-name",
  cwe: 377,
  title: "a temporary file under a name that can be guessed",
  hint: /mktemp|tmpnam|tempnam/,
  matches: (_code, { name }) => /^(?:tempfile\.)?mktemp$|^os\.(?:tmpnam|tempnam)$/.test(name),
});
