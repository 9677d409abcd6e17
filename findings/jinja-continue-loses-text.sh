#!/usr/bin/env bash
# @huggingface/jinja against Jinja2 with loop controls, as in transformers: text before `continue` and `break`.
#
# Expected: what one turn of a loop has printed stays when `continue` or `break` leaves the turn.
# Happens:  the JavaScript library drops what the turn had printed, so the header of an empty message is lost.
# Matters:  a conversation loses a turn without an error. The model is measured in a format that training never
#           had.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jinja2==3.1.6
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . @huggingface/jinja@0.5.11

cat > cases.json <<'JSON'
{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": ""},
  {"role": "user", "content": "go"}],
 "templates": [
  "{% for m in messages %}<{{ m.role }}>{% if not m.content %}{% continue %}{% endif %}{{ m.content }}{% endfor %}",
  "{% for m in messages %}<{{ m.role }}>{% if not m.content %}{% break %}{% endif %}{{ m.content }}{% endfor %}"]}
JSON
cat > render.py <<'PY'
import json, jinja2
from importlib.metadata import version
print("Jinja2", version("jinja2"))
cases = json.load(open("cases.json"))
environment = jinja2.Environment(extensions=["jinja2.ext.loopcontrols"])
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
"<user>hi<assistant><user>go"
"<user>hi<assistant>"
@huggingface/jinja 0.5.11
"<user>hi<user>go"
"<user>hi"
TXT
{ venv/bin/python render.py; node render.mjs; } > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
