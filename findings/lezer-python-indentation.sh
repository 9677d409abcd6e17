#!/usr/bin/env bash
# @lezer/python (the Python parser of CodeMirror): which broken code it marks as an error.
#
# Expected: a tree without an error node is Python that a Python parser takes, apart from later checks.
# Happens:  a block that is indented where none begins, a dedent to no outer level and a string without an end leave no
#           error node. Only the missing block and the open bracket do.
# Matters:  whoever filters a model's code by "parses without an error" keeps answers that were cut off inside a string
#           or lost their indentation, the usual ways in which a sampled answer breaks.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . @lezer/python@1.1.19

cat > sources.json <<'JSON'
{
  "sound": "if a:\n    b = 1\nc = 2\n",
  "indented first line": "  x = 1\ny = 2\n",
  "indented middle line": "x = 1\n    y = 2\n",
  "dedent to no level": "if a:\n    b = 1\n  c = 2\n",
  "string without an end": "x = 'abc\n",
  "missing block": "def f():\nreturn 1\n",
  "open bracket": "x = (1\n"
}
JSON
cat > read.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parser } from "@lezer/python";
console.log("@lezer/python", JSON.parse(readFileSync("node_modules/@lezer/python/package.json", "utf8")).version);
for (const [name, source] of Object.entries(JSON.parse(readFileSync("sources.json", "utf8")))) {
  let errors = 0;
  parser.parse(source).iterate({ enter: ({ type }) => void (errors += type.isError ? 1 : 0) });
  console.log(`${name}: ${errors === 0 ? "no error" : "error"}`);
}
JS
cat > read.py <<'PY'
import ast, json
print("CPython's ast")
for name, source in json.load(open("sources.json")).items():
    try:
        ast.parse(source)
        print(f"{name}: no error")
    except SyntaxError:
        print(f"{name}: error")
PY

cat > expected <<'TXT'
@lezer/python 1.1.19
sound: no error
indented first line: no error
indented middle line: no error
dedent to no level: no error
string without an end: no error
missing block: error
open bracket: error
CPython's ast
sound: no error
indented first line: error
indented middle line: error
dedent to no level: error
string without an end: error
missing block: error
open bracket: error
TXT
{ node read.mjs; python3 read.py; } > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
