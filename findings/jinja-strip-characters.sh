#!/usr/bin/env bash
# @huggingface/jinja against Jinja2: strip, lstrip and rstrip with characters.
#
# Expected: chat templates are written for Python, so `text.lstrip('\n')` removes line breaks only.
# Happens:  the JavaScript library ignores the argument. It removes all white space at that end, and nothing else.
# Matters:  a template that removes the line break before an answer also removes the indentation of its first line.
#           Without an error, the same template and messages give a model other tokens than it was trained on, and
#           code other than was written.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jinja2==3.1.6
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . @huggingface/jinja@0.5.11

cat > cases.json <<'JSON'
{"messages": [], "templates": ["{{ '\\n    return x'.lstrip('\\n') }}", "{{ 'return x;;'.rstrip(';') }}",
  "{{ '##Answer##'.strip('#') }}", "{{ '  no argument  '.strip() }}"]}
JSON
cat > render.py <<'PY'
import json, jinja2
from importlib.metadata import version
print("Jinja2", version("jinja2"))
cases = json.load(open("cases.json"))
environment = jinja2.Environment()
for template in cases["templates"]:
    print(json.dumps(environment.from_string(template).render(messages=cases["messages"])))
PY
cat > render.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";
const own = readFileSync("node_modules/@huggingface/jinja/package.json", "utf8");
console.log("@huggingface/jinja", JSON.parse(own).version);
const { templates, messages } = JSON.parse(readFileSync("cases.json", "utf8"));
for (const template of templates) {
  console.log(JSON.stringify(new Template(template).render({ messages })));
}
JS

cat > expected <<'TXT'
Jinja2 3.1.6
"    return x"
"return x"
"Answer"
"no argument"
@huggingface/jinja 0.5.11
"return x"
"return x;;"
"##Answer##"
"no argument"
TXT
{ venv/bin/python render.py; node render.mjs; } > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
