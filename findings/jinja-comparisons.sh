#!/usr/bin/env bash
# @huggingface/jinja against Jinja2: `==`, and content that is null.
#
# Expected: in a chat template '1' == 1 is false and [1, 2] == [1, 2] is true, as in Python; a null prints as "None".
# Happens:  the JavaScript library compares as JavaScript's `==` does, and both results are the other way round; a null
#           prints as nothing.
# Matters:  templates choose a system prompt or a tool format by comparing. The message of a tool call has null content.
#           The two libraries give the model different prompts, so they do not measure the same thing.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jinja2==3.1.6
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . @huggingface/jinja@0.5.11

cat > cases.json <<'JSON'
{"messages": [{"role": "assistant", "content": null}],
 "templates": ["{{ 'equal' if '1' == 1 else 'different' }}", "{{ 'equal' if [1, 2] == [1, 2] else 'different' }}",
  "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"]}
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
"different"
"equal"
"<assistant>None"
@huggingface/jinja 0.5.11
"equal"
"different"
"<assistant>"
TXT
{ venv/bin/python render.py; node render.mjs; } > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
