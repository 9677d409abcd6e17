/** Text of others that becomes a program: SQL, shell commands, code, templates. */
import { isFixed, isOpen, isOpenText, isVariable } from "../flow.js";
import type { ParsedCode } from "../parsed-code.js";
import { callRule, type CodeRule } from "../rule.js";

/** A statement, not an English sentence that begins with one of its words. */
const SQL =
  /^\s*(?:select\b[^;]{1,2000}\bfrom\b|insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\b|replace\s+into\b|drop\s+(?:table|database|user)\b|create\s+(?:table|user|database)\b|alter\s+(?:table|user)\b|grant\b[^;]{1,200}\bto\b|exec(?:ute)?\s|call\s+\S+\(|merge\s+into\b|with\s+\w+\s+as\b)/i;

export const SQL_FROM_STRINGS: CodeRule = {
  name: "sql-from-strings",
  cwe: 89,
  title: "SQL built from a string",
  hint: /["'`]\s*(?:select|insert|update|delete|replace|drop|create|alter|grant|exec|call|merge|with)\b/i,
  *find(code) {
    const seen = new Set<number>();
    const isSql = (node: Parameters<ParsedCode["built"]>[0]): boolean => {
      const built = code.built(node);
      return built !== undefined && SQL.test(built.text) && built.holes.some((hole) => !isFixed(code, hole));
    };
    // The place of the string is named, and once, however often it is run.
    for (const { node, value, name } of code.bindings) {
      if (value === undefined || !isSql(value) || seen.has(value.from)) continue;
      if (!isRun(code, name)) continue;
      seen.add(value.from);
      yield node;
    }
    for (const node of code.returned) {
      if (node.name === "VariableName" || !isSql(node) || seen.has(node.from)) continue;
      seen.add(node.from);
      yield node;
    }
    for (const { args, last, node } of code.calls) {
      const [first] = args;
      if (first === undefined || !RUNS_SQL.test(last) || !isSql(first)) continue;
      const from =
        first.name === "VariableName" ? code.bindingOf(code.text(first), first.from)?.value?.from : first.from;
      if (from === undefined || seen.has(from)) continue;
      seen.add(from);
      yield node;
    }
  },
};

const RUNS_SQL =
  /^(?:execute\w*|executemany|executescript|query|raw|rawQuery|\$queryRawUnsafe|\$executeRawUnsafe|read_sql\w*|text|run|all|get|each|prepare|sql|fetch\w*|cursor|run_query|exec\w*|mysql_query|queryset|extra)$/;

/** A string that is never handed on is an example or a message; unfinished code may only return it. */
function isRun(code: ParsedCode, name: string): boolean {
  return code.calls.some(
    ({ args, keywords, last }) =>
      !/^(?:print|log|debug|info|warning|error)$/.test(last) &&
      [...args, ...keywords.values()].some((given) => code.text(given).includes(name)),
  );
}

const SHELLS =
  /^(?:os\.(?:system|popen)|commands\.(?:getoutput|getstatusoutput)|subprocess\.(?:getoutput|getstatusoutput)|asyncio\.create_subprocess_shell|(?:child_process|cp|require)\.(?:exec|execSync)|exec|execSync|shell\.exec)$/;

export const COMMAND_INJECTION = callRule({
  name: "command-injection",
  cwe: 78,
  title: "a shell command from a variable",
  hint: /system|popen|getoutput|getstatusoutput|shell|exec/,
  matches(code, { name, args, keywords }) {
    const [command] = args;
    const shell = keywords.get("shell");
    if (shell !== undefined && /^(?:True|true)$/.test(code.text(shell))) {
      return isVariable(code, command ?? keywords.get("args"));
    }
    if (!SHELLS.test(name)) return false;
    // `exec` alone is another function in Python, and many a method in JavaScript.
    const isShell =
      !/^exec(?:Sync)?$/.test(name) || (code.language === "javascript" && /child_process/.test(code.code));
    return isShell && isVariable(code, command);
  },
});

export const EVALUATED_TEXT = callRule({
  name: "evaluated-text",
  cwe: 95,
  title: "text that is run as code",
  hint: /\b(?:eval|exec)\s?\(|\bFunction\(|\brunIn|\bvm\.|\bset(?:Timeout|Interval)\(/,
  matches(code, { name, args, node }) {
    const [text] = args;
    if (code.language === "python") return /^(?:builtins\.)?(?:eval|exec)$/.test(name) && isVariable(code, text);
    if (/^(?:eval|window\.eval|vm\.runIn\w+|vm\.Script)$/.test(name)) return isVariable(code, text);
    if (name === "Function" && node.name === "NewExpression") return args.some((given) => isVariable(code, given));
    return /^(?:window\.)?set(?:Timeout|Interval)$/.test(name) && isOpen(code, text);
  },
});

export const TEMPLATE_FROM_TEXT = callRule({
  name: "template-from-text",
  cwe: 1336,
  title: "a template made from a variable",
  hint: /render_template_string|from_string|Template\(|renderString/,
  matches(code, { name, last, args, keywords }) {
    const source = args[0] ?? keywords.get("source");
    if (/^(?:render_template_string|from_string|renderString)$/.test(last)) return isOpenText(code, source);
    // string.Template and Django's are not Jinja's, and a constant is no injection.
    return /^(?:jinja2\.|mako\.template\.)?Template$/.test(name) && isOpen(code, source);
  },
});
