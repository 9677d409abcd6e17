#!/usr/bin/env bash
# PyYAML against yaml (JavaScript): numbers in the settings of a training run.
#
# Expected: `learning_rate: 1e-5` is a number, and a file of settings means the same in both.
# Happens:  PyYAML follows YAML 1.1: 1e-5 is a text (1.0e-5 is a number), 010 is 8, and 12:30 is 750. The JavaScript
#           library follows YAML 1.2: a number, 10, and a text.
# Matters:  two tools that read one file train with different seeds, and a learning rate that is a text fails late or is
#           compared as a text. An answer of a question set that looks like a time turns into a number.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyyaml==6.0.4
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . yaml@2.9.1

cat > settings.yaml <<'YAML'
{learning_rate: 1e-5, other_rate: 1.0e-5, seed: 010, answer: 12:30}
YAML
cat > read.py <<'PY'
import json, yaml
print("PyYAML", yaml.__version__)
print(json.dumps(yaml.safe_load(open("settings.yaml"))))
PY
cat > read.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parse } from "yaml";
const own = readFileSync("node_modules/yaml/package.json", "utf8");
console.log("yaml", JSON.parse(own).version);
console.log(JSON.stringify(parse(readFileSync("settings.yaml", "utf8"))));
JS

cat > expected <<'TXT'
PyYAML 6.0.4
{"learning_rate": "1e-5", "other_rate": 1e-05, "seed": 8, "answer": 750}
yaml 2.9.1
{"learning_rate":0.00001,"other_rate":0.00001,"seed":10,"answer":"12:30"}
TXT
{ venv/bin/python read.py; node read.mjs; } > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
