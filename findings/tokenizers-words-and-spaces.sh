#!/usr/bin/env bash
# @huggingface/tokenizers (JavaScript) against tokenizers (Rust and Python): `single_word`, and spaces in decoded code.
#
# Expected: an added token with `single_word` is found only where it is a whole word. Decoding without settings leaves
#           the spaces of code alone.
# Happens:  the JavaScript library finds `not` inside `cannot`. It decodes `a != b` as `a!= b`, because it "cleans up"
#           spaces unless clean_up_tokenization_spaces is set to false.
# Matters:  the model reads other tokens, and the code that it wrote is judged in a changed form.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tokenizers==0.23.3
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . @huggingface/tokenizers@0.2.0

cat > tokenizer.json <<'JSON'
{"version": "1.0", "truncation": null, "padding": null, "normalizer": null, "post_processor": null, "decoder": null,
 "added_tokens": [{"id": 7, "content": "not", "single_word": true, "lstrip": false, "rstrip": false,
  "normalized": false, "special": false}],
 "pre_tokenizer": {"type": "WhitespaceSplit"},
 "model": {"type": "WordLevel", "unk_token": "?",
  "vocab": {"?": 0, "a": 1, "!=": 2, "b": 3, "can": 4, "cannot": 5, "do": 6}}}
JSON
cat > encode.py <<'PY'
import json
from importlib.metadata import version
from tokenizers import Tokenizer
print("tokenizers", version("tokenizers"))
tokenizer = Tokenizer.from_file("tokenizer.json")
print(json.dumps(tokenizer.encode("cannot do").tokens, separators=(",", ":")))
print(tokenizer.decode([1, 2, 3]))
PY
cat > encode.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
const own = readFileSync("node_modules/@huggingface/tokenizers/package.json", "utf8");
console.log("@huggingface/tokenizers", JSON.parse(own).version);
const json = JSON.parse(readFileSync("tokenizer.json", "utf8"));
const tokenizer = new Tokenizer(json, {});
console.log(JSON.stringify(tokenizer.encode("cannot do").tokens));
console.log(tokenizer.decode([1, 2, 3]));
console.log(new Tokenizer(json, { clean_up_tokenization_spaces: false }).decode([1, 2, 3]), "(set to false)");
JS

cat > expected <<'TXT'
tokenizers 0.23.3
["cannot","do"]
a != b
@huggingface/tokenizers 0.2.0
["can","not","do"]
a!= b
a != b (set to false)
TXT
{ venv/bin/python encode.py; node encode.mjs; } > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
